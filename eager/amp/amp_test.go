package amp_test

import (
	"math"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/amp"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

func TestAutocastComputesProductsShortAndLossesWide(t *testing.T) {
	eager.Seed(1)
	l := nn.NewLinear(8, 4)
	x := eager.Randn(3, 8)
	want := l.Forward(x)
	var y, sum, loss *eager.Tensor
	amp.Autocast(func() {
		y = l.Forward(x)
		sum = y.Add(eager.Ones(3, 4))
		loss = nn.MSE(y, eager.Zeros(3, 4).To(engine.BF16))
		amp.Off(func() { eager.AllClose(l.Forward(x), want, 0, 0) })
	})
	if y.DType() != engine.BF16 || sum.DType() != engine.F32 || loss.DType() != engine.F32 {
		t.Errorf("linear %v, sum with F32 %v, loss %v; want bf16, f32, f32", y.DType(), sum.DType(), loss.DType())
	}
	if !eager.AllClose(y.To(engine.F32), want, 1e-2, 2e-2) {
		t.Errorf("BF16 gives %v, F32 %v", y, want)
	}
	loss.Backward()
	if g := l.Weight.Grad(); g.DType() != engine.F32 {
		t.Errorf("the gradient of an F32 parameter is %v", g.DType())
	}
	if l.Forward(x).DType() != engine.F32 {
		t.Error("the rule holds after Autocast")
	}
	d := eager.Ones(2, 8).To(engine.F64)
	amp.Autocast(func() { d = d.MatMul(d.T()) })
	if d.DType() != engine.F64 {
		t.Errorf("a product of F64 is %v", d.DType())
	}
}

func TestAutocastHoldsForItsGoroutine(t *testing.T) {
	x := eager.Ones(2, 2)
	inside := make(chan engine.DType)
	amp.Autocast(func() {
		go func() { inside <- x.MatMul(x).DType() }()
		if d := <-inside; d != engine.F32 {
			t.Errorf("another goroutine computes in %v", d)
		}
	}, amp.Options{DType: engine.F16})
}

func TestEveryOperatorOfTheListsExists(t *testing.T) {
	short, full := amp.OpLists()
	if !slices.Contains(short, "Conv") || !slices.Contains(full, "CrossEntropy") || len(short) != 6 {
		t.Errorf("lists are %v and %v", short, full)
	}
}

// spirals are two classes that no line separates.
func spirals(n int) (x, y *eager.Tensor) {
	points, labels := make([]float32, 0, 4*n), make([]int, 0, 2*n)
	for i := range n {
		for c := range 2 {
			r := float64(i) / float64(n)
			a := 5*r + math.Pi*float64(c)
			points = append(points, float32(r*math.Cos(a)), float32(r*math.Sin(a)))
			labels = append(labels, c)
		}
	}
	return eager.FromFloat32s(points, 2*n, 2), eager.FromInts(labels)
}

func train(short bool, dtype engine.DType) (loss, accuracy float64) {
	eager.Seed(3)
	x, y := spirals(100)
	net := nn.NewSequential(nn.NewLinear(2, 64), nn.NewTanh(), nn.NewLinear(64, 64), nn.NewTanh(), nn.NewLinear(64, 2))
	opt := optim.NewAdam(net.Params(), optim.AdamOptions{LR: 5e-3})
	scaler := amp.NewScaler(amp.ScalerOptions{Disabled: dtype != engine.F16})
	for range 150 {
		opt.ZeroGrad()
		var l *eager.Tensor
		if forward := func() { l = nn.CrossEntropy(net.Forward(x), y) }; short {
			amp.Autocast(forward, amp.Options{DType: dtype})
		} else {
			forward()
		}
		scaler.Scale(l).Backward()
		scaler.Step(opt)
		scaler.Update()
		loss = l.Item()
	}
	return loss, nn.Accuracy(net.Forward(x), y)
}

func TestMixedPrecisionLearnsAsFullPrecisionDoes(t *testing.T) {
	full, best := train(false, engine.BF16)
	if best < 0.97 {
		t.Fatalf("F32 reaches %v only", best)
	}
	for _, d := range []engine.DType{engine.BF16, engine.F16} {
		if loss, accuracy := train(true, d); accuracy < 0.97 || math.Abs(loss-full) > 0.05 {
			t.Errorf("%v reaches loss %v and accuracy %v; F32 %v and %v", d, loss, accuracy, full, best)
		}
	}
}

func TestScalerSkipsStepsThatOverflowed(t *testing.T) {
	p, q := eager.Ones(2).SetRequiresGrad(true), eager.Ones(2).SetRequiresGrad(true)
	bad := optim.NewSGD([]*eager.Tensor{p}, optim.SGDOptions{LR: 1})
	good := optim.NewSGD([]*eager.Tensor{q}, optim.SGDOptions{LR: 1})
	s := amp.NewScaler(amp.ScalerOptions{Initial: 8, Interval: 2})
	s.Scale(p.Mul(math.Inf(1)).Sum().Add(q.Sum())).Backward()
	if s.Step(bad) || !s.Step(good) {
		t.Error("want the step of the overflowed optimizer left out, and that alone")
	}
	s.Update()
	if s.Factor() != 4 || p.At(0) != 1 || q.At(0) != 0 {
		t.Errorf("scale %v, parameters %v and %v; want 4, 1 and 0", s.Factor(), p.At(0), q.At(0))
	}
	for range 2 {
		good.ZeroGrad()
		s.Scale(q.Sum()).Backward()
		s.Unscale(good)
		if g := q.Grad().At(0); g != 1 {
			t.Errorf("the gradient is %v after Unscale, want 1", g)
		}
		s.Step(good)
		s.Update()
	}
	if s.Factor() != 8 {
		t.Errorf("scale %v after two good steps, want 8", s.Factor())
	}
	next := amp.NewScaler()
	if err := next.LoadStateDict(s.StateDict()); err != nil || next.Factor() != 8 {
		t.Errorf("restored scale %v (%v), want 8", next.Factor(), err)
	}
	if err := next.LoadStateDict(s.StateDict()[:1]); err == nil {
		t.Error("half a state is taken")
	}
}
