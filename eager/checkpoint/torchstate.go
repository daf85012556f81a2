package checkpoint

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint/internal/pickle"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// storageTypes are PyTorch's names of our element types.
var storageTypes = map[string]engine.DType{
	"BoolStorage": engine.Bool, "ByteStorage": engine.U8, "CharStorage": engine.I8,
	"ShortStorage": engine.I16, "IntStorage": engine.I32, "LongStorage": engine.I64,
	"HalfStorage": engine.F16, "BFloat16Storage": engine.BF16, "FloatStorage": engine.F32,
	"DoubleStorage": engine.F64, "ComplexFloatStorage": engine.C64, "ComplexDoubleStorage": engine.C128,
}

func littleEndian64(b [8]byte) uint64 { return binary.LittleEndian.Uint64(b[:]) }

// persistent returns the storage that a pickle names as ("storage", type, key, device, elements).
func (t *torchFile) persistent(id any) (any, error) {
	tuple, ok := id.(pickle.Tuple)
	if !ok || len(tuple) < 5 || tuple[0] != "storage" {
		return nil, fmt.Errorf("an object outside of the pickle is named by a %T, want a storage", id)
	}
	name, _ := tuple[1].(pickle.Global)
	kind := strings.TrimPrefix(strings.TrimPrefix(string(name), "torch."), "cuda.")
	dtype, known := storageTypes[kind]
	if !known {
		return nil, fmt.Errorf("a storage is a %q; readable are %q", name,
			slices.Sorted(maps.Keys(storageTypes)))
	}
	key, ok1 := tuple[2].(string)
	numel, ok2 := tuple[4].(int64)
	if !ok1 || !ok2 || numel < 0 || numel > t.size {
		return nil, fmt.Errorf("storage %q has %v elements, the file %d bytes", key, numel, t.size)
	}
	if len(tuple) > 5 && tuple[5] != nil {
		return nil, fmt.Errorf("storage %q is a part of another one; save the tensor with .clone()", key)
	}
	if s := t.storages[key]; s != nil {
		if s.dtype != dtype || s.numel != int(numel) {
			return nil, fmt.Errorf("storage %q is %d of %v and %d of %v", key, s.numel, s.dtype, numel, dtype)
		}
		return s, nil
	}
	s := &storage{key: key, dtype: dtype, numel: int(numel)}
	t.storages[key], t.order = s, append(t.order, s)
	return s, nil
}

// tensorRef is a tensor whose storage may not have been read.
type tensorRef struct {
	storage *storage
	offset  int
	shape   engine.Shape
	strides []int
}

// rebuild is what the functions of PyTorch that make tensors return.
func rebuild(name string, args []any) (any, error) {
	switch name {
	case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor":
		return rebuildTensor(args)
	case "torch._utils._rebuild_parameter":
		if len(args) > 0 {
			if r, ok := args[0].(*tensorRef); ok {
				return r, nil
			}
		}
		return nil, fmt.Errorf("%s: there is no tensor", name)
	case "torch.Size", "torch.device":
		if len(args) > 0 {
			return args[0], nil
		}
		return nil, nil
	}
	return nil, fmt.Errorf("the file wants to call %s, which is not data; "+
		"save a state dict: torch.save(net.state_dict(), …)", name)
}

// rebuildTensor makes a tensor of (storage, offset, shape, strides, …). All its elements lie in the storage,
// and it has no more than that.
func rebuildTensor(args []any) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("a tensor has %d properties, want at least 4", len(args))
	}
	s, ok1 := args[0].(*storage)
	offset, ok2 := args[1].(int64)
	shape, ok3 := ints(args[2])
	strides, ok4 := ints(args[3])
	if !ok1 || !ok2 || !ok3 || !ok4 || len(shape) != len(strides) || len(shape) > 64 {
		return nil, fmt.Errorf("a tensor is made of %T, %T, %T and %T", args[0], args[1], args[2], args[3])
	}
	room := s.numel
	numel, last := 1, int(offset)
	if offset < 0 || int(offset) > room {
		return nil, fmt.Errorf("a tensor starts at element %d of %d", offset, room)
	}
	if slices.Contains(shape, 0) {
		numel, last = 0, last-1
	}
	for i, n := range shape {
		if n < 0 || n > 1<<40 || strides[i] < 0 {
			return nil, fmt.Errorf("a tensor has shape %v and strides %v", shape, strides)
		}
		if numel == 0 {
			continue
		}
		if n > room/numel || n > 1 && strides[i] > (room-last)/(n-1) {
			return nil, fmt.Errorf("a tensor of shape %v and strides %v is larger than its %d elements; "+
				"save it with .contiguous()", shape, strides, room)
		}
		numel *= n
		last += (n - 1) * strides[i]
	}
	if last >= room {
		return nil, fmt.Errorf("a tensor of shape %v and strides %v at %d ends beyond its %d elements", shape,
			strides, offset, room)
	}
	return &tensorRef{s, int(offset), shape, strides}, nil
}

func ints(v any) ([]int, bool) {
	t, ok := v.(pickle.Tuple)
	if !ok {
		return nil, false
	}
	out := make([]int, len(t))
	for i, x := range t {
		n, ok := x.(int64)
		if !ok {
			return nil, false
		}
		out[i] = int(n)
	}
	return out, true
}

// tensor returns the tensor on the storage, which has been read.
func (r *tensorRef) tensor() *eager.Tensor {
	return eager.FromArray(engine.Array{
		DType: r.storage.dtype, Shape: r.shape, Strides: r.strides, Offset: r.offset, Buf: r.storage.buf,
	})
}

// Limits of what a state dict is flattened to.
const (
	maxDepth = 64
	maxNames = 64 << 20 // bytes of all names
)

// flattener collects the leaves of nested dicts and lists.
type flattener struct {
	file  *File
	seen  map[string]bool
	names int
}

func flatten(root any) (*File, error) {
	f := flattener{file: &File{kind: "PyTorch", Metadata: map[string]string{}}, seen: map[string]bool{}}
	if err := f.visit("", root, 0); err != nil {
		return nil, err
	}
	return f.file, nil
}

func (f *flattener) visit(name string, v any, depth int) error {
	// Eight bytes stand for the visit itself, so that shared values do not multiply without a limit.
	if f.names += len(name) + 8; f.names > maxNames || depth > maxDepth {
		return fmt.Errorf("the state dict has more than %d levels or names of %d bytes", maxDepth, maxNames)
	}
	switch v := v.(type) {
	case *pickle.Dict:
		return f.dict(name, v, depth)
	case *pickle.List:
		return f.list(name, v.Items, depth)
	case pickle.Tuple:
		return f.list(name, v, depth)
	case nil:
		return nil
	}
	if name == "" {
		name = "value"
	}
	if f.seen[name] {
		return fmt.Errorf("two values have the name %q", name)
	}
	f.seen[name] = true
	switch v := v.(type) {
	case *tensorRef:
		f.file.Tensors = append(f.file.Tensors, nn.NamedTensor{Name: name, Tensor: v.tensor()})
	case bool, int64, pickle.Global:
		f.file.Metadata[name] = fmt.Sprint(v)
	case float64:
		f.file.Metadata[name] = strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		f.file.Metadata[name] = v
	default:
		return fmt.Errorf("%q is a %T, want tensors, numbers, text, and dicts and lists of them", name, v)
	}
	return nil
}

func (f *flattener) list(name string, items []any, depth int) error {
	for i, v := range items {
		if err := f.visit(dotted(name, strconv.Itoa(i)), v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattener) dict(name string, d *pickle.Dict, depth int) error {
	f.names += 8 * len(d.Keys)
	last := map[string]int{}
	keys := make([]string, len(d.Keys))
	for i, k := range d.Keys {
		switch k := k.(type) {
		case string:
			keys[i] = k
		case int64:
			keys[i] = strconv.FormatInt(k, 10)
		default:
			return fmt.Errorf("a dict in %q has a %T for a key, want text or an integer", name, k)
		}
		last[keys[i]] = i
	}
	for i, k := range keys {
		if last[k] != i {
			continue
		}
		if err := f.visit(dotted(name, k), d.Values[i], depth+1); err != nil {
			return err
		}
	}
	return nil
}

func dotted(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
