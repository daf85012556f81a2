package source

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

var update = flag.Bool("update", false, "write the operator table and the golden sources")

func TestEveryOperatorHasACUDAFormOrAReason(t *testing.T) {
	for _, d := range op.Defs() {
		_, err := formOf(d)
		if why := Missing[d.Name]; (err == nil) == (why != "") {
			t.Errorf("%s: form: %v, reason in Missing: %q; want one of both", d.Name, err, why)
		}
	}
	for name := range Missing {
		if _, err := op.Lookup(name); err != nil {
			t.Errorf("Missing names %s: %v", name, err)
		}
	}
}

func TestAMissingFormIsAnErrorWithTheReason(t *testing.T) {
	_, err := For(op.MustLookup("Eig"), nil, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "Eig: has no CUDA form (eigenvalues") {
		t.Errorf("error %v", err)
	}
}

// The table of operators in docs/cuda.md is generated: go test ./engine/cuda/source -update
func TestTheTableOfOperatorsIsCurrent(t *testing.T) {
	const path = "../../../docs/cuda.md"
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := []byte("<!-- operators -->\n"), []byte("<!-- end -->")
	before, rest, ok := bytes.Cut(doc, begin)
	_, after, ok2 := bytes.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", path)
	}
	want := bytes.Join([][]byte{before, begin, []byte(Table()), end, after}, nil)
	if bytes.Equal(doc, want) {
		return
	}
	if !*update {
		t.Fatalf("%s is not current; run go test ./engine/cuda/source -update", path)
	}
	if err := os.WriteFile(path, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

// array is an array without memory.
func array(t engine.DType, s ...int) engine.Array {
	return engine.Array{DType: t, Shape: s, Strides: engine.Shape(s).Strides()}
}

// The text of a kernel: what stands before it is the library.
func TestKernelsLookLikeThis(t *testing.T) {
	x, row := array(engine.F32, 3, 5), array(engine.F32, 5)
	p, err := For(op.GELU, nil, []engine.Array{x}, []engine.Array{x})
	if err != nil {
		t.Fatal(err)
	}
	q, err := For(op.Mul, nil, []engine.Array{x}, []engine.Array{x, row.Expand(x.Shape)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := For(op.Sum, op.ReduceAttrs{Axes: []int{1}}, []engine.Array{array(engine.F32, 3)}, []engine.Array{x})
	if err != nil {
		t.Fatal(err)
	}
	got := p.Launches[0].Kernel.body + q.Launches[0].Kernel.body + r.Launches[0].Kernel.body
	const path = "testdata/kernels.golden"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("kernels are\n%s\nwant\n%s", got, want)
	}
}

func TestAxesThatAreOneForAllOperandsAreJoined(t *testing.T) {
	shape, st := collapse(engine.Shape{2, 1, 3, 4}, []int{12, 7, 4, 1}, []int{0, 0, 4, 1})
	if !shape.Equal(engine.Shape{2, 12}) || st[0][0] != 12 || st[0][1] != 1 || st[1][0] != 0 || st[1][1] != 1 {
		t.Errorf("shape %v, strides %v", shape, st)
	}
}

func TestLongReductionsAreSplit(t *testing.T) {
	x := array(engine.F32, 1<<20)
	p, err := For(op.Sum, op.ReduceAttrs{}, []engine.Array{array(engine.F32)}, []engine.Array{x})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Launches) != 2 || p.Launches[0].Grid[0] < 32 || len(p.Temps) != 1 {
		t.Errorf("the sum of 2²⁰ numbers takes %d launches, the first of %v blocks", len(p.Launches), p.Launches[0].Grid)
	}
}

func TestLargeProductsTakeTheTilesOfTheirGPU(t *testing.T) {
	for _, c := range []struct {
		target Target
		t      engine.DType
		n      int
		want   string
	}{
		{Target{}, engine.F32, 64, "Plain<4>"},
		{Target{}, engine.F32, 256, "Plain<8>"},
		{Target{Capability: 75}, engine.F16, 256, "Plain<8>"},
		{Target{Capability: 80}, engine.F16, 256, "Tensor"},
		{Target{Capability: 90}, engine.BF16, 64, "Tensor"},
		{Target{Capability: 90}, engine.F32, 256, "Plain<8>"},
		{Target{Capability: 90, TF32: true}, engine.F32, 256, "Tensor"},
		{Target{Capability: 90, TF32: true}, engine.F64, 256, "Plain<4>"},
	} {
		x := array(c.t, c.n, c.n)
		p, err := c.target.For(op.MatMul, nil, []engine.Array{x}, []engine.Array{x, x})
		if err != nil || !strings.Contains(p.Launches[0].Kernel.body, c.want) {
			t.Errorf("%v[%d %d] for %+v: want %s, error %v", c.t, c.n, c.n, c.target, c.want, err)
		}
	}
}
