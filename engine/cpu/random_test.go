package cpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func moment(v []float64, f func(float64) float64) float64 {
	s := 0.0
	for _, x := range v {
		s += f(x)
	}
	return s / float64(len(v))
}

func TestRandomFillsHaveTheirMoments(t *testing.T) {
	g := engine.Generator{Seed: 42}
	n := engine.Shape{1 << 17}
	for _, dt := range []engine.DType{engine.F32, engine.F64} {
		d := engine.NewArray(dt, n)
		must(Uniform(d, g, -1, 3))
		v := values(d)
		if m := moment(v, func(x float64) float64 { return x }); math.Abs(m-1) > 0.02 {
			t.Errorf("uniform %v: mean %v", dt, m)
		}
		for _, x := range v {
			if x < -1 || x > 3 {
				t.Fatalf("uniform %v: %v is outside", dt, x)
			}
		}
		must(Normal(d, g, 2, 3))
		v = values(d)
		m := moment(v, func(x float64) float64 { return x })
		s := moment(v, func(x float64) float64 { return (x - m) * (x - m) })
		k := moment(v, func(x float64) float64 { return math.Pow((x-m)/3, 4) })
		if math.Abs(m-2) > 0.05 || math.Abs(s-9) > 0.2 || math.Abs(k-3) > 0.15 {
			t.Errorf("normal %v: mean %v, variance %v, fourth moment %v", dt, m, s, k)
		}
	}
	b := engine.NewArray(engine.F32, n)
	must(Bernoulli(b, g, 0.3))
	if m := moment(values(b), func(x float64) float64 { return x }); math.Abs(m-0.3) > 0.01 {
		t.Errorf("bernoulli: mean %v", m)
	}
	i := engine.NewArray(engine.I32, n)
	must(RandInt(i, g, -2, 3))
	if m := moment(values(i), func(x float64) float64 { return x * x }); math.Abs(m-2) > 0.05 {
		t.Errorf("integers: mean square %v", m)
	}
}

func TestRandomFillsDoNotDependOnThreadsOrStrides(t *testing.T) {
	g := engine.Generator{Seed: 1, Offset: 9}
	s := engine.Shape{300, 77}
	a := engine.NewArray(engine.F32, s)
	must(Normal(a, g, 0, 1))
	engine.SetThreads(3)
	defer engine.SetThreads(0)
	b := engine.NewArray(engine.F32, engine.Shape{77, 300}).Permute(1, 0)
	must(Normal(b, g, 0, 1))
	compare(t, "normal", values(b), values(a), 0)
}

func TestPermutationHoldsEveryNumberOnce(t *testing.T) {
	d := engine.NewArray(engine.I64, engine.Shape{1000})
	must(Permutation(d, engine.Generator{Seed: 3}))
	seen := make([]bool, 1000)
	fixed := 0
	for i, v := range d.I64() {
		if seen[v] {
			t.Fatalf("%d occurs twice", v)
		}
		seen[v] = true
		if int(v) == i {
			fixed++
		}
	}
	if fixed > 10 {
		t.Errorf("%d of 1000 numbers are in their place", fixed)
	}
}

func TestDropoutKeepsTheMean(t *testing.T) {
	x := engine.NewArray(engine.F32, engine.Shape{100000})
	must(Fill(x, 1))
	y, mask := engine.NewArray(engine.F32, x.Shape), engine.NewArray(engine.Bool, x.Shape)
	must(Dropout(y, mask, x, 0.25, engine.Generator{Seed: 8}))
	kept := values(mask)
	for i, v := range values(y) {
		if !near(v, kept[i]/0.75, 1e-6) {
			t.Fatal(fmt.Sprint("element ", i, " is ", v, " with mask ", kept[i]))
		}
	}
	if m := moment(values(y), func(x float64) float64 { return x }); math.Abs(m-1) > 0.02 {
		t.Errorf("mean %v", m)
	}
}

func TestRandomFillsAreThoseOfTheGeneratorAtEveryLevel(t *testing.T) {
	old := Level()
	defer func() { must(SetLevel(old)) }()
	g := engine.Generator{Seed: 0x123456789abcdef, Offset: 1<<32 - 3} // the counter carries
	for _, n := range []int{1, 2, 3, 5, 64, 1027, 5001} {
		s := engine.Shape{n}
		fills := []struct {
			name string
			t    engine.DType
			ulps float64 // the vector form of Normal rounds results that are right to 2⁻⁴⁰
			f    func(d engine.Array)
		}{
			{"uniform", engine.F32, 0, func(d engine.Array) { must(Uniform(d, g, -1, 3)) }},
			{"uniform", engine.F64, 0, func(d engine.Array) { must(Uniform(d, g, -1, 3)) }},
			{"normal", engine.F32, 1, func(d engine.Array) { must(Normal(d, g, 0, 1)) }},
			{"bernoulli", engine.Bool, 0, func(d engine.Array) { must(Bernoulli(d, g, 0.3)) }},
			{"integers", engine.I64, 0, func(d engine.Array) { must(RandInt(d, g, -5, 90)) }},
		}
		for _, c := range fills {
			must(SetLevel("portable"))
			want := engine.NewArray(c.t, s)
			c.f(want)
			for _, l := range Levels() {
				must(SetLevel(l))
				got := engine.NewArray(c.t, s)
				c.f(got)
				g, w := values(got), values(want)
				for i := range g {
					if g[i] != w[i] && !(c.ulps > 0 && ulps(float32(g[i]), w[i]) <= c.ulps) {
						t.Fatalf("%s %v of %d at %s: element %d is %v, want %v", c.name, c.t, n, l, i,
							g[i], w[i])
					}
				}
			}
		}
	}
}
