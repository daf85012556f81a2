package jit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/jit"
	"github.com/lathe-ml/lathe/jit/view"
)

// shown is what the page gets of a value.
func shown(t *testing.T, mime map[string]any) (title string, panes []view.Drawing) {
	t.Helper()
	b, err := json.Marshal(mime[view.Mime])
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Title string
		Panes []view.Drawing
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return d.Title, d.Panes
}

func shownNet() (*nn.Sequential, *eager.Tensor) {
	eager.Seed(3)
	return nn.NewSequential(nn.NewLinear(6, 8), nn.NewReLU(), nn.NewLinear(8, 2)), eager.Randn(4, 6)
}

func TestAGraphShowsItsOperatorsAndWhatTheyRead(t *testing.T) {
	net, x := shownNet()
	g, err := jit.Trace(func(x *eager.Tensor) *eager.Tensor { return net.Forward(x).Mul(2).Add(1).Tanh() }, x)
	if err != nil {
		t.Fatal(err)
	}
	_, panes := shown(t, g.Display().MIME)
	if len(panes) != 2 || panes[0].Name != "as it runs" || panes[1].Name != "as traced" {
		t.Fatalf("panes %+v", panes)
	}
	var kinds []string
	for _, b := range panes[0].Boxes {
		kinds = append(kinds, b.Kind+" "+b.Title+" "+strings.Join(b.Lines, "+"))
	}
	want := "input x0 ; op LinearReLU ; op Linear ; fused Fused Mul+Add+Tanh; output y0 "
	if have := strings.Join(kinds, "; "); have != want {
		t.Errorf("boxes\n%s\nwant\n%s", have, want)
	}
	if a := panes[0].Arrows; len(a) != 4 || a[0].From != 0 || a[0].To != 1 || a[0].Type != "f32[4 6]" {
		t.Errorf("arrows %+v", a)
	}
	if r := panes[0].Boxes[1].Reads; len(r) != 2 || !strings.Contains(r[0], "f32[8 6]") {
		t.Errorf("the first layer reads %q", r)
	}
}

func TestAProfileGivesEveryOperatorItsTime(t *testing.T) {
	net, x := shownNet()
	g, err := jit.Trace(net, x)
	if err != nil {
		t.Fatal(err)
	}
	p := g.Profile(5, x)
	_, panes := shown(t, p.Display().MIME)
	sum := 0.0
	for _, b := range panes[0].Boxes {
		if b.Kind == "op" && b.Micros <= 0 {
			t.Errorf("%s took no time", b.Title)
		}
		sum += b.Micros
	}
	if panes[0].Micros != sum || p.Total <= 0 || !strings.Contains(p.String(), "LinearReLU") {
		t.Errorf("%v: sum %v of %v", p, sum, panes[0].Micros)
	}
}

func TestACompiledFunctionShowsItsPrograms(t *testing.T) {
	net, x := shownNet()
	f := jit.Compile(net)
	if _, ok := f.Display().MIME[view.Mime]; ok {
		t.Error("a function that was not called has a graph")
	}
	for range 5 {
		f.Call(x)
	}
	title, panes := shown(t, f.Display().MIME)
	if len(panes) != 1 || !strings.Contains(title, "Sequential") || !strings.Contains(panes[0].Note, "a program of") {
		t.Errorf("%s: %+v", title, panes)
	}
}
