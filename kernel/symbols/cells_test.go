package symbols_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols"
)

// both runs a test with each executor.
func both(t *testing.T, test func(t *testing.T, executor string)) {
	for _, name := range []string{"exact", "yaegi"} {
		t.Run(name, func(t *testing.T) { test(t, name) })
	}
}

func session(t *testing.T, executor string) (kernel.Executor, *check.Session) {
	lib := check.Open(symbols.Exports()...)
	x, err := kernel.NewExecutor(executor, kernel.ExecutorOptions{Symbols: symbols.Packages(), Library: lib})
	if err != nil {
		t.Fatal(err)
	}
	return x, check.New(x.FileSet(), lib, check.Options{Prelude: symbols.Prelude(), Has: x.Has})
}

func TestTensorsTrainInCells(t *testing.T) { both(t, tensorsTrainInCells) }

func tensorsTrainInCells(t *testing.T, executor string) {
	x, s := session(t, executor)
	for i, c := range []struct{ cell, fails string }{
		{"x := t.Randn(8, 3)\nx", ""},
		{"x.MatMul(x)", "MatMul: inner axes differ, 3 and 8 (x f32[8 3], y f32[8 3])"},
		{`type Net struct {
	nn.Base
	fc *nn.Linear
}
func NewNet() *Net {
	n := &Net{fc: nn.NewLinear(3, 1)}
	n.Add("fc", n.fc)
	return n
}
func (n *Net) Forward(x *t.Tensor) *t.Tensor { return n.fc.Forward(x) }
net := NewNet()
opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1})`, ""},
		{`first, last := 0.0, 0.0
for i := range 20 {
	loss := net.Forward(x).Sub(1).Square().Mean()
	if i == 0 {
		first = loss.Item()
	}
	last = loss.Item()
	opt.ZeroGrad()
	loss.Backward()
	opt.Step()
}
if !(last < first) {
	panic(fmt.Sprint(first, " ", last))
}`, ""},
		{"nn.NewSequential(net, nn.NewReLU()).Forward(x).Shape()", ""},
		{"if s := fmt.Sprint(net, \" \", *net); s != net.String()+\" \"+net.String() {\n	panic(s)\n}", ""},
		{"var lost *Net\nnn.NewSequential(net, lost)", "nn.NewSequential: layer 1 is nil; want a module"},
	} {
		p, err := s.Check(fmt.Sprint("cell ", i+1), c.cell)
		if err != nil {
			t.Fatal(err)
		}
		run, err := x.Prepare(p)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(p)
		out := run(context.Background())
		if msg := fmt.Sprint(out.Err); c.fails == "" && out.Err != nil || c.fails != "" && msg != c.fails {
			t.Errorf("%s: error %v, want %q", c.cell, out.Err, c.fails)
		}
	}
}

func TestTypeErrorsSpeakOfTensorsAsCellsDo(t *testing.T) { both(t, typeErrorsSpeakOfTensorsAsCellsDo) }

func typeErrorsSpeakOfTensorsAsCellsDo(t *testing.T, executor string) {
	_, s := session(t, executor)
	_, err := s.Check("cell 1", "x := t.Ones(2)\nx + x")
	want := "cell 1 line 2: invalid operation: operator + not defined on x (variable of type *t.Tensor); " +
		"use the method: x.Add(…)"
	if fmt.Sprint(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestTensorLoopIsInterrupted(t *testing.T) { both(t, tensorLoopIsInterrupted) }

func tensorLoopIsInterrupted(t *testing.T, executor string) {
	x, s := session(t, executor)
	p, err := s.Check("cell 1", "x := t.Randn(64, 64)\nfor { x = x.MatMul(x).Tanh() }")
	if err != nil {
		t.Fatal(err)
	}
	run, err := x.Prepare(p)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(p)
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { cancel(stop) })
	if out := run(ctx); out.Err == nil || !out.Err.Interrupted || out.Err.Msg != "stop" {
		t.Fatalf("outcome %+v", out.Err)
	}
	if p, err = s.Check("cell 2", "x.Size(0)"); err != nil {
		t.Fatal(err)
	}
	if run, err = x.Prepare(p); err != nil {
		t.Fatal(err)
	}
	if out := run(context.Background()); out.Err != nil || fmt.Sprint(out.Values) != "[64]" {
		t.Fatalf("after: %v, %v", out.Values, out.Err)
	}
}
