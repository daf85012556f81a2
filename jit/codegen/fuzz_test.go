package codegen

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// FuzzLoops draws a loop, shapes and layouts from a seed.
func FuzzLoops(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		eachLevel(t, func(t *testing.T, _ *rand.Rand) { tryLayouts(t, rand.New(rand.NewPCG(seed, 5))) })
	})
}

func TestRandomLoopsOverAnyLayoutAreTheInterpreter(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 2000 {
			tryLayouts(t, r)
		}
	})
}

// tryLayouts compares machine code and interpreter on a random loop over arrays of up to three axes: permuted,
// spaced, reversed, broadcast, at any offset. What lies around the outputs has to stay as it is.
func tryLayouts(t *testing.T, r *rand.Rand) {
	t.Helper()
	dtype := []engine.DType{engine.F32, engine.F64}[r.IntN(2)]
	l := randomLoop(r, dtype, operators(dtype, true), 12)
	shape := make(engine.Shape, 1+r.IntN(3))
	for i := range shape {
		if shape[i] = 1 + r.IntN(5); i == len(shape)-1 {
			shape[i] = 1 + r.IntN(40)
		}
	}
	in := make([]engine.Array, l.Inputs)
	for i := range in {
		in[i] = layout(r, dtype, shape)
	}
	results := func(off bool) (outs, whole []engine.Array) {
		l := &Loop{DType: l.DType, Inputs: l.Inputs, Code: l.Code, Outputs: l.Outputs}
		l.compiled.off = off
		for k := range l.Outputs {
			n := shape.Numel()
			w := drawn(rand.New(rand.NewPCG(uint64(k), 9)), dtype, n+40)
			y := w
			y.Shape, y.Strides, y.Offset = shape, engine.NewArray(dtype, shape).Strides, 3+k%5
			outs, whole = append(outs, y), append(whole, w)
		}
		l.Run(outs, in)
		return outs, whole
	}
	_, a := results(false)
	_, b := results(true)
	if dtype == engine.F64 {
		differ[float64](t, l, a, b, nil)
	} else {
		differ[float32](t, l, a, b, nil)
	}
}

// layout returns numbers of a shape that broadcasts to s, in a random order in memory.
func layout(r *rand.Rand, t engine.DType, s engine.Shape) engine.Array {
	shape, strides, offset, n := make(engine.Shape, len(s)), make([]int, len(s)), 0, 1
	for _, ax := range r.Perm(len(s)) {
		if shape[ax] = s[ax]; r.IntN(4) == 0 {
			shape[ax] = 1
		}
		if strides[ax] = n; r.IntN(4) == 0 {
			strides[ax] = 2 * n
		}
		n = strides[ax] * shape[ax]
		if r.IntN(6) == 0 {
			offset += strides[ax] * (shape[ax] - 1)
			strides[ax] = -strides[ax]
		}
	}
	start := r.IntN(9)
	a := drawn(r, t, start+n)
	a.Shape, a.Strides, a.Offset = shape, strides, start+offset
	return a
}

// TestLoopsOfManyValuesKeepThemAll has more values alive at once than there are registers: sums of pairs of 40
// functions of the input, the first with the last, whose terms are all computed before.
func TestLoopsOfManyValuesKeepThemAll(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, dtype := range []engine.DType{engine.F32, engine.F64} {
			l := &Loop{DType: dtype, Inputs: 12}
			for k := range 40 {
				l.Code = append(l.Code, Ins{Def: []*op.Def{op.Mul, op.Add, op.Maximum}[k%3], A: k % 12, B: (k*5 + 1) % 12})
			}
			sum := 12
			for k := range 39 {
				l.Code = append(l.Code, Ins{Def: op.Add, A: sum, B: 12 + 39 - k})
				sum = 12 + len(l.Code) - 1
			}
			l.Outputs = []int{20, sum}
			for n := range 3 * 16 {
				in := make([]engine.Array, l.Inputs)
				for i := range in {
					in[i] = drawn(r, dtype, max(1, (n+1)*((i+1)%3)))
					if in[i].Numel() > n+1 {
						in[i] = drawn(r, dtype, n+1)
					}
				}
				compareBackEnds(t, l, n+1, in)
			}
		}
	})
}

// TestLoopsWriteOverTheirInputs has outputs in the storage of inputs, the first written before others are read.
func TestLoopsWriteOverTheirInputs(t *testing.T) {
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		for _, n := range []int{1, 5, 8, 13, 16, 31, 1000} {
			x, y := make([]float32, n), make([]float32, n)
			for i := range n {
				x[i], y[i] = float32(i), float32(2*i+1)
			}
			l := &Loop{DType: engine.F32, Inputs: 2, Code: []Ins{
				{Def: op.Neg, A: 0}, {Def: op.Add, A: 0, B: 1}, {Def: op.Add, A: 3, B: 2},
			}, Outputs: []int{2, 4}}
			a, b := engine.Of(engine.Shape{n}, x), engine.Of(engine.Shape{n}, y)
			l.Run([]engine.Array{b, a}, []engine.Array{a, b}) // y = −x; x = x + y − x
			for i := range n {
				if y[i] != -float32(i) || x[i] != float32(2*i+1) {
					t.Fatalf("element %d of %d: %v, %v; want %v, %v", i, n, y[i], x[i], -i, 2*i+1)
				}
			}
		}
	})
}

// TestEdgesOfExpAreFiniteWhereTheyShouldBe looks at scales beyond the exponents of normal numbers, which AVX2
// reaches in two steps.
func TestEdgesOfExpAreFiniteWhereTheyShouldBe(t *testing.T) {
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		x := []float32{-104, -103, -100, -90, -87.4, -87.3, 0, 87, 88.7, 88.8, 104}
		y := make([]float32, len(x))
		l := &Loop{DType: engine.F32, Inputs: 1, Code: []Ins{{Def: op.Exp}}, Outputs: []int{1}}
		l.Run([]engine.Array{engine.Of(engine.Shape{len(x)}, y)}, []engine.Array{engine.Of(engine.Shape{len(x)}, x)})
		for i := range x {
			want := math.Exp(float64(x[i]))
			if got := float64(y[i]); math.Abs(got-want) > 2*math.Max(want*0x1p-24, 0x1p-149) && want < math.MaxFloat32 ||
				want >= math.MaxFloat32 && !math.IsInf(got, 1) {
				t.Errorf("exp(%v) is %v, want %v", x[i], got, want)
			}
		}
	})
}
