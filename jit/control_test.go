package jit

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

// branching uses both branches, a loop by values and a scan.
func branching(w tensor) func(x tensor) tensor {
	return func(x tensor) tensor {
		y := If(x.Sum().Gt(0),
			func() []tensor { return []tensor{x.Mul(w).Exp()} },
			func() []tensor { return []tensor{x.Sub(w)} })[0]
		s := While(
			func(s []tensor) tensor { return s[0].Sum().Lt(100) },
			func(s []tensor) []tensor { return []tensor{s[0].Mul(1.5).Add(w), s[1].Add(1)} },
			y.Abs(), w.Sum().Mul(0))
		last, ys := Scan(func(c, x tensor) (tensor, tensor) { c = c.Add(x); return c, c.Mul(c) }, s[1], s[0])
		return ys.Sum().Add(last)
	}
}

func TestTracedControlFlowFollowsValues(t *testing.T) {
	w := eager.Of(0.5, 1, 0.25)
	f := branching(w)
	g, err := Trace(f, eager.Of(1, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []tensor{eager.Of(1, 2, 3), eager.Of(-1, -2, 0.5), eager.Of(4, 4, 4), eager.Of(0, 0, 0)} {
		if want, have := f(x), g.Run(x)[0]; !eager.AllClose(have, want, 1e-6, 1e-6) {
			t.Errorf("%v: the graph gives %v, want %v", x, have, want)
		}
	}
	if text := g.String(); !strings.Contains(text, "If(") || !strings.Contains(text, "While(") {
		t.Errorf("the graph is\n%s", text)
	}
	w.Assign(eager.Of(1, 1, 1)) // constants are references
	if x := eager.Of(1, 2, 3); !eager.AllClose(g.Run(x)[0], f(x), 1e-6, 1e-6) {
		t.Errorf("after a change the graph gives %v, want %v", g.Run(x)[0], f(x))
	}
}

func TestBranchesThatLookAlikeStayApart(t *testing.T) {
	f := func(x tensor) tensor {
		p := x.Sum().Gt(0)
		same := func() []tensor { return []tensor{x} }
		a := If(p, func() []tensor { return []tensor{x.Exp()} }, same)[0]
		b := If(p, func() []tensor { return []tensor{x.Neg()} }, same)[0]
		return a.Add(b)
	}
	x := eager.Of(1, 2)
	g, err := Trace(f, x)
	if err != nil {
		t.Fatal(err)
	}
	if want, have := f(x), g.Run(x)[0]; !eager.AllClose(have, want, 0, 0) {
		t.Errorf("the graph gives %v, want %v", have, want)
	}
}

func TestCompiledControlFlowIsEqual(t *testing.T) {
	same(t, 10, 1e-6, func() world {
		return world{branching(eager.Of(0.5, 1, 0.25)), func(int) []tensor { return []tensor{eager.Randn(3)} }, none}
	})
}

func TestTracedBranchesAreChecked(t *testing.T) {
	w := eager.Ones(2)
	for what, c := range map[string]struct {
		then func(x tensor) tensor
		want string
	}{
		"types":    {func(x tensor) tensor { return x.Sum() }, "the branches differ"},
		"reads":    {func(x tensor) tensor { return x.Mul(x.Sum().Item()) }, "reads a value"},
		"random":   {func(x tensor) tensor { return x.Add(eager.Randn(2)) }, "draws random numbers"},
		"storage":  {func(x tensor) tensor { w.Assign(x); return x.Add(w) }, "changes storage"},
		"gradient": {func(x tensor) tensor { return x.Mul(eager.Ones(2).SetRequiresGrad(true)) }, "no gradient"},
	} {
		_, err := Trace(func(x tensor) tensor {
			return If(x.Sum().Gt(0), func() []tensor { return []tensor{c.then(x)} },
				func() []tensor { return []tensor{x.Neg()} })[0]
		}, eager.Ones(2))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", what, err, c.want)
		}
	}
}
