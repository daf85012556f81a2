package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// net is a graph with a weight, a state, a random operator and parameters of several kinds.
func net() *graph.Graph {
	b := graph.NewBuilder()
	f32 := func(s ...int) op.Type { return op.Type{DType: engine.F32, Shape: s} }
	x := b.Input("x", f32(2, 3))
	w := b.Constant("w", engine.Of(engine.Shape{4, 3}, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}))
	n := b.State("count", engine.Of(engine.Shape{1}, []float32{5}))
	y := b.Apply(op.ReLU, nil, b.Apply(op.Linear, nil, x, w)[0])[0]
	y = b.Apply(op.Clamp, op.ClampAttrs{Lo: 0.5, Hi: inf()}, y)[0]
	y = b.Apply(op.Sum, op.ReduceAttrs{Axes: []int{1}, Keep: true}, y)[0]
	y = b.Random(op.Dropout, op.DropoutAttrs{P: 0.25}, 8, y)[0]
	b.SetState(n, b.Apply(op.Add, nil, n, b.Number(engine.Of(nil, []int64{1})))[0])
	b.Output("y", y)
	g := b.Graph()
	g.Words = 12
	return g
}

func inf() float64 { x := 0.0; return 1 / x }

func TestGraphSurvivesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.lathe")
	g := net()
	if err := Save(path, g); err != nil {
		t.Fatal(err)
	}
	m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if d := graph.Diff(g, m.Graph()); d != "" {
		t.Errorf("the file changed the graph:\n%s", d)
	}
	ref, err := New(g)
	if err != nil {
		t.Fatal(err)
	}
	x := engine.Of(engine.Shape{2, 3}, []float32{1, -1, 2, 0, 3, 1})
	for i := range 3 {
		a, err1 := m.Run([]engine.Array{x})
		b, err2 := ref.Run([]engine.Array{x})
		if err1 != nil || err2 != nil || !bytes.Equal(contents(a[0]), contents(b[0])) {
			t.Fatalf("run %d: %v %v, errors %v %v", i, a, b, err1, err2)
		}
	}
	if n := m.Graph().States[0].Data.F32()[0]; n != 8 {
		t.Errorf("the state is %v after three runs, want 8", n)
	}
	if info := m.Info(); !strings.Contains(info, "weights 1 tensors with 12 values") {
		t.Errorf("info is\n%s", info)
	}
}

func TestDamagedFilesAreRefusedWithAReason(t *testing.T) {
	var buf bytes.Buffer
	if err := Write(&buf, net()); err != nil {
		t.Fatal(err)
	}
	good := buf.Bytes()
	for name, c := range map[string]struct {
		change func(b []byte) []byte
		want   string
	}{
		"empty":        {func(b []byte) []byte { return nil }, "not a graph file"},
		"version":      {func(b []byte) []byte { b[6] = '9'; return b }, "version"},
		"short header": {func(b []byte) []byte { return b[:60] }, "cut short"},
		"header bit":   {func(b []byte) []byte { b[50] ^= 1; return b }, "header is damaged"},
		"no data":      {func(b []byte) []byte { return b[:len(b)-128] }, "cut short"},
		"data bit": {func(b []byte) []byte {
			i := bytes.LastIndex(b, []byte{0, 0, 0x40, 0x41}) // 12 as float32
			b[i+3] ^= 1
			return b
		}, "checksum does not fit"},
	} {
		_, err := Read(c.change(bytes.Clone(good)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
}

func TestInputsAreChecked(t *testing.T) {
	m, err := New(net())
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range [][]engine.Array{
		nil, {engine.Zeros(engine.F64, engine.Shape{2, 3})}, {engine.Zeros(engine.F32, engine.Shape{3, 2})},
	} {
		if _, err := m.Run(in); err == nil {
			t.Errorf("inputs %v are accepted", in)
		}
	}
}

func FuzzRead(f *testing.F) {
	var buf bytes.Buffer
	if err := Write(&buf, net()); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes(), false)
	f.Add([]byte(magic), true)
	f.Fuzz(func(t *testing.T, b []byte, repair bool) {
		if repair && len(b) > headerAt {
			b = repaired(b)
		}
		m, err := Read(b)
		if err != nil {
			return
		}
		in := make([]engine.Array, len(m.g.Inputs))
		for i, x := range m.g.Inputs {
			t := m.g.Type(x.Value)
			if t.Shape.Numel() > 1<<20 {
				return
			}
			in[i] = engine.Zeros(t.DType, t.Shape)
		}
	})
}

// repaired makes the checksum of the header fit, so that the fuzzer gets past it.
func repaired(b []byte) []byte {
	b = bytes.Clone(b)
	copy(b, magic)
	n := len(b) - headerAt
	binary.LittleEndian.PutUint64(b[8:], uint64(n))
	binary.LittleEndian.PutUint32(b[16:], crc32.Checksum(b[headerAt:], castagnoli))
	return b
}

func TestParametersOfEveryOperatorSurvive(t *testing.T) {
	tried := 0
	for _, d := range op.Defs() {
		for _, c := range d.Cases() {
			if c.Attrs == nil {
				continue
			}
			tried++
			text, err := encodeAttrs(c.Attrs)
			if err != nil {
				t.Errorf("%s: %v", d.Name, err)
				continue
			}
			a, err := decodeAttrs(d, text)
			if err != nil || fmt.Sprintf("%#v", normal(a)) != fmt.Sprintf("%#v", normal(c.Attrs)) {
				t.Errorf("%s: %#v became %#v, error %v", d.Name, c.Attrs, a, err)
			}
		}
	}
	if tried < 100 {
		t.Errorf("%d cases have parameters", tried)
	}
}

// normal prints empty and missing lists alike.
func normal(a any) string { return fmt.Sprintf("%+v", a) }
