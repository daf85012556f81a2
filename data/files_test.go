package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// idx encodes values of any fixed-size type as IDX.
func idx(code byte, shape []uint32, values any) []byte {
	var b bytes.Buffer
	b.Write([]byte{0, 0, code, byte(len(shape))})
	_ = binary.Write(&b, binary.BigEndian, shape)
	_ = binary.Write(&b, binary.BigEndian, values)
	return b.Bytes()
}

func zipped(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(b)
	_ = w.Close()
	return z.Bytes()
}

func TestIDXTypesAreReadPlainAndZipped(t *testing.T) {
	for _, c := range []struct {
		code   byte
		values any
		dtype  engine.DType
		want   string
	}{
		{0x08, []uint8{1, 2, 3, 200, 5, 6}, engine.U8, "[1 2 3 200 5 6]"},
		{0x09, []int8{1, -2, 3, 4, 5, 6}, engine.I8, "[1 -2 3 4 5 6]"},
		{0x0b, []int16{1, -2, 3, 4, 5, 600}, engine.I16, "[1 -2 3 4 5 600]"},
		{0x0c, []int32{1, -2, 3, 4, 5, 1 << 30}, engine.I32, "[1 -2 3 4 5 1.073741824e+09]"},
		{0x0d, []float32{1.5, -2, 3, 4, 5, 6}, engine.F32, "[1.5 -2 3 4 5 6]"},
		{0x0e, []float64{1.25, -2, 3, 4, 5, 6}, engine.F64, "[1.25 -2 3 4 5 6]"},
	} {
		raw := idx(c.code, []uint32{2, 3}, c.values)
		for _, b := range [][]byte{raw, zipped(raw)} {
			x, err := DecodeIDX(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if x.DType() != c.dtype || x.Shape().String() != "[2 3]" || fmt.Sprint(x.Float64s()) != c.want {
				t.Errorf("%v %v, want %v %s", x.Array(), x.Float64s(), c.dtype, c.want)
			}
		}
	}
}

func TestBrokenIDXIsRefusedWithAReason(t *testing.T) {
	good := idx(0x08, []uint32{2, 3}, make([]uint8, 6))
	for want, b := range map[string][]byte{
		"ends within its header":    good[:9],
		"not an IDX file":           []byte("PK\x03\x04...."),
		"needs 6 bytes, the file h": good[:len(good)-1],
		"more data than the 6":      append(good[:len(good):len(good)], 0),
		"more than 1 TiB":           idx(0x0e, []uint32{1 << 31, 1 << 31, 1 << 31}, []uint8{}),
		"EOF":                       zipped(good)[:12],
	} {
		if _, err := DecodeIDX(bytes.NewReader(b)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func FuzzDecodeIDX(f *testing.F) {
	f.Add(idx(0x08, []uint32{2, 3}, make([]uint8, 6)))
	f.Add(idx(0x0d, []uint32{1}, []float32{1}))
	f.Add(idx(0x0e, []uint32{0, 5}, []uint8{}))
	f.Add(zipped(idx(0x0b, []uint32{2}, []int16{1, 2})))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := DecodeIDX(bytes.NewReader(b))
		if (x == nil) == (err == nil) {
			t.Errorf("tensor %v and error %v", x, err)
		}
	})
}

func TestMNISTIsTheRealThing(t *testing.T) {
	train, test := MNIST()
	if s := train.X.Array().String() + train.Y.Array().String(); s != "f32[8000 1 28 28]i64[8000]" {
		t.Errorf("training set %s", s)
	}
	if s := test.X.Array().String() + test.Y.Array().String(); s != "f32[2000 1 28 28]i64[2000]" {
		t.Errorf("test set %s", s)
	}
	counts := make([]int, 10)
	for _, c := range test.Y.Ints() {
		counts[c]++
	}
	for c, n := range counts {
		if n < 120 || n > 280 {
			t.Errorf("digit %d occurs %d times in the test set", c, n)
		}
	}
	var sum float64
	for _, v := range train.X.Float32s() {
		if v < 0 || v > 1 {
			t.Fatalf("pixel %v", v)
		}
		sum += float64(v)
	}
	if mean := sum / float64(train.X.Numel()); math.Abs(mean-0.1307) > 0.01 {
		t.Errorf("mean pixel %v, MNIST has 0.1307", mean)
	}
}

func TestFashionMNISTNamesTheFilesItMisses(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("train-images-idx3-ubyte", idx(8, []uint32{2, 1, 3}, []uint8{0, 255, 51, 0, 0, 0}))
	put("train-labels-idx1-ubyte.gz", zipped(idx(8, []uint32{2}, []uint8{9, 3})))
	put("t10k-images-idx3-ubyte.gz", zipped(idx(8, []uint32{1, 1, 3}, []uint8{1, 2, 3})))
	_, _, err := FashionMNIST(dir)
	if err == nil || !strings.Contains(err.Error(), "has no t10k-labels-idx1-ubyte or") {
		t.Fatalf("error %v", err)
	}
	put("t10k-labels-idx1-ubyte.gz", zipped(idx(8, []uint32{1}, []uint8{9})))
	train, test, err := FashionMNIST(dir)
	if err != nil {
		t.Fatal(err)
	}
	if train.X.Shape().String() != "[2 1 1 3]" || test.Len() != 1 || train.X.At(0, 0, 0, 1) != 1 ||
		fmt.Sprint(train.Y.Ints()) != "[9 3]" {
		t.Errorf("train %v %v", train.X, train.Y)
	}
	put("t10k-labels-idx1-ubyte.gz", zipped(idx(8, []uint32{2}, []uint8{9, 1})))
	if _, _, err := FashionMNIST(dir); err == nil || !strings.Contains(err.Error(), "u8[2]") {
		t.Errorf("labels that do not fit: error %v", err)
	}
}

const weather = "city,temp, wind,rain\nparis,20.5,3,no\nrome,NA,4,yes\noslo,-3,?,no\nrome,31,0,yes\n"

func TestCSVColumnsLabelsAndCategories(t *testing.T) {
	o := CSVOptions{Label: "rain", Categorical: []string{"city"}}
	w, err := DecodeCSV(strings.NewReader(weather), o)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(w.Features, w.Classes, w.Categories, w.Y.Ints()); got !=
		"[city temp wind] [no yes] map[city:[oslo paris rome]] [0 1 0 1]" {
		t.Errorf("table %s", got)
	}
	if got := fmt.Sprint(w.X.Float64s()); got != "[1 20.5 3 2 NaN 4 0 -3 NaN 2 31 0]" || w.X.DType() != eager.F64 {
		t.Errorf("X %s", got)
	}
	o.DropMissing, o.Columns = true, []string{"wind", "temp"}
	if w, err = DecodeCSV(strings.NewReader(weather), o); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(w.X.Float64s(), w.Y.Ints()); got != "[3 20.5 0 31] [0 1]" {
		t.Errorf("without missing rows: %s", got)
	}
}

func TestCSVLabelTypeFollowsTheValues(t *testing.T) {
	for in, want := range map[string]string{"3;1;2": "i64[3]", "3;1.5;2": "f64[3]", "a;1;a": "i64[3] 2 classes"} {
		text := "1," + strings.ReplaceAll(in, ";", "\n1,") + "\n"
		w, err := DecodeCSV(strings.NewReader(text), CSVOptions{NoHeader: true, Label: "c1"})
		if err != nil {
			t.Fatal(err)
		}
		got := w.Y.Array().String()
		if w.Classes != nil {
			got += fmt.Sprintf(" %d classes", len(w.Classes))
		}
		if got != want {
			t.Errorf("labels %s give %s, want %s", in, got, want)
		}
	}
}

func TestCSVErrorsNameLineAndColumn(t *testing.T) {
	for _, c := range []struct {
		text, want string
		o          CSVOptions
	}{
		{"", "the file is empty", CSVOptions{}},
		{"a,b\n", "there are no rows", CSVOptions{}},
		{"a,b\n1,x\n", `line 2 column 3 (b): "x" is not a number`, CSVOptions{}},
		{"a,b\n1,2\n1,2,3\n", "line 3 has 3 fields, the first line has 2", CSVOptions{}},
		{"a,b\n1,\"2\n", `parse error on line 2`, CSVOptions{}},
		{"a,b\n1,2\n", `no column "c"; columns: a, b`, CSVOptions{Label: "c"}},
		{"a,b\n1,NA\n", "line 2 column 3 (b): the label is missing", CSVOptions{Label: "b"}},
	} {
		_, err := DecodeCSV(strings.NewReader(c.text), c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzDecodeCSV(f *testing.F) {
	f.Add(weather, "rain")
	f.Add("a;b\n1;2", "")
	f.Add("\ufeffx\n1e400\n", "x")
	f.Fuzz(func(t *testing.T, text, label string) {
		w, err := DecodeCSV(strings.NewReader(text), CSVOptions{Label: label})
		if err == nil && (w.X.Size(0) != w.Len() || w.Y != nil && w.Y.Size(0) != w.Len()) {
			t.Errorf("X %v, Y %v", w.X, w.Y)
		}
	})
}

func TestEmbeddedTablesAreScikitLearns(t *testing.T) {
	for _, c := range []struct {
		t          *Table
		rows, cols int
		first, sum float64 // X[0, 0] and the sum of X, from scikit-learn 1.9.1
		classes    int
	}{
		{Iris(), 150, 4, 5.1, 2078.7, 3},
		{Wine(), 178, 13, 14.23, 159975.296, 3},
		{BreastCancer(), 569, 30, 17.99, 1056474.4596355995, 2},
		{Digits(), 1797, 64, 0, 561718, 10},
		{Diabetes(), 442, 10, 0.038075906433423026, 0, 0},
		{Linnerud(), 20, 3, 5, 4506, 0},
	} {
		if c.t.Len() != c.rows || len(c.t.Features) != c.cols || len(c.t.Classes) != c.classes ||
			c.t.X.Size(1) != c.cols || c.t.Y.Size(0) != c.rows {
			t.Errorf("%v", c.t)
		}
		sum := 0.0
		for _, v := range c.t.X.Float64s() {
			sum += v
		}
		if first := c.t.X.At(0, 0); math.Abs(first-c.first) > 1e-12 || math.Abs(sum-c.sum) > 1e-6*c.sum+1e-9 {
			t.Errorf("%v: first %v, sum %v; want %v, %v", c.t, first, sum, c.first, c.sum)
		}
	}
	if y := Linnerud().Y; y.Shape().String() != "[20 3]" || y.At(0, 0) != 191 {
		t.Errorf("linnerud target %v", y)
	}
	if y := Diabetes().Y; y.DType() != eager.F64 || y.At(0) != 151 {
		t.Errorf("diabetes target %v", y)
	}
}
