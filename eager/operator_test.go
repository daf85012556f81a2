package eager_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// maxout takes the largest of each group of neighbouring channels (Goodfellow et al. 2013).
func maxout(domain string, backward bool) *eager.Registered {
	split := func(p eager.Params, x *eager.Tensor) *eager.Tensor {
		k := p.Int("pieces", 2)
		return x.Reshape(x.Size(0), x.Size(1)/k, k)
	}
	o := eager.Operator{
		Domain: domain, Name: "Maxout",
		Shape: func(p eager.Params, in []op.Type) []op.Type {
			s, k := in[0].Shape, p.Int("pieces", 2)
			if len(s) != 2 || s[1]%k != 0 {
				engine.Fail("Maxout", "x is %v, want [batch channels] with a multiple of %d", s, k)
			}
			return []op.Type{{DType: in[0].DType, Shape: engine.Shape{s[0], s[1] / k}}}
		},
		Forward: func(p eager.Params, in []*eager.Tensor) []*eager.Tensor {
			y := split(p, in[0]).Max(2)
			return []*eager.Tensor{y}
		},
	}
	if backward {
		o.Backward = func(p eager.Params, in, out, dout []*eager.Tensor) []*eager.Tensor {
			largest := split(p, in[0]).Eq(out[0].Unsqueeze(2)).To(in[0].DType())
			return []*eager.Tensor{largest.Mul(dout[0].Unsqueeze(2)).Reshape(in[0].Shape()...)}
		}
	}
	return o.Register()
}

func TestOperatorsOfProgramsHaveGradients(t *testing.T) {
	eager.Seed(3)
	for name, backward := range map[string]bool{"own": true, "of Forward": false} {
		m := maxout("test."+name[:2], backward)
		f := func(in ...*eager.Tensor) *eager.Tensor {
			return m.Call(eager.Params{"pieces": 3}, in[0].Square())[0].Sum()
		}
		x := eager.Randn(4, 6).To(engine.F64).SetRequiresGrad(true)
		if err := eager.GradCheck(f, []*eager.Tensor{x}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := eager.GradCheck(f, []*eager.Tensor{x}, eager.GradCheckOptions{Second: true}); err != nil {
			t.Errorf("%s, twice: %v", name, err)
		}
	}
}

func TestParametersComeBackFromText(t *testing.T) {
	p := eager.Params{"n": 3, "x": 2.0, "on": true, "how": "a \"b\"", "list": []int{1, 2}, "w": []float64{1, 2.5}}
	q, err := p.Attrs().Params()
	if err != nil {
		t.Fatal(err)
	}
	if q.Int("n", 0) != 3 || q.Float("x", 0) != 2 || q["x"] != 2.0 || q["on"] != true || q.Text("how") != p["how"] ||
		len(q.Ints("list")) != 2 || q["w"].([]float64)[1] != 2.5 || p.Attrs() != q.Attrs() {
		t.Errorf("%v became %v", p, q)
	}
}

func TestWrongOperatorsOfProgramsSayWhatIsWrong(t *testing.T) {
	m := maxout("test.wrong", true)
	liar := eager.Operator{
		Domain: "test", Name: "Liar",
		Forward: func(_ eager.Params, in []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{in[0].Sum()} },
	}.Register()
	for want, f := range map[string]func(){
		"want [batch channels] with a multiple of 4": func() { m.Call(eager.Params{"pieces": 4}, eager.Ones(2, 6)) },
		"parameter k is struct {}":                   func() { m.Call(eager.Params{"k": struct{}{}}, eager.Ones(2, 6)) },
		"operand 0":                                  func() { m.Call(nil, nil) },
		"Shape says f32[2 6]":                        func() { liar.Call(nil, eager.Ones(2, 6)) },
		"want all three":                             func() { eager.Operator{Name: "x"}.Register() },
	} {
		if err := engine.Catch(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
