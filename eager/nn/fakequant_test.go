package nn

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

func TestFakeQuantizeFollowsTheRange(t *testing.T) {
	f := NewFakeQuantize()
	x := eager.New([]float32{-1, 0, 0.5, 1.55}).SetRequiresGrad(true)
	y := f.Forward(x)
	if scale, zero := f.Steps(); scale < 0.00999 || scale > 0.01001 || zero != 100 {
		t.Errorf("steps of %v around %d, want 0.01 around 100", scale, zero)
	}
	if !eager.AllClose(y, x.Detach(), 0, 0.0051) || eager.AllClose(y, x.Detach(), 0, 0) && y.At(2) != 0.5 {
		t.Errorf("rounded to %v", y)
	}
	f.Forward(eager.New([]float32{-3, 1.55}))
	if low := f.Low.Item(); low > -1.019 || low < -1.021 {
		t.Errorf("the least is %v after 1 %% of −3, want −1.02", low)
	}
	f.Eval()
	f.Forward(eager.New([]float32{-100}))
	if f.Low.Item() < -2 {
		t.Error("evaluation changed the range")
	}
	y.Sum().Backward()
	if !eager.AllClose(x.Grad(), eager.Ones(4), 0, 0) {
		t.Errorf("the gradient is %v", x.Grad())
	}
}

func TestQuantAwareLayersTrainAndComeBack(t *testing.T) {
	eager.Seed(6)
	l := NewLinear(4, 3)
	q := NewQuantAware(l)
	x := eager.Randn(16, 4)
	y := q.Forward(x)
	if plain := l.Forward(x); !eager.AllClose(y, plain, 0, 0.03) {
		t.Errorf("8 bits give %v, want about %v", y, plain)
	}
	y.Square().Sum().Backward()
	if n := len(q.Params()); n != 2 || q.Params()[0].Grad() == nil {
		t.Fatalf("%d parameters, gradient %v", n, q.Params()[0].Grad())
	}
	w := q.Weights.Remove().(*Linear).Weight
	steps := w.Div(w.Abs().Max(1).Div(127).Unsqueeze(1))
	if d := steps.Sub(steps.Round()).Abs().Max().Item(); d > 1e-3 {
		t.Errorf("the weight is %v of a step beside whole steps", d)
	}
	if c := NewQuantAware(NewConvTranspose2D(2, 3, 3)).Forward(eager.Randn(1, 2, 4, 4)); c.Size(1) != 3 {
		t.Errorf("a transposed convolution gives %v", c.Type())
	}
}
