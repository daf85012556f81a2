package hdf5

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ramp is what testdata/make.py writes: i/7 in float32.
func ramp() []float32 {
	out := make([]float32, 60)
	for i := range out {
		out[i] = float32(i) / 7
	}
	return out
}

func open(t *testing.T, name string) *File {
	t.Helper()
	f, err := Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func read(t *testing.T, f *File, name string) *Data {
	t.Helper()
	d, err := f.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestReadsWhatH5pyWrites compares all types in files of the oldest and the newest form.
func TestReadsWhatH5pyWrites(t *testing.T) {
	for _, name := range []string{"earliest.h5", "latest.h5"} {
		f := open(t, name)
		for _, path := range []string{"plain", "deep/er/double", "big", "/plain"} {
			d := read(t, f, path)
			if fmt.Sprint(d.Shape) != "[5 3 4]" || !slices.Equal(d.Float32s(), ramp()) {
				t.Errorf("%s: %s is %v %v", name, path, d.Shape, d.Float32s())
			}
		}
		for path, want := range map[string][]float64{
			"bytes": {-3, -2, -1, 0, 1, 2, 3},
			"words": {0, 1, 2, 3, 4, 5, 6},
			"longs": {-1 << 40, 0, 1 << 40},
			"truth": {1, 0, 1},
		} {
			if got := read(t, f, path).Float64s(); !slices.Equal(got, want) {
				t.Errorf("%s: %s is %v, want %v", name, path, got, want)
			}
		}
		for i, v := range read(t, f, "deep/half").Float64s() {
			if d := v - float64(i)/7; d > 4e-3 || d < -4e-3 {
				t.Errorf("%s: half %d is %v", name, i, v)
			}
		}
	}
	f := open(t, "earliest.h5")
	if s := read(t, f, "text"); s.Text() != "lenet_iter_10.caffemodel.h5" || !s.IsText() || s.Float32s() != nil {
		t.Errorf("text is %q", s.Text())
	}
	if v := read(t, f, "group/19"); v.Shape == nil && len(v.Shape) != 0 || v.Float32s()[0] != 19 {
		t.Errorf("group/19 is %v %v", v.Shape, v.Float32s())
	}
	names, err := f.Names()
	if err != nil || len(names) != 29 || !slices.Contains(names, "deep/er/double") {
		t.Errorf("names are %q, %v", names, err)
	}
	if !f.Has("group") || f.Has("group/20") {
		t.Error("Has says otherwise")
	}
}

// TestReadsChunks compares compressed, sparse and many chunks by both kinds of index.
func TestReadsChunks(t *testing.T) {
	for _, name := range []string{"chunks.h5", "chunks_latest.h5"} {
		f := open(t, name)
		for _, path := range []string{"gzip", "one"} {
			if d := read(t, f, path); !slices.Equal(d.Float32s(), ramp()) {
				t.Errorf("%s: %s is %v", name, path, d.Float32s())
			}
		}
		if d := read(t, f, "lzf"); d.Len() != 200 || slices.ContainsFunc(d.Float32s(), func(v float32) bool { return v != 3 }) {
			t.Errorf("%s: lzf is %v", name, d.Float32s())
		}
		for i, v := range read(t, f, "many").Float32s() {
			if int(v) != i {
				t.Fatalf("%s: element %d of many is %v", name, i, v)
			}
		}
		if got := read(t, f, "sparse").Float32s(); !slices.Equal(got, []float32{9, 9, 9, 9, 1, 1, 1, 1, 9, 9, 9, 9}) {
			t.Errorf("%s: sparse is %v", name, got)
		}
	}
	if d := read(t, open(t, "chunks.h5"), "grows"); !slices.Equal(d.Float32s(), ramp()) {
		t.Errorf("grows is %v", d.Float32s())
	}
}

// TestWhatIsNotReadSaysSo asks for what the package leaves out, and for what is not there.
func TestWhatIsNotReadSaysSo(t *testing.T) {
	for _, c := range []struct{ file, path, want string }{
		{"refused.h5", "grows", "libver"},
		{"refused.h5", "variable", "variable length are not read"},
		{"refused.h5", "complex", "are not read"},
		{"dense.h5", "00", "fractal heap"},
		{"earliest.h5", "nothing", "there are big, bytes, deep"},
		{"earliest.h5", "deep", "a group where"},
		{"earliest.h5", "plain/x", "a data set where"},
	} {
		if _, err := open(t, c.file).Read(c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %q", c.file, c.path, err, c.want)
		}
	}
	if _, err := Open("testdata/make.py"); err == nil || !strings.Contains(err.Error(), "not an HDF5 file") {
		t.Errorf("a Python file: %v", err)
	}
}

func items() []Item {
	var out []Item
	for i := range 40 {
		out = append(out, Item{fmt.Sprintf("data/layer%d/0", i), []int{5, 3, 4}, ramp()})
	}
	return append(out,
		Item{"iter", []int{1}, []int32{-7}}, Item{"learned_net", nil, "a.caffemodel.h5"},
		Item{"double", []int{2}, []float64{1.5, -2}}, Item{"empty", []int{0, 3}, []float32{}})
}

// TestReadOfWriteIsTheSame also checks that groups of more than eight members are in order.
func TestReadOfWriteIsTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.h5")
	if err := Create(path, items()); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i := range 40 {
		if d := read(t, f, fmt.Sprintf("data/layer%d/0", i)); fmt.Sprint(d.Shape) != "[5 3 4]" || !slices.Equal(d.Float32s(), ramp()) {
			t.Errorf("layer %d is %v %v", i, d.Shape, d.Float32s())
		}
	}
	if d := read(t, f, "iter"); d.Float64s()[0] != -7 {
		t.Errorf("iter is %v", d.Float64s())
	}
	if d := read(t, f, "learned_net"); d.Text() != "a.caffemodel.h5" {
		t.Errorf("learned_net is %q", d.Text())
	}
	if d := read(t, f, "double"); !slices.Equal(d.Float64s(), []float64{1.5, -2}) {
		t.Errorf("double is %v", d.Float64s())
	}
	if d := read(t, f, "empty"); d.Len() != 0 || fmt.Sprint(d.Shape) != "[0 3]" {
		t.Errorf("empty is %v", d.Shape)
	}
	for _, bad := range [][]Item{
		{{"a", []int{2}, []float32{1}}},
		{{"a", nil, 3}},
		{{"a", nil, "x"}, {"a/b", nil, "x"}},
		{{"a", nil, "x"}, {"a", nil, "x"}},
	} {
		if err := Create(path, bad); err == nil {
			t.Errorf("%v is written", bad)
		}
	}
}

// FuzzRead feeds damaged files.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"earliest.h5", "latest.h5", "refused.h5", "dense.h5"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		names, _ := file.Names()
		for _, n := range names[:min(len(names), 20)] {
			if d, err := file.Read(n); err == nil {
				d.Float32s()
				_ = d.Text()
			}
		}
	})
}
