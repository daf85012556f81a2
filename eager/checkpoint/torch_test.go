package checkpoint

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// want is what testdata/record.py saved.
var want = map[string]string{
	"t":                              "[[0. 3.]\n [1. 4.]\n [2. 5.]] f32[3 2]",
	"row":                            "[3. 4. 5.] f32[3]",
	"h":                              "[1. 2.] f16[2]",
	"b":                              "[1.5000] bf16[1]",
	"i":                              "-3 i64[]",
	"u":                              "[255] u8[1]",
	"m":                              "[ true false] bool[2]",
	"e":                              "[] f32[0 3]",
	"p":                              "[7.] f32[1]",
	"net.1.num_batches_tracked":      "1 i64[]",
	"opt.state.3.step":               "1. f32[]",
	"metadata epoch":                 "4",
	"metadata name":                  "ü",
	"metadata ok":                    "true",
	"metadata loss":                  "0.1",
	"metadata d":                     "torch.float32",
	"metadata opt.param_groups.0.lr": "0.01",
}

func TestStateDictsOfPyTorchAreRead(t *testing.T) {
	for _, path := range []string{"testdata/state.pt", "testdata/legacy.pt"} {
		f, err := LoadTorch(path)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, x := range f.Tensors {
			got[x.Name] = x.Tensor.String()
		}
		for k, v := range f.Metadata {
			got["metadata "+k] = v
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s is %q, want %q", path, k, got[k], v)
			}
		}
		if s := f.String(); !strings.HasPrefix(s, "PyTorch file of 29 tensors\nnet.0.weight f32[2 2]") {
			t.Errorf("%s: %s", path, s)
		}
		net := nn.NewSequential(nn.NewLinear(2, 2), nn.NewBatchNorm1D(2))
		if err := net.LoadStateDict(part(f.Tensors, "net.")); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if z, err := f.Tensor("z"); err != nil || engine.View[complex64](z.Array())[0] != 1+2i {
			t.Errorf("%s: z is %v, %v", path, z, err)
		}
		row, _ := f.Tensor("row")
		turned, _ := f.Tensor("t")
		if row.Array().Buf != turned.Array().Buf {
			t.Errorf("%s: tensors of one storage do not share it", path)
		}
	}
}

func TestModulesAndForeignFilesAreRefused(t *testing.T) {
	for path, want := range map[string]string{
		"testdata/module.pt":  "torch.nn.modules.container.Sequential, which is not data; save a state dict",
		"testdata/arrays.npz": "has no data.pkl",
		"testdata/one.npy":    "not a file of torch.save",
		"testdata":            "not a regular file",
		"testdata/none.pt":    "no such file",
	} {
		if _, err := LoadTorch(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want …%s…", path, err, want)
		}
	}
}

// legacy returns an old file whose state dict is made by the pickle operations, with four f32 at the end.
func legacy(operations string) []byte {
	const head = "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + "\x80\x02M\xe9\x03." + "\x80\x02}."
	keys, data := "\x80\x02].", []byte(nil)
	if strings.Contains(operations, "storage") {
		keys = "\x80\x02]X\x01\x00\x00\x00ka."
		data = append([]byte{4, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 16)...)
	}
	return append([]byte(head+"\x80\x02"+operations+"."+keys), data...)
}

// tensor returns the operations that make a tensor of the storage k.
func tensor(properties string) string {
	const storage = "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x00kX\x03\x00\x00\x00cpuK\x04tQ"
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + properties + "\x89}tR"
}

func TestHostilePicklesAreRefusedWithAReason(t *testing.T) {
	for _, c := range []struct{ name, ops, want string }{
		{"nothing wrong", tensor("K\x00K\x04\x85K\x01\x85"), ""},
		{"code", "cos\nsystem\nX\x02\x00\x00\x00ls\x85R", "wants to call os.system, which is not data"},
		{"object", "cos\nsystem\n)\x81", "wants to call os.system"},
		{"attributes", "cos\nsystem\n}b", "attributes are set on a pickle.Global"},
		{"expanded", tensor("K\x00K\xff\x85K\x00\x85"), "larger than its 4 elements"},
		{"huge", tensor("K\x00(\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\x02t(K\x01K\x01t"), "has shape"},
		{"beyond", tensor("K\x01K\x04\x85K\x01\x85"), "ends beyond its 4 elements"},
		{"offset", tensor("K\x05K\x00\x85K\x01\x85"), "starts at element 5 of 4"},
		{"negative", tensor("J\xff\xff\xff\xffK\x01\x85K\x01\x85"), "starts at element -1"},
		{"backwards", tensor("K\x00K\x02\x85J\xff\xff\xff\xff\x85"), "strides [-1]"},
		{"cycle", "]q\x00h\x00a", "more than 64 levels"},
		{"memo", "h\x07", "before it is set"},
		{"stack", "R", "lacks its operands"},
		{"two left", "NN", "the stack has 1 values left"},
		{"long text", "X\xff\xff\xff\xff", "cut short"},
		{"extension", "\x82\x01", "is not one of plain data"},
		{"key", "}NNs", "has a <nil> for a key"},
		{"twice", "}X\x03\x00\x00\x00a.bK\x01sX\x01\x00\x00\x00a}X\x01\x00\x00\x00bK\x02ss", `the name "a.b"`},
	} {
		b := legacy(c.ops)
		f, err := ReadTorch(bytes.NewReader(b), int64(len(b)))
		switch {
		case c.want == "" && (err != nil || fmt.Sprint(f.Tensors) != "[{value [0. 0. 0. 0.] f32[4]}]"):
			t.Errorf("%s: %v, %v", c.name, f, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want …%s…", c.name, err, c.want)
		}
	}
}

// TestSharedListsDoNotGrowWithoutLimit reads a pickle whose value has 10²⁰ leaves.
func TestSharedListsDoNotGrowWithoutLimit(t *testing.T) {
	ops := "]"
	for range 20 {
		ops = ops + "q\x00(" + strings.Repeat("h\x00", 10) + "l"
	}
	ops = "(" + ops + "t"
	b := legacy(ops)
	_, err := ReadTorch(bytes.NewReader(b), int64(len(b)))
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("error %v", err)
	}
}

func FuzzReadTorch(f *testing.F) {
	for _, path := range []string{"testdata/state.pt", "testdata/legacy.pt", "testdata/module.pt"} {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(legacy(tensor("K\x00K\x04\x85K\x01\x85")))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ReadTorch(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for _, x := range file.Tensors {
			if x.Tensor.Numel() > len(b) {
				t.Fatalf("%d elements from %d bytes", x.Tensor.Numel(), len(b))
			}
			x.Tensor.Contiguous()
		}
	})
}
