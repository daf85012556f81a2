package codegen

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// edges are values at which functions do something special.
var edges = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.625, -0.625, 88.7, -87.4, 104, -104, 1e-40, -1e-40, 3e38, -3e38,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 0.5, 1.5, 2.5, -2.5, 1e-10, 100.25,
}

// number64 is NaN, an edge or a normal number.
func number64(r *rand.Rand) float64 {
	if r.IntN(4) == 0 {
		return float64(edges[r.IntN(len(edges))])
	}
	return r.NormFloat64() * 3
}

func values(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(number64(r))
	}
	return x
}

// drawn returns n numbers of dtype t.
func drawn(r *rand.Rand, t engine.DType, n int) engine.Array {
	if t == engine.F32 {
		return engine.Of(engine.Shape{n}, values(r, n))
	}
	x := make([]float64, n)
	for i := range x {
		if x[i] = number64(r); r.IntN(20) == 0 {
			x[i] = []float64{5e-324, -5e-324, 1e-310, 1e308, -1e308, 709.9, -745.2, 710.5}[r.IntN(8)]
		}
	}
	return engine.Of(engine.Shape{n}, x)
}

// same reports whether a and b are the same number: NaN is NaN.
func same[T number](a, b T) bool {
	return a == b && math.Signbit(float64(a)) == math.Signbit(float64(b)) || a != a && b != b
}

// eachLevel runs f at every level of instructions that this machine has code for.
func eachLevel(t *testing.T, f func(t *testing.T, r *rand.Rand)) {
	old := cpu.Level()
	defer setLevel(t, old)
	for _, l := range cpu.Levels() {
		setLevel(t, l)
		t.Run(l, func(t *testing.T) {
			if probe := (&Loop{DType: engine.F32, Inputs: 1, Code: []Ins{{Def: op.Neg}}, Outputs: []int{1}}); !coded(probe) {
				t.Skip(probe.Interpreted())
			}
			f(t, rand.New(rand.NewPCG(1, 1)))
		})
	}
}

func setLevel(t *testing.T, name string) {
	if err := cpu.SetLevel(name); err != nil {
		t.Fatal(err)
	}
}

// coded reports whether l is machine code.
func coded(l *Loop) bool { return l.Interpreted() == "" }

// operators lists those that loops of t can hold, all or those that have machine code.
func operators(t engine.DType, code bool) (all []*op.Def) {
	for _, d := range op.Defs() {
		if Takes(d, t) && (!code || coded(&Loop{
			DType: t, Inputs: 2, Code: []Ins{{Def: d, B: 1}}, Outputs: []int{2},
		})) {
			all = append(all, d)
		}
	}
	return all
}

func TestMachineCodeOfEachOperatorIsTheInterpreter(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for dtype, least := range map[engine.DType]int{engine.F32: 26, engine.F64: 22} {
			all := operators(dtype, true)
			for _, d := range all {
				for _, n := range []int{1, 7, 15, 16, 17, 64, 1000, 20_000} {
					l := &Loop{DType: dtype, Inputs: 2, Code: []Ins{{Def: d, A: 0, B: 1}}, Outputs: []int{2}}
					compareBackEnds(t, l, n, []engine.Array{drawn(r, dtype, n), drawn(r, dtype, n)})
				}
			}
			if len(all) < least { // nothing that has machine code lost it
				t.Errorf("%d operators of %v have machine code", len(all), dtype)
			}
		}
	})
}

// compareBackEnds runs l by machine code and by the interpreter. Inputs with fewer values repeat.
func compareBackEnds(t *testing.T, l *Loop, n int, in []engine.Array) {
	t.Helper()
	slow := &Loop{DType: l.DType, Inputs: l.Inputs, Code: l.Code, Outputs: l.Outputs}
	slow.compiled.off = true
	a, b := outputs(l, n), outputs(l, n)
	l.Run(a, in)
	slow.Run(b, in)
	if l.DType == engine.F64 {
		differ[float64](t, l, a, b, in)
	} else {
		differ[float32](t, l, a, b, in)
	}
}

func outputs(l *Loop, n int) []engine.Array {
	ys := make([]engine.Array, len(l.Outputs))
	for i := range ys {
		ys[i] = engine.NewArray(l.DType, engine.Shape{n})
	}
	return ys
}

// differ fails where results of machine code are not those of the interpreter.
func differ[T number](t *testing.T, l *Loop, code, interpreted, in []engine.Array) {
	t.Helper()
	for k := range code {
		x, y := view[T](code[k]), view[T](interpreted[k])
		for i := range x {
			if !same(x[i], y[i]) {
				var inputs []T
				for _, a := range in {
					inputs = append(inputs, view[T](a)[i%a.Numel()])
				}
				t.Fatalf("%v: element %d of %d is %v by machine code, %v interpreted; inputs %v", l, i, len(x), x[i], y[i],
					inputs)
			}
		}
	}
}

// randomLoop draws a loop of some operators over values of dtype t.
func randomLoop(r *rand.Rand, t engine.DType, all []*op.Def, longest int) *Loop {
	l := &Loop{DType: t, Inputs: 1 + r.IntN(12)}
	for range 1 + r.IntN(longest) {
		n := l.Inputs + len(l.Code)
		l.Code = append(l.Code, Ins{Def: all[r.IntN(len(all))], A: r.IntN(n), B: r.IntN(n)})
	}
	last := l.Inputs + len(l.Code) - 1
	for v := l.Inputs; v < last; v++ {
		if r.IntN(6) == 0 {
			l.Outputs = append(l.Outputs, v)
		}
	}
	l.Outputs = append(l.Outputs, last)
	return l
}

func TestMachineCodeOfRandomLoopsIsTheInterpreter(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		count := 3000
		if testing.Short() {
			count = 300
		}
		for _, dtype := range []engine.DType{engine.F32, engine.F64} {
			all := operators(dtype, true)
			for range count / 2 {
				l := randomLoop(r, dtype, all, 32)
				n := 1 + r.IntN(100)
				in := make([]engine.Array, l.Inputs)
				for i := range in {
					if in[i] = drawn(r, dtype, n); r.IntN(3) == 0 {
						in[i] = drawn(r, dtype, 1)
					}
				}
				compareBackEnds(t, l, n, in)
			}
		}
	})
}
