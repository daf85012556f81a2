package codegen

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// edges are values at which functions do something special.
var edges = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.625, -0.625, 88.7, -87.4, 104, -104, 1e-40, -1e-40, 3e38, -3e38,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 0.5, 1.5, 2.5, -2.5, 1e-10, 100.25,
}

func values(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		if x[i] = float32(r.NormFloat64() * 3); r.IntN(4) == 0 {
			x[i] = edges[r.IntN(len(edges))]
		}
	}
	return x
}

// sameBits reports whether a and b are the same number: NaN is NaN.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func TestMachineCodeOfEachOperatorIsTheInterpreter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	tried := 0
	for _, d := range op.Defs() {
		if !Takes(d, engine.F32) {
			continue
		}
		for _, n := range []int{1, 7, 15, 16, 17, 64, 1000, 20_000} {
			l := &Loop{DType: engine.F32, Inputs: 2, Code: []Ins{{Def: d, A: 0, B: 1}}, Outputs: []int{2}}
			if compile(l) == nil {
				continue
			}
			tried++
			compareBackEnds(t, l, n, [][]float32{values(r, n), values(r, n)})
		}
	}
	if compile(&Loop{DType: engine.F32, Inputs: 1, Code: []Ins{{Def: op.Neg}}, Outputs: []int{1}}) != nil && tried < 150 {
		t.Errorf("machine code of %d operators and sizes was tried", tried)
	}
}

// compareBackEnds runs l by machine code and by the interpreter. Inputs with fewer values repeat.
func compareBackEnds(t *testing.T, l *Loop, n int, in [][]float32) {
	t.Helper()
	arrays := make([]engine.Array, len(in))
	for i, x := range in {
		arrays[i] = engine.Of(engine.Shape{len(x)}, x)
	}
	out := func() []engine.Array {
		ys := make([]engine.Array, len(l.Outputs))
		for i := range ys {
			ys[i] = engine.NewArray(engine.F32, engine.Shape{n})
		}
		return ys
	}
	a, b := out(), out()
	slow := &Loop{DType: l.DType, Inputs: l.Inputs, Code: l.Code, Outputs: l.Outputs}
	slow.compiled.off = true
	l.Run(a, arrays)
	slow.Run(b, arrays)
	for k := range a {
		x, y := a[k].F32(), b[k].F32()
		for i := range x {
			if !sameBits(x[i], y[i]) {
				t.Fatalf("%v: element %d of %d is %v by machine code, %v interpreted; inputs %v", l, i, n, x[i], y[i],
					row(in, i))
			}
		}
	}
}

func row(in [][]float32, i int) (v []float32) {
	for _, x := range in {
		v = append(v, x[i%len(x)])
	}
	return v
}

// randomLoop draws a loop of operators that machine code has, or of any.
func randomLoop(r *rand.Rand, all []*op.Def) *Loop {
	l := &Loop{DType: engine.F32, Inputs: 1 + r.IntN(5)}
	for range 1 + r.IntN(20) {
		n := l.Inputs + len(l.Code)
		l.Code = append(l.Code, Ins{Def: all[r.IntN(len(all))], A: r.IntN(n), B: r.IntN(n)})
	}
	last := l.Inputs + len(l.Code) - 1
	l.Outputs = []int{last}
	if len(l.Code) > 3 && r.IntN(2) == 0 {
		l.Outputs = []int{l.Inputs + r.IntN(len(l.Code)-1), last}
	}
	return l
}

func TestMachineCodeOfRandomLoopsIsTheInterpreter(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var all []*op.Def
	for _, d := range op.Defs() {
		if l := (&Loop{DType: engine.F32, Inputs: 2, Code: []Ins{{Def: d, B: 1}}, Outputs: []int{2}}); Takes(d, engine.F32) &&
			compile(l) != nil {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		t.Skip("this processor has no machine code for loops")
	}
	for range 3000 {
		l := randomLoop(r, all)
		n := 1 + r.IntN(100)
		in := make([][]float32, l.Inputs)
		for i := range in {
			if in[i] = values(r, n); r.IntN(3) == 0 {
				in[i] = in[i][:1]
			}
		}
		compareBackEnds(t, l, n, in)
	}
}
