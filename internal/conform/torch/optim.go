package torch

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/optim"
)

// runOptim follows an optimizer for some steps and compares losses and parameters after each.
func runOptim(r record) error {
	e, ok := optimizers[r.str("optimizer")]
	if !ok {
		panic(unsupported("optimizer"))
	}
	v := map[string]any{}
	for _, f := range []string{"args", "data", "init", "steps", "losses", "params_per_step"} {
		x, err := r.value(f)
		if err != nil {
			return err
		}
		v[f] = x
	}
	data, _ := v["data"].(map[string]any)
	params := tensorsOf(v["init"])
	for _, p := range params {
		p.SetRequiresGrad(true)
	}
	loss := problem(r.str("problem"), data, params)
	opt := e.call(v["init"], nil, v["args"]).(optim.Optimizer)
	losses, want := list(v["losses"]), list(v["params_per_step"])
	tol := pathTolerance
	if _, ok := opt.(*optim.LBFGS); ok {
		tol = curvedTolerance
	}
	for i := range losses {
		l := step(opt, loss)
		if !near(l.Item(), number64(losses[i]), tol.of(l.DType()), 1e-3) {
			return fmt.Errorf("loss before step %d is %v, want %v", i+1, l.Item(), losses[i])
		}
		for k, p := range params {
			if err := equal(fmt.Sprintf("parameter %d after step %d", k, i+1), p, list(want[i])[k],
				tol); err != nil {
				return err
			}
		}
	}
	return nil
}

// step makes one step and returns the loss before it.
func step(opt optim.Optimizer, loss func() *tensor) *tensor {
	if o, ok := opt.(*optim.LBFGS); ok {
		return o.StepWith(loss)
	}
	opt.Self().ZeroGrad()
	l := loss()
	l.Backward()
	opt.Step()
	return l
}

func tensorsOf(v any) []*tensor {
	var r []*tensor
	for _, x := range list(v) {
		r = append(r, x.(*tensor))
	}
	return r
}

// problem is the loss that an optimizer was recorded on.
func problem(name string, data map[string]any, p []*tensor) func() *tensor {
	switch name {
	case "mlp": // mean((tanh(X·p0 + p1)·p2 + p3 − Y)²)
		x, y := data["X"].(*tensor), data["Y"].(*tensor)
		return func() *tensor {
			h := x.MatMul(p[0]).Add(p[1]).Tanh()
			return h.MatMul(p[2]).Add(p[3]).Sub(y).Square().Mean()
		}
	case "rosenbrock": // (1 − x)² + 100(y − x²)²
		return func() *tensor {
			x, y := p[0].Index(0), p[0].Index(1)
			return eager.New(float32(1)).To(x.DType()).Sub(x).Square().Add(y.Sub(x.Square()).Square().Mul(100))
		}
	}
	panic(unsupported("problem " + name))
}

// rate is the learning rate; Lathe's options take 0 for the default.
func (c *call) rate(otherwise float64) float64 { return c.positive("lr", otherwise) }

// positive is a number that must not be 0, because 0 means the default in Lathe.
func (c *call) positive(name string, otherwise float64) float64 {
	x := c.float(name, otherwise)
	need(x != 0, name+" 0")
	return x
}

// orNone is a number of which a negative value means 0 in Lathe, because 0 means the default.
func (c *call) orNone(name string, otherwise float64) float64 {
	if x := c.float(name, otherwise); x != 0 {
		return x
	}
	return -1
}

// pair is an argument of two numbers, such as betas.
func (c *call) pair(name string, a, b float64) (float64, float64) {
	switch v := c.get(name).(type) {
	case nil:
		return a, b
	case []any:
		if len(v) == 2 {
			return number64(v[0]), number64(v[1])
		}
	}
	panic(unsupported("argument " + name))
}

// adam reads the options of the Adam family.
func (c *call) adam(lr float64) optim.AdamOptions {
	o := optim.AdamOptions{
		LR: c.rate(lr), Eps: c.positive("eps", 1e-8), WeightDecay: c.float("weight_decay", 0),
		AMSGrad: c.bool("amsgrad", false), Decoupled: c.bool("decoupled_weight_decay", false),
		Maximize: c.bool("maximize", false),
	}
	o.Beta1, o.Beta2 = c.pair("betas", 0.9, 0.999)
	if o.Beta1 == 0 {
		o.Beta1 = -1 // none
	}
	need(o.Beta2 != 0, "a second beta of 0")
	return o
}

var optimizers = map[string]entry{
	"SGD": {"params lr", func(c *call) any {
		return optim.NewSGD(c.ts("params"), optim.SGDOptions{
			LR: c.rate(1e-3), Momentum: c.float("momentum", 0), Dampening: c.float("dampening", 0),
			WeightDecay: c.float("weight_decay", 0), Nesterov: c.bool("nesterov", false),
			Maximize: c.bool("maximize", false),
		})
	}},
	"Adam": {"params lr", func(c *call) any {
		return optim.NewAdam(c.ts("params"), c.adam(1e-3))
	}},
	"AdamW": {"params lr", func(c *call) any {
		o := c.adam(1e-3)
		if o.WeightDecay = c.float("weight_decay", 0.01); o.WeightDecay == 0 {
			o.WeightDecay = -1 // none
		}
		return optim.NewAdamW(c.ts("params"), o)
	}},
	"Adamax": {"params lr", func(c *call) any { return optim.NewAdamax(c.ts("params"), c.adam(2e-3)) }},
	"NAdam": {"params lr", func(c *call) any {
		o := c.adam(2e-3)
		o.MomentumDecay = c.positive("momentum_decay", 4e-3)
		return optim.NewNAdam(c.ts("params"), o)
	}},
	"RAdam": {"params lr", func(c *call) any { return optim.NewRAdam(c.ts("params"), c.adam(1e-3)) }},
	"RMSprop": {"params lr", func(c *call) any {
		return optim.NewRMSprop(c.ts("params"), optim.RMSpropOptions{
			LR: c.rate(1e-2), Alpha: c.positive("alpha", 0.99), Eps: c.positive("eps", 1e-8),
			Momentum: c.float("momentum", 0), WeightDecay: c.float("weight_decay", 0),
			Centered: c.bool("centered", false), Maximize: c.bool("maximize", false),
		})
	}},
	"Adagrad": {"params lr", func(c *call) any {
		return optim.NewAdagrad(c.ts("params"), optim.AdagradOptions{
			LR: c.rate(1e-2), LRDecay: c.float("lr_decay", 0), WeightDecay: c.float("weight_decay", 0),
			Initial: c.float("initial_accumulator_value", 0), Eps: c.positive("eps", 1e-10),
			Maximize: c.bool("maximize", false),
		})
	}},
	"LBFGS": {"params lr", func(c *call) any {
		search := c.str("line_search_fn", "")
		need(search == "" || search == "strong_wolfe", "line search "+search)
		return optim.NewLBFGS(c.ts("params"), optim.LBFGSOptions{
			LR: c.rate(1), Iterations: c.int("max_iter", 0), Evaluations: c.int("max_eval", 0),
			ToleranceGrad: c.positive("tolerance_grad", 1e-7), History: c.int("history_size", 0),
			ToleranceChange: c.positive("tolerance_change", 1e-9), StrongWolfe: search != "",
		})
	}},
	"Adadelta": {"params lr", func(c *call) any {
		return optim.NewAdadelta(c.ts("params"), optim.AdadeltaOptions{
			LR: c.rate(1), Rho: c.positive("rho", 0.9), Eps: c.positive("eps", 1e-6),
			WeightDecay: c.float("weight_decay", 0), Maximize: c.bool("maximize", false),
		})
	}},
}
