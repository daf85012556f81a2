package optest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// fixed are operators whose cases keep their extents: a recurrence over more steps amplifies without
// bound what the last rounding differs by.
var fixed = []string{"RNN", "RNNGrad"}

// varied returns a case of c with other extents: equal extents stay equal, 1 stays 1, so that most
// rules still hold. Operands with given data keep the case as it is.
func varied(r *rand.Rand, d *op.Def, c op.Case) op.Case {
	given := func(v []float64) bool { return v != nil }
	if slices.Contains(fixed, d.Name) || slices.ContainsFunc(c.Data, given) {
		return c
	}
	extents, rank := map[int]int{1: 1}, 0
	for _, t := range c.In {
		rank = max(rank, len(t.Shape))
	}
	one := true // of the extents may be large
	v := c
	v.In = slices.Clone(c.In)
	for i, t := range c.In {
		v.In[i].Shape = t.Shape.Clone()
		for j, n := range t.Shape {
			if _, ok := extents[n]; !ok {
				switch k := r.IntN(10); {
				case k == 0:
					extents[n] = 0
				case k < 4 && one:
					extents[n], one = 48+r.IntN(600)>>max(rank-2, 0), false
				case k < 8:
					extents[n] = 1 + r.IntN(9)
				default:
					extents[n] = n
				}
			}
			v.In[i].Shape[j] = extents[n]
		}
	}
	return v
}

// sensible reports whether the rule takes the case and nothing in it is large.
func sensible(d *op.Def, c op.Case) bool {
	const most = 1 << 16
	res, err := d.Resolve(c.Attrs, c.In)
	for _, t := range slices.Concat(c.In, res.Out) {
		if err != nil || t.Shape.Numel() > most {
			return false
		}
	}
	return err == nil
}

// fuzzed draws the operands of a case, some of them strided, with special values in one of them where
// the operator works element by element.
func fuzzed(r *rand.Rand, d *op.Def, c op.Case) []engine.Array {
	in := operands(d, c)
	special := []float64{
		math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 0x1p-140, -0x1p-140, 90, -90,
	}
	chosen := r.IntN(len(in) + 1)
	for i, x := range in {
		if i == chosen && d.Elementwise && x.DType.IsFloat() && x.Numel() > 0 {
			v := floats(x)
			for range 1 + len(v)/7 {
				v[r.IntN(len(v))] = special[r.IntN(len(special))]
			}
			x = fromFloats(op.Type{DType: x.DType, Shape: x.Shape}, v)
		}
		if k := r.IntN(2 * len(layouts)); k < len(layouts) {
			x = layouts[k].of(x)
		}
		in[i] = x
	}
	return in
}

// magnitude is the largest finite element of the operands, at least 1: differences cancel at its scale.
func magnitude(in []engine.Array) float64 {
	m := 1.0
	for _, x := range in {
		for _, v := range floats(x) {
			if a := math.Abs(v); a > m && !math.IsInf(v, 0) {
				m = a
			}
		}
	}
	return m
}

func TestInstructionSetsAgreeOnEveryOperator(t *testing.T) {
	defer func(l string) {
		if err := cpu.SetLevel(l); err != nil {
			t.Fatal(err)
		}
	}(cpu.Level())
	r := rand.New(rand.NewPCG(3, 5))
	computed := 0
	for _, d := range op.Defs() {
		for _, base := range d.Cases() {
			for range 3 {
				c := varied(r, d, base)
				if !sensible(d, c) {
					c = base // the attributes fix the shape
				}
				in := fuzzed(r, d, c)
				computed += atEveryLevel(t, d, c, in)
			}
		}
	}
	if computed < 1000 {
		t.Errorf("only %d cases were computed", computed)
	}
}

// atEveryLevel compares the levels with the portable one, errors included, and returns the number of
// comparisons.
func atEveryLevel(t *testing.T, d *op.Def, c op.Case, in []engine.Array) int {
	t.Helper()
	levels, slack := cpu.Levels(), 2*magnitude(in) // either may be off by the tolerance
	var want []engine.Array
	var wantErr error
	for i, l := range levels {
		if err := cpu.SetLevel(l); err != nil {
			t.Fatal(err)
		}
		got, err := runSafely(t, d, c, in)
		if i == 0 {
			want, wantErr = got, err
			continue
		}
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%s %s at %s: error %v, portable %v", d.Name, c.Name, l, err, wantErr)
			continue
		}
		if err != nil {
			continue
		}
		what := strings.Join([]string{d.Name, c.Name, describe(in), "at", l}, " ")
		same(t, what, got, want, func(e engine.DType) float64 { return slack * tolerance(d, e) })
	}
	return len(levels) - 1
}

// runSafely turns a crash of a kernel into a failure that names the operator and the operands.
func runSafely(t *testing.T, d *op.Def, c op.Case, in []engine.Array) (
	out []engine.Array, err error,
) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s %+v of %s at %s crashes: %v", d.Name, c.Attrs, describe(in), cpu.Level(), p)
			err = fmt.Errorf("crash: %v", p)
		}
	}()
	return run(d, c.Attrs, c.In, in)
}

func describe(in []engine.Array) string {
	var s []string
	for _, x := range in {
		s = append(s, x.String())
	}
	return strings.Join(s, " ")
}
