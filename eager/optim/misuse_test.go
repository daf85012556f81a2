package optim_test

import (
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

func params() []*eager.Tensor { return []*eager.Tensor{eager.Ones(2, 2).SetRequiresGrad(true)} }

func sgd() *optim.SGD { return optim.NewSGD(params(), optim.SGDOptions{LR: 0.1}) }

func wantMessage(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		switch r := recover().(type) {
		case nil:
			t.Errorf("no error, want %s…", want)
		case *engine.Error:
			if !strings.HasPrefix(r.Error(), want) {
				t.Errorf("got %v, want %s…", r, want)
			}
		default:
			t.Errorf("got the panic %v, want %s…", r, want)
		}
	}()
	f()
}

func TestOptimizersRefuseWhatTheyCannotTrain(t *testing.T) {
	lr := func(v float64) func() { return func() { optim.NewAdam(params(), optim.AdamOptions{LR: v}) } }
	for want, f := range map[string]func(){
		"optim: the learning rate is -1":   lr(-1),
		"optim: the learning rate is NaN":  lr(math.NaN()),
		"optim: the learning rate is +Inf": lr(math.Inf(1)),
		"optim: parameter 0 is nil":        func() { optim.NewSGD([]*eager.Tensor{nil}) },
		"optim: parameter 0 (i64[2]) is not floating-point": func() {
			optim.NewSGD([]*eager.Tensor{eager.FromInts([]int{1, 2})})
		},
		"optim: the momentum is -1":     func() { optim.NewSGD(params(), optim.SGDOptions{Momentum: -1}) },
		"optim: the weight decay is -1": func() { optim.NewSGD(params(), optim.SGDOptions{WeightDecay: -1}) },
		"optim.Adam: Eps is -1":         func() { optim.NewAdam(params(), optim.AdamOptions{Eps: -1}) },
		"optim.SetLR: the learning rate is -1": func() {
			sgd().SetLR(-1)
		},
		"optim.ClipGradNorm: the limit is -1":      func() { optim.ClipGradNorm(params(), -1) },
		"optim.ClipGradNorm: parameter 0 is nil":   func() { optim.ClipGradNorm([]*eager.Tensor{nil}, 1) },
		"optim.ClipGradValue: the limit is NaN":    func() { optim.ClipGradValue(params(), math.NaN()) },
		"optim.NewPlateau: the optimizer is nil":   func() { optim.NewPlateau(nil) },
		"optim.NewPlateau: Factor is 2":            func() { optim.NewPlateau(sgd(), optim.PlateauOptions{Factor: 2}) },
		"optim.NewPlateau: the optimizer has no p": func() { optim.NewPlateau(&optim.SGD{}) },
	} {
		wantMessage(t, want, f)
	}
}

func TestSchedulesRefuseNumbersThatGiveNoRate(t *testing.T) {
	for want, f := range map[string]func(){
		"optim: the optimizer is nil":                  func() { optim.NewStep(nil, 1, 0.1) },
		"optim: the optimizer has no parameters":       func() { optim.NewStep(&optim.SGD{}, 1, 0.1) },
		"optim.NewStep: the factor is -1":              func() { optim.NewStep(sgd(), 1, -1) },
		"optim.NewMultiStep: the factor is -1":         func() { optim.NewMultiStep(sgd(), nil, -1) },
		"optim.NewExponential: the factor is -1":       func() { optim.NewExponential(sgd(), -1) },
		"optim.NewConstant: the factor is NaN":         func() { optim.NewConstant(sgd(), math.NaN(), 1) },
		"optim.NewLinear: 0 epochs":                    func() { optim.NewLinear(sgd(), 0, 1, 0) },
		"optim.NewPolynomial: 0 epochs":                func() { optim.NewPolynomial(sgd(), 0, 1) },
		"optim.NewCosine: 0 epochs":                    func() { optim.NewCosine(sgd(), 0, 0) },
		"optim.NewLambda: the function is nil":         func() { optim.NewLambda(sgd(), nil) },
		"optim.NewCyclic: MaxLR is 0":                  func() { optim.NewCyclic(sgd(), optim.CyclicOptions{}) },
		"optim.NewSequential: 0 schedules":             func() { optim.NewSequential(sgd(), nil, nil) },
		"optim.NewSequential: schedule 0 is nil":       func() { optim.NewSequential(sgd(), []*optim.Schedule{nil}, nil) },
		"optim.SetEpoch: the epoch is -1; want a numb": func() { optim.NewStep(sgd(), 1, 0.1).SetEpoch(-1) },
	} {
		wantMessage(t, want, f)
	}
}

func TestOneCycleEndsWithItsSteps(t *testing.T) {
	s := optim.NewOneCycle(sgd(), optim.OneCycleOptions{MaxLR: 1, Steps: 10})
	for range 10 { // one call after each step, the last included
		s.Step()
	}
	wantMessage(t, "optim.OneCycle: step 11 of a cycle of 10", s.Step)
}

// plain is an optimizer as a user writes it.
type plain struct{ optim.Base }

func (p *plain) Step() {
	for _, g := range p.Groups() {
		for _, x := range g.Params {
			x.SetData(x.Detach().Sub(x.Grad().Mul(g.LR)))
		}
	}
}

func TestAnOptimizerThatEmbedsBaseIsSavedAndScheduled(t *testing.T) {
	o := &plain{}
	if o.LR() != 0 {
		t.Errorf("the rate without parameters is %v, want 0", o.LR())
	}
	o.AddGroup(optim.Group{Params: params(), LR: 0.5})
	s := optim.NewExponential(o, 0.5)
	s.Step()
	back := &plain{}
	back.AddGroup(optim.Group{Params: params(), LR: 1})
	if err := back.LoadStateDict(o.StateDict()); err != nil {
		t.Fatal(err)
	}
	if got, want := back.String(), "optimizer of 1 tensors with 4 values, learning rate 0.25"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestADamagedStateIsAnErrorAndChangesNothing(t *testing.T) {
	for _, e := range []nn.NamedTensor{
		{Name: "group.0.lr", Tensor: eager.Of(1, 2)},
		{Name: "group.0.lr", Tensor: eager.New(math.NaN())},
		{Name: "group.-1.lr", Tensor: eager.New(1.0)},
		{Name: "0.step", Tensor: eager.Zeros(3)},
		{Name: "7.step", Tensor: eager.New(1.0)},
	} {
		o := sgd()
		if err := o.LoadStateDict([]nn.NamedTensor{e}); err == nil {
			t.Errorf("%s %v: no error", e.Name, e.Tensor)
		}
		if o.LR() != 0.1 {
			t.Errorf("%s %v changed the learning rate to %v", e.Name, e.Tensor, o.LR())
		}
	}
}
