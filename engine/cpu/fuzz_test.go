package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// eachLevel runs f at every instruction set that this machine has.
func eachLevel(t *testing.T, f func(t *testing.T, r *rand.Rand)) {
	old := Level()
	defer func() { must(SetLevel(old)) }()
	for _, l := range Levels() {
		must(SetLevel(l))
		t.Run(l, func(t *testing.T) { f(t, rand.New(rand.NewPCG(7, 1))) })
	}
}

// strided returns an array of the given shape with random strides (permuted, spaced, reversed axes)
// and offset in a larger buffer.
func strided(r *rand.Rand, t engine.DType, s engine.Shape) engine.Array {
	perm := r.Perm(len(s))
	ext := make(engine.Shape, len(s))
	steps := make([]int, len(s))
	for i, p := range perm {
		steps[i] = 1
		if r.IntN(4) == 0 {
			steps[i] = 1 + r.IntN(3)
		}
		ext[i] = s[p]*steps[i] + r.IntN(2)*r.IntN(3)
	}
	base := engine.Zeros(t, append(engine.Shape{r.IntN(3) + 1}, ext...))
	a := base
	for i, p := range perm {
		if n := s[p]; n > 0 && r.IntN(5) == 0 {
			a = a.Slice(i+1, (n-1)*steps[i], -1, -steps[i])
		} else {
			a = a.Slice(i+1, 0, n*steps[i], steps[i])
		}
	}
	a = a.Slice(0, base.Shape[0]-1, base.Shape[0], 1)
	a.Shape, a.Strides = a.Shape[1:], a.Strides[1:]
	inverse := make([]int, len(s))
	for i, p := range perm {
		inverse[p] = i
	}
	if len(s) > 0 {
		a = a.Permute(inverse...)
	}
	return a
}

// random returns a strided or, half of the time, packed array of values from f.
func random(r *rand.Rand, t engine.DType, s engine.Shape, f func() float64) engine.Array {
	a := engine.NewArray(t, s)
	if r.IntN(2) == 0 {
		a = strided(r, t, s)
	}
	v := make([]float64, s.Numel())
	for i := range v {
		v[i] = f()
	}
	must(Copy(a, engine.Of(s, v)))
	return a
}

// output returns an array to compute into, strided half of the time.
func output(r *rand.Rand, t engine.DType, s engine.Shape) engine.Array {
	return random(r, t, s, func() float64 { return 77 })
}

// values returns the elements in row-major order, read one by one.
func values(a engine.Array) []float64 {
	out := make([]float64, 0, a.Numel())
	idx := make([]int, len(a.Shape))
	for range a.Numel() {
		pos := a.Offset
		for i, x := range idx {
			pos += x * a.Strides[i]
		}
		out = append(out, element(a, pos))
		for i := len(idx) - 1; i >= 0; i-- {
			if idx[i]++; idx[i] < a.Shape[i] {
				break
			}
			idx[i] = 0
		}
	}
	return out
}

func element(a engine.Array, pos int) float64 {
	switch a.DType {
	case engine.F32:
		return float64(whole[float32](&a)[pos])
	case engine.F64:
		return whole[float64](&a)[pos]
	case engine.I64:
		return float64(whole[int64](&a)[pos])
	case engine.I32:
		return float64(whole[int32](&a)[pos])
	case engine.I16:
		return float64(whole[int16](&a)[pos])
	case engine.I8:
		return float64(whole[int8](&a)[pos])
	case engine.F16:
		return float64(fromF16(whole[uint16](&a)[pos]))
	case engine.BF16:
		return float64(math.Float32frombits(uint32(whole[uint16](&a)[pos]) << 16))
	}
	return float64(whole[uint8](&a)[pos])
}

func shapes(r *rand.Rand) engine.Shape {
	s := make(engine.Shape, r.IntN(5))
	for i := range s {
		switch r.IntN(8) {
		case 0:
			s[i] = 1
		case 1:
			s[i] = 0
		case 2, 3:
			s[i] = 1 + r.IntN(70)
		default:
			s[i] = 1 + r.IntN(9)
		}
	}
	if s.Numel() > 1<<16 {
		s[0] = 2
	}
	return s
}

// part1 makes some extents of s one, and drops leading axes, so that the result broadcasts to s.
func part1(r *rand.Rand, s engine.Shape) engine.Shape {
	s = s.Clone()
	for i := range s {
		if r.IntN(4) == 0 {
			s[i] = 1
		}
	}
	return s[r.IntN(len(s)+1)*r.IntN(2):]
}

// broadcast returns the value of a at each row-major index of s.
func broadcast(a engine.Array, s engine.Shape) []float64 { return values(a.Expand(s)) }

func near(got, want, tol float64) bool {
	if math.IsNaN(want) || math.IsNaN(got) {
		return math.IsNaN(want) && math.IsNaN(got)
	}
	return got == want || math.Abs(got-want) <= tol*(1+math.Abs(want))
}

func compare(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !near(got[i], want[i], tol) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func describe(a ...engine.Array) string {
	s := ""
	for _, x := range a {
		s += fmt.Sprintf(" %v%v+%d", x, x.Strides, x.Offset)
	}
	return s
}
