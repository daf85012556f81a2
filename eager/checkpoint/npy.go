package checkpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// The .npy format: magic, version, length of the header, the header (a Python dict), and the elements.
// Source: numpy/lib/format.py, versions 1 to 3.
const (
	npyMagic     = "\x93NUMPY"
	maxNPYHeader = 1 << 16
	maxNPYRank   = 64
)

// descrs are NumPy's names of our element types, without the byte order.
var descrs = map[string]engine.DType{
	"b1": engine.Bool, "u1": engine.U8, "i1": engine.I8, "i2": engine.I16, "i4": engine.I32, "i8": engine.I64,
	"f2": engine.F16, "f4": engine.F32, "f8": engine.F64, "c8": engine.C64, "c16": engine.C128,
}

// npyDict matches the header; the keys may come in any order, so that each is looked for.
var (
	npyDict    = regexp.MustCompile(`^\{(?:\s*'\w+'\s*:\s*(?:'[^']*'|True|False|\([\d,L\s]*\))\s*,?)*\s*\}\s*$`)
	npyDescr   = regexp.MustCompile(`'descr'\s*:\s*'([<>|=]?)(\w+)'`)
	npyFortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape'\s*:\s*\(([^)]*)\)`)
)

// readNPY reads a .npy file of size bytes.
func readNPY(r io.Reader, size uint64) (*eager.Tensor, error) {
	text, used, err := readNPYHeader(r, size)
	if err != nil {
		return nil, err
	}
	h, err := parseNPY(text)
	if err != nil {
		return nil, err
	}
	n := h.dtype.Size()
	for _, d := range h.shape {
		n *= d // parseNPY has bounded the product
	}
	if uint64(n) != size-used {
		return nil, fmt.Errorf("%v%v needs %d bytes, the file has %d", h.dtype, h.shape, n, size-used)
	}
	buf := engine.NewBuffer(n)
	b := buf.Bytes()[:n]
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	if err := checkBools(h.dtype, b); err != nil {
		return nil, err
	}
	if h.big {
		swap(b, h.word())
	}
	strides := h.shape.Strides()
	if h.fortran {
		reversed := slices.Clone(h.shape)
		slices.Reverse(reversed)
		strides = reversed.Strides()
		slices.Reverse(strides)
	}
	return eager.FromArray(engine.Array{DType: h.dtype, Shape: h.shape, Strides: strides, Buf: buf}), nil
}

// readNPYHeader returns the text of the header and the bytes up to its end.
func readNPYHeader(r io.Reader, size uint64) (string, uint64, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:10]); err != nil || string(head[:6]) != npyMagic {
		return "", 0, fmt.Errorf("not a .npy file: it starts with %q", head[:6])
	}
	n, used := uint64(binary.LittleEndian.Uint16(head[8:])), uint64(10)
	switch head[6] {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(r, head[10:]); err != nil {
			return "", 0, err
		}
		n, used = uint64(binary.LittleEndian.Uint32(head[8:])), 12
	default:
		return "", 0, fmt.Errorf("version %d of the .npy format is not known; known are 1 to 3", head[6])
	}
	if n > maxNPYHeader || used+n > size {
		return "", 0, fmt.Errorf("the header has %d bytes, the file %d; at most %d are read", n, size,
			maxNPYHeader)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", 0, err
	}
	return string(b), used + n, nil
}

// npyArray is what a header says.
type npyArray struct {
	dtype        engine.DType
	big, fortran bool
	shape        engine.Shape
}

// word is the size of what the byte order is about.
func (h npyArray) word() int {
	if h.dtype == engine.C64 || h.dtype == engine.C128 {
		return h.dtype.Size() / 2
	}
	return h.dtype.Size()
}

func parseNPY(text string) (npyArray, error) {
	var h npyArray
	if strings.Contains(text, "'|O'") {
		return h, errors.New("the array holds Python objects, which are not data; save numbers")
	}
	descr, fortran := npyDescr.FindStringSubmatch(text), npyFortran.FindStringSubmatch(text)
	shape := npyShape.FindStringSubmatch(text)
	if !npyDict.MatchString(text) || descr == nil || fortran == nil || shape == nil {
		return h, fmt.Errorf("the header %q is not that of an array of numbers", text)
	}
	var ok bool
	if h.dtype, ok = descrs[descr[2]]; !ok {
		return h, fmt.Errorf("the elements are %q; readable are %q", descr[2],
			slices.Sorted(maps.Keys(descrs)))
	}
	h.big, h.fortran = descr[1] == ">", fortran[1] == "True"
	n := h.dtype.Size()
	h.shape = engine.Shape{}
	for _, f := range strings.Split(shape[1], ",") {
		if f = strings.TrimSuffix(strings.TrimSpace(f), "L"); f == "" {
			continue
		}
		d, err := strconv.ParseUint(f, 10, 40)
		if err != nil || n > 0 && d > 1<<50/uint64(n) || len(h.shape) == maxNPYRank {
			return h, fmt.Errorf("the shape (%s) is not possible", shape[1])
		}
		n *= int(d)
		h.shape = append(h.shape, int(d))
	}
	return h, nil
}

// swap reverses the bytes of each word.
func swap(b []byte, word int) {
	for ; len(b) >= word; b = b[word:] {
		slices.Reverse(b[:word])
	}
}

// npyHeader returns everything before the elements of x, padded to 64 bytes as NumPy does.
func npyHeader(x *eager.Tensor) ([]byte, error) {
	if x == nil {
		return nil, errors.New("the tensor is nil")
	}
	descr := ""
	for name, d := range descrs {
		if d == x.DType() {
			descr = name
		}
	}
	switch {
	case descr == "":
		return nil, fmt.Errorf("NumPy has no %v; convert with To(F32)", x.DType())
	case x.DType().Size() == 1:
		descr = "|" + descr
	default:
		descr = "<" + descr
	}
	var dims strings.Builder
	for _, n := range x.Shape() {
		fmt.Fprintf(&dims, "%d, ", n)
	}
	shape := dims.String()
	if len(x.Shape()) > 1 {
		shape = strings.TrimSuffix(shape, ", ")
	} else {
		shape = strings.TrimSuffix(shape, " ")
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape)
	for (len(text)+11)%64 != 0 {
		text += " "
	}
	text += "\n"
	head := append([]byte(npyMagic), 1, 0)
	return append(binary.LittleEndian.AppendUint16(head, uint16(len(text))), text...), nil
}

func writeNPY(w io.Writer, head []byte, x *eager.Tensor) error {
	if _, err := w.Write(head); err != nil {
		return err
	}
	return writeData(w, x)
}
