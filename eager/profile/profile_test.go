package profile

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// measured returns the profile of a training step.
func measured() *Report {
	eager.Seed(1)
	net := nn.NewSequential(nn.NewLinear(20, 30), nn.NewReLU(), nn.NewLinear(30, 5))
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1})
	x, y := eager.Randn(8, 20), eager.RandInt(0, 5, 8)
	return Run(func() {
		nn.CrossEntropy(net.Forward(x), y).Backward()
		opt.Step()
	})
}

func row(t *testing.T, r *Report, name string) Row {
	t.Helper()
	for _, row := range r.Rows() {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("no row %s in\n%v", name, r)
	return Row{}
}

func TestEveryOperatorOfAStepIsCounted(t *testing.T) {
	r := measured()
	if n := row(t, r, "SGDUpdate").Calls; n != 4 {
		t.Errorf("%d updates, want one for each of 4 parameters", n)
	}
	if n := row(t, r, "ReLU").Calls; n != 1 {
		t.Errorf("ReLU ran %d times, want 1", n)
	}
	if relu := row(t, r, "ReLU"); relu.Bytes != 8*30*4 || relu.Shapes != "f32[8 30]" {
		t.Errorf("ReLU made %d bytes from %s, want 960 from f32[8 30]", relu.Bytes, relu.Shapes)
	}
	if r.Peak() < 960 {
		t.Errorf("peak of %d bytes is less than one result", r.Peak())
	}
	for _, part := range []string{"ReLU", "Backward", "operators in"} {
		if !strings.Contains(r.String(), part) || !strings.Contains(r.Display().MIME["text/html"].(string), part) {
			t.Errorf("%q is not in the table", part)
		}
	}
}

func TestSelfTimeLeavesOutWhatRunsInside(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	r := report(at(0), at(20), []eager.Event{
		{Name: "b", Goroutine: 1, Start: at(2), End: at(5)},
		{Name: "c", Goroutine: 1, Start: at(5), End: at(6)},
		{Name: "other", Goroutine: 2, Start: at(3), End: at(9)},
		{Name: "a", Goroutine: 1, Start: at(1), End: at(10)},
		{Name: "d", Goroutine: 1, Start: at(12), End: at(13)},
	})
	for name, want := range map[string]int{"a": 5, "b": 3, "c": 1, "other": 6, "d": 1} {
		if got := row(t, r, name).Self; got != time.Duration(want)*time.Millisecond {
			t.Errorf("self time of %s is %v, want %d ms", name, got, want)
		}
	}
}

func TestTheTraceIsJSONWithAnEntryForEachOperator(t *testing.T) {
	r := measured()
	var b bytes.Buffer
	if err := r.WriteChrome(&b); err != nil {
		t.Fatal(err)
	}
	var trace struct {
		TraceEvents []struct {
			Name, Ph string
			TS, Dur  float64
		}
	}
	if err := json.Unmarshal(b.Bytes(), &trace); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range trace.TraceEvents {
		count[e.Ph]++
		if e.TS < 0 || e.Dur < 0 {
			t.Errorf("%s at %v for %v µs", e.Name, e.TS, e.Dur)
		}
	}
	if count["X"] != len(r.Events) || count["C"] != len(r.Events) {
		t.Errorf("entries %v, want %d of X and C", count, len(r.Events))
	}
}

func TestAProfileDoesNotChangeResults(t *testing.T) {
	step := func() []float64 {
		eager.Seed(3)
		x := eager.Randn(4, 5).SetRequiresGrad(true)
		x.Mul(x).Exp().Add(1).Sum().Backward()
		return x.Grad().To(engine.F64).Storage().F64()
	}
	want := step()
	var got []float64
	Run(func() { got = step() })
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("gradient %d is %v under a profile, %v without", i, got[i], want[i])
		}
	}
}

func TestOneProfileAtATime(t *testing.T) {
	p := Start()
	if err := engine.Catch(func() { Start() }); err == nil {
		t.Error("a second profile starts")
	}
	n := len(p.Stop().Events)
	eager.Ones(3).Exp()
	if len(p.Stop().Events) != n {
		t.Error("operators are counted after Stop")
	}
	Run(func() {}) // and the next can start
}

func TestFlameHasABarForEachOperatorInsideItsOwn(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(1000 + ms)) }
	r := report(at(0), at(100), []eager.Event{
		{Name: "Backward", Start: at(10), End: at(60), Goroutine: 1},
		{Name: "MatMul", Start: at(12), End: at(22), Goroutine: 1},
		{Name: "MatMul", Start: at(30), End: at(50), Goroutine: 1},
		{Name: "<ReLU>", Start: at(60), End: at(80), Goroutine: 1},
	})
	root := r.frames()
	back := root.inside[0]
	if len(root.inside) != 2 || back.name != "Backward" || len(back.inside) != 1 || back.inside[0].calls != 2 ||
		back.inside[0].total != 30*time.Millisecond || root.depth() != 3 {
		t.Errorf("the tree is %+v with %+v", root, back)
	}
	svg := r.Flame().MIME["text/html"].(string)
	for _, part := range []string{"MatMul: 2 calls, 30.000 ms, 30.0 %", "&lt;ReLU&gt;: 1 calls, 20.000 ms", `width="479.50"`} {
		if !strings.Contains(svg, part) {
			t.Errorf("%q is not in %s", part, svg)
		}
	}
	if measured().Flame().MIME["text/html"] == "" {
		t.Error("nothing to show for a real step")
	}
}
