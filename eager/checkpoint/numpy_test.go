package checkpoint

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

func TestArraysOfNumPyAreRead(t *testing.T) {
	f, err := LoadNPZ("testdata/arrays.npz")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a":   "[[0. 1. 2.]\n [3. 4. 5.]] f32[2 3]",
		"f":   "[[0. 1. 2.]\n [3. 4. 5.]] f32[2 3]",
		"big": "[[0. 1. 2.]\n [3. 4. 5.]] f64[2 3]",
		"s":   "-5 i64[]",
		"m":   "[ true false] bool[2]",
		"e":   "[] f16[0 3]",
	} {
		x, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.String(); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	z, err := f.Tensor("z")
	if err != nil || z.DType() != engine.C128 || engine.View[complex128](z.Array())[0] != 1+2i {
		t.Errorf("z is %v, %v", z, err)
	}
	for path, want := range map[string]string{
		"testdata/one.npy": "[1 2 3] i16[3]", "testdata/v2.npy": "[[0. 1. 2.]\n [3. 4. 5.]] f32[2 3]",
	} {
		if x, err := LoadNPY(path); err != nil || x.String() != want {
			t.Errorf("%s is %v, %v", path, x, err)
		}
	}
}

func TestFilesAreThoseThatNumPyWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := SaveNPY(path, eager.New([]int{1, 2, 3}).To(engine.I16)); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	want, _ := os.ReadFile("testdata/one.npy")
	if len(want) == 0 || !bytes.Equal(got, want) {
		t.Errorf("wrote %q\nwant  %q", got, want)
	}
}

func TestEveryDTypeSurvivesNPZ(t *testing.T) {
	var in []nn.NamedTensor
	for _, d := range descrs {
		if d == engine.C64 || d == engine.C128 { // which has few operations
			in = append(in, nn.NamedTensor{Name: d.String(), Tensor: complexOnes(d)})
			continue
		}
		x := eager.New([][]float64{{0, 1, 0}, {1, 0, 1}}).To(d)
		in = append(in,
			nn.NamedTensor{Name: d.String() + "/turned", Tensor: x.T()},
			nn.NamedTensor{Name: d.String() + "/scalar", Tensor: x.Index(1, 2)},
			nn.NamedTensor{Name: d.String() + "/empty", Tensor: x.Slice(1, 2, 2)})
	}
	path := filepath.Join(t.TempDir(), "x.npz")
	if err := SaveNPZ(path, in); err != nil {
		t.Fatal(err)
	}
	f, err := LoadNPZ(path)
	if err != nil || len(f.Tensors) != len(in) {
		t.Fatal(f, err)
	}
	for i, x := range in {
		if got, want := f.Tensors[i].Tensor.String(), x.Tensor.String(); got != want {
			t.Errorf("%s: %s, want %s", x.Name, got, want)
		}
	}
}

func complexOnes(d engine.DType) *eager.Tensor {
	if d == engine.C64 {
		return eager.FromArray(engine.Of(engine.Shape{2}, []complex64{1 + 2i, 3i}))
	}
	return eager.FromArray(engine.Of(engine.Shape{2}, []complex128{1 + 2i, 3i}))
}

// npy builds a file of n bytes of data.
func npy(dict string, n int) []byte {
	return append([]byte(npyMagic+"\x01\x00"+string(rune(len(dict)))+"\x00"+dict), make([]byte, n)...)
}

func TestBrokenArraysAreRefusedWithAReason(t *testing.T) {
	const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{nil, "not a .npy file"},
		{npy(good, 7), "needs 8 bytes, the file has 7"},
		{npy(good, 9), "needs 8 bytes, the file has 9"},
		{npy(strings.Replace(good, "f4", "u4", 1), 8), `the elements are "u4"`},
		{npy(strings.Replace(good, "2,", "-2,", 1), 8), "is not that of an array"},
		{npy(strings.Replace(good, "2,", "99999999999,9999999999", 1), 8), "is not possible"},
		{npy(good+"__import__('os')", 8), "is not that of an array"},
		{npy(strings.Replace(good, "(2,)", "f(2)", 1), 8), "is not that of an array"},
		{[]byte(npyMagic + "\x09\x00\x00\x00"), "version 9"},
		{[]byte(npyMagic + "\x02\x00\xff\xff\xff\xff"), "at most 65536"},
		{append(npy(strings.Replace(good, "<f4", "|b1", 1), 1), 7), "element 1 of a bool is 7"},
	} {
		_, err := readNPY(bytes.NewReader(c.b), uint64(len(c.b)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want …%s…", c.b, err, c.want)
		}
	}
	if _, err := LoadNPY("testdata/object.npy"); err == nil || !strings.Contains(err.Error(), "Python objects") {
		t.Errorf("error %v", err)
	}
	path := filepath.Join(t.TempDir(), "x")
	for want, err := range map[string]error{
		"NumPy has no bf16":  SaveNPY(path, eager.Ones(1).To(engine.BF16)),
		"the tensor is nil":  SaveNPZ(path, []nn.NamedTensor{{Name: "a"}}),
		`name "" is empty`:   SaveNPZ(path, []nn.NamedTensor{{Tensor: eager.Ones(1)}}),
		"the path is empty;": SaveNPY("", eager.Ones(1)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want …%s…", err, want)
		}
	}
}

func FuzzReadNPY(f *testing.F) {
	for _, path := range []string{"testdata/one.npy", "testdata/v2.npy", "testdata/object.npy"} {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := readNPY(bytes.NewReader(b), uint64(len(b)))
		if err == nil && x.Numel() > len(b) && x.Numel() > 0 {
			t.Fatalf("%d elements from %d bytes", x.Numel(), len(b))
		}
	})
}
