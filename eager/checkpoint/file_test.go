package checkpoint

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/internal/atomicfile"
)

func Example() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")

	net, copied := nn.NewLinear(3, 2), nn.NewLinear(3, 2)
	if err := Save(path, net.StateDict(), map[string]string{"epoch": "4"}); err != nil {
		fmt.Println(err)
	}
	file, err := Load(path)
	if err == nil {
		err = copied.LoadStateDict(file.Tensors)
	}
	x := eager.Ones(1, 3)
	fmt.Println(err, file.Metadata["epoch"], eager.AllClose(net.Forward(x), copied.Forward(x), 0, 0))
	// Output: <nil> 4 true
}

func TestEveryDTypeAndShapeSurvives(t *testing.T) {
	var in []nn.NamedTensor
	for _, d := range []engine.DType{
		engine.Bool, engine.U8, engine.I8, engine.I16, engine.I32, engine.I64,
		engine.F16, engine.BF16, engine.F32, engine.F64,
	} {
		x := eager.New([][]float64{{0, 1, 0}, {1, 0, 1}}).To(d)
		in = append(in,
			nn.NamedTensor{Name: d.String() + ".matrix", Tensor: x},
			nn.NamedTensor{Name: d.String() + ".transposed", Tensor: x.T()},
			nn.NamedTensor{Name: d.String() + ".row", Tensor: x.Index(1)},
			nn.NamedTensor{Name: d.String() + ".scalar", Tensor: x.Index(1, 2)},
			nn.NamedTensor{Name: d.String() + ".empty", Tensor: x.Slice(1, 2, 2)})
	}
	path := filepath.Join(t.TempDir(), "all.safetensors")
	if err := Save(path, in, map[string]string{"format": "pt", "ü": "ж"}); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors) != len(in) || f.Metadata["ü"] != "ж" {
		t.Fatalf("%d tensors, metadata %v", len(f.Tensors), f.Metadata)
	}
	for _, want := range in {
		got, err := f.Tensor(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got.DType() != want.Tensor.DType() || !eager.AllClose(got, want.Tensor, 0, 0) {
			t.Errorf("%s: %v, want %v", want.Name, got, want.Tensor)
		}
	}
}

// reference was written by the safetensors package 0.8.0 of Python: save({"w": f32 [2 2] of 1 2 3 4,
// "n": i64 [1] of 7}, metadata={"a": "b"}).
const reference = "iAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJhIjoiYiJ9LCJuIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOlsxXSwiZG" +
	"F0YV9vZmZzZXRzIjpbMCw4XX0sInciOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMl0sImRhdGFfb2Zmc2V0cyI6" +
	"WzgsMjRdfX0gBwAAAAAAAAAAAIA/AAAAQAAAQEAAAIBA"

func TestReferenceImplementationsFileIsRead(t *testing.T) {
	raw, err := base64.StdEncoding.DecodeString(reference)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ref")
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(f.Tensors, f.Metadata); got != "[{n [7] i64[1]} {w [[1. 2.]\n [3. 4.]] f32[2 2]}] map[a:b]" {
		t.Errorf("file %s", got)
	}
	again := filepath.Join(t.TempDir(), "again")
	if err := Save(again, f.Tensors, f.Metadata); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(again); len(b) != len(raw) || !bytes.Equal(b[len(b)-24:], raw[len(raw)-24:]) {
		t.Errorf("saved again:\n%q\nreference:\n%q", b, raw)
	}
}

// file builds a file from a header and n bytes of data.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

const one = `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`

func TestBrokenFilesAreRefusedWithAReason(t *testing.T) {
	for _, c := range []struct {
		name, want string
		b          []byte
	}{
		{"empty", "it has 0 bytes", nil},
		{"no header", "has 4 bytes", []byte{1, 2, 3, 4}},
		{"zip", "not a safetensors file", append([]byte("PK\x03\x04\x14\x00\x08\x08"), make([]byte, 100)...)},
		{"huge header", "at most 100000000", binary.LittleEndian.AppendUint64(nil, 1<<40)},
		{"header cut", "the file is cut short", file(one, 8)[:40]},
		{"data cut", "not a range within the 7 bytes", file(one, 7)},
		{"too much data", "end at byte 8, the data at 9", file(one, 9)},
		{"not JSON", "not a JSON object", file("[1]", 0)},
		{"cut JSON", "header:", file(one[:len(one)-1], 8)},
		{"two objects", "more than one JSON", file(one+"{}", 8)},
		{"twice", `"w" occurs twice`, file(`{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":{}}`, 0)},
		{"dtype", `dtype "F31" is unknown`, file(strings.Replace(one, "F32", "F31", 1), 8)},
		{"size", "needs 12 bytes", file(strings.Replace(one, "[2]", "[3]", 1), 8)},
		{"negative", "header:", file(strings.Replace(one, "[2]", "[-2]", 1), 8)},
		{"product", "is too large", file(strings.Replace(one, "[2]", "[4294967296,4294967296,2]", 1), 8)},
		{"backwards", "not a range", file(strings.Replace(one, "[0,8]", "[8,0]", 1), 8)},
		{"offsets", "not a range", file(strings.Replace(one, "[0,8]", "[0]", 1), 8)},
		{"gap", "bytes 0…4 of the data belong", file(strings.Replace(one, "[0,8]", "[4,12]", 1), 12)},
		{"overlap", "overlap", file(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},`+
			`"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}`, 6)},
		{"metadata", "__metadata__", file(`{"__metadata__":{"a":1}}`, 0)},
		{
			"bool", "element 1 of a BOOL is 7",
			append(file(`{"w":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}`, 0), 0, 7),
		},
		{"unreadable", "has dtype U32", file(`{"w":{"dtype":"U32","shape":[],"data_offsets":[0,4]}}`, 4)},
	} {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := os.WriteFile(path, c.b, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a directory was read")
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Add([]byte(one), uint64(8))
	f.Add([]byte(`{"__metadata__":{"a":"b"},"w":{"dtype":"U8","shape":[0,3],"data_offsets":[0,0]}}  `), uint64(0))
	f.Add([]byte(`{"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"b":`+
		`{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]}}`), uint64(12))
	f.Fuzz(func(t *testing.T, b []byte, size uint64) {
		entries, _, err := parseHeader(b, size)
		if err != nil {
			return
		}
		at := uint64(0)
		for _, e := range entries {
			n := sizes[e.DType]
			for _, d := range e.Shape {
				n *= d
			}
			if e.Span[0] != at || e.Span[1] != at+n {
				t.Fatalf("%v starts at %d", e, at)
			}
			at = e.Span[1]
		}
		if at != size {
			t.Fatalf("data ends at %d of %d", at, size)
		}
	})
}

func TestUnusableNamesAndTypesAreNotSaved(t *testing.T) {
	x := eager.Ones(2)
	for want, in := range map[string][]nn.NamedTensor{
		`name "a"`:            {{Name: "a", Tensor: x}, {Name: "a", Tensor: x}},
		`name ""`:             {{Name: "", Tensor: x}},
		`name "__metadata__"`: {{Name: "__metadata__", Tensor: x}},
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := Save(path, in, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("a file was written")
		}
	}
}

func TestInterruptedSaveKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := Save(path, []nn.NamedTensor{{Name: "w", Tensor: eager.Ones(2)}}, nil); err != nil {
		t.Fatal(err)
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 4<<20)); err != nil {
			return err
		}
		return fmt.Errorf("disk full")
	})
	if err == nil {
		t.Error("no error")
	}
	if f, err := Load(path); err != nil || len(f.Tensors) != 1 {
		t.Errorf("the old file: %v, %v", f, err)
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
	if err := Save(filepath.Join(dir, "no", "x"), nil, nil); err == nil {
		t.Error("saved into a folder that does not exist")
	}
}
