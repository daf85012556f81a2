package torch

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/optim"
)

// runSched compares learning rates and momenta of a schedule, gradient clipping, or an initialization.
func runSched(r record) error {
	switch {
	case r.has("scheduler"):
		return runSchedule(r)
	case r.has("util"):
		return runClip(r)
	}
	return runInit(r)
}

// schedGroup names a case of sched.
func schedGroup(r record) string {
	for _, f := range []string{"scheduler", "util"} {
		if r.has(f) {
			return r.str(f)
		}
	}
	return "init." + r.str("init")
}

func runSchedule(r record) error {
	v := map[string]any{}
	for _, f := range []string{"args", "base_lr", "momentum", "lrs", "momenta", "metrics"} {
		x, err := r.value(f)
		if err != nil {
			return err
		}
		v[f] = x
	}
	momentum := 0.0
	if v["momentum"] != nil {
		momentum = number64(v["momentum"])
	}
	p := eager.Zeros(1).SetRequiresGrad(true)
	opt := optim.NewSGD([]*tensor{p}, optim.SGDOptions{LR: number64(v["base_lr"]), Momentum: momentum})
	step := newSchedule(r, opt, v)
	momenta := list(v["momenta"])
	for i, want := range list(v["lrs"]) {
		if v["metrics"] != nil { // recorded after the step
			step(number64(list(v["metrics"])[i]))
		}
		if !near(opt.LR(), number64(want), 1e-9, 0) {
			return fmt.Errorf("learning rate %d is %v, want %v", i, opt.LR(), want)
		}
		if v["momenta"] != nil {
			if m := opt.Groups()[0].Momentum; !near(m, number64(momenta[i]), 1e-9, 0) {
				return fmt.Errorf("momentum %d is %v, want %v", i, m, momenta[i])
			}
		}
		if v["metrics"] == nil {
			step(0)
		}
	}
	return nil
}

// newSchedule returns what makes a step of the recorded schedule.
func newSchedule(r record, opt optim.Optimizer, v map[string]any) func(metric float64) {
	name := r.str("scheduler")
	if name == "ReduceLROnPlateau" {
		e := entry{"optimizer", func(c *call) any { return plateau(c, opt) }}
		p := e.call(1, nil, v["args"]).(*optim.Plateau)
		return p.Step
	}
	var s *optim.Schedule
	switch name {
	case "LambdaLR":
		s = optim.NewLambda(opt, formula(r.str("desc")))
	case "MultiplicativeLR":
		s = optim.NewMultiplicative(opt, formula(r.str("desc")))
	case "SequentialLR":
		s = inSequence(opt, r.str("desc"))
	case "ChainedScheduler":
		s = chained(opt, r.str("desc"))
	default:
		s = schedule(opt, name, nil, v["args"])
	}
	return func(float64) { s.Step() }
}

func schedule(opt optim.Optimizer, name string, args []any, kwargs any) *optim.Schedule {
	build, ok := schedules[name]
	if !ok {
		panic(unsupported("schedule"))
	}
	e := entry{"optimizer " + build.params, func(c *call) any {
		c.get("optimizer")
		return build.f(c, opt)
	}}
	return e.call(true, args, kwargs).(*optim.Schedule)
}

var schedules = map[string]struct {
	params string
	f      func(c *call, opt optim.Optimizer) *optim.Schedule
}{
	"StepLR": {"step_size gamma", func(c *call, opt optim.Optimizer) *optim.Schedule {
		return optim.NewStep(opt, c.int("step_size", 1), c.float("gamma", 0.1))
	}},
	"MultiStepLR": {"milestones gamma", func(c *call, opt optim.Optimizer) *optim.Schedule {
		return optim.NewMultiStep(opt, c.ints("milestones"), c.float("gamma", 0.1))
	}},
	"ExponentialLR": {"gamma", func(c *call, opt optim.Optimizer) *optim.Schedule {
		return optim.NewExponential(opt, c.float("gamma", 1))
	}},
	"CosineAnnealingLR": {"T_max eta_min", func(c *call, opt optim.Optimizer) *optim.Schedule {
		return optim.NewCosine(opt, c.int("T_max", 1), c.float("eta_min", 0))
	}},
	"CosineAnnealingWarmRestarts": {"T_0 T_mult eta_min", func(c *call,
		opt optim.Optimizer,
	) *optim.Schedule {
		return optim.NewCosineRestarts(opt, c.int("T_0", 1), c.int("T_mult", 1), c.float("eta_min", 0))
	}},
	"LinearLR": {"start_factor end_factor total_iters", func(c *call, opt optim.Optimizer) *optim.Schedule {
		// LinearLR(.2, 4) in a description of a sequence means start_factor and total_iters.
		return optim.NewLinear(opt, c.float("start_factor", 1.0/3), c.float("end_factor", 1),
			c.int("total_iters", 5))
	}},
	"ConstantLR": {"factor total_iters", func(c *call, opt optim.Optimizer) *optim.Schedule {
		return optim.NewConstant(opt, c.float("factor", 1.0/3), c.int("total_iters", 5))
	}},
	"PolynomialLR": {"total_iters power", func(c *call, opt optim.Optimizer) *optim.Schedule {
		return optim.NewPolynomial(opt, c.int("total_iters", 5), c.float("power", 1))
	}},
	"OneCycleLR": {"max_lr total_steps epochs steps_per_epoch", func(c *call,
		opt optim.Optimizer,
	) *optim.Schedule {
		steps := c.int("total_steps", 0)
		if steps == 0 {
			steps = c.int("epochs", 0) * c.int("steps_per_epoch", 0)
		}
		anneal := c.str("anneal_strategy", "cos")
		need(anneal == "cos" || anneal == "linear", "anneal_strategy")
		return optim.NewOneCycle(opt, optim.OneCycleOptions{
			MaxLR: c.float("max_lr", 0), Steps: steps, WarmUp: c.positive("pct_start", 0.3),
			Div: c.positive("div_factor", 25), FinalDiv: c.positive("final_div_factor", 1e4),
			Linear: anneal == "linear", ThreePhase: c.bool("three_phase", false),
			KeepMomentum: !c.bool("cycle_momentum", true),
			BaseMomentum: c.positive("base_momentum", 0.85), MaxMomentum: c.positive("max_momentum", 0.95),
		})
	}},
	"CyclicLR": {"base_lr max_lr step_size_up step_size_down", func(c *call,
		opt optim.Optimizer,
	) *optim.Schedule {
		o := optim.CyclicOptions{
			BaseLR: c.float("base_lr", 0), MaxLR: c.float("max_lr", 0), Up: c.int("step_size_up", 2000),
			Down: c.int("step_size_down", 0), KeepMomentum: !c.bool("cycle_momentum", true),
			BaseMomentum: c.positive("base_momentum", 0.8), MaxMomentum: c.positive("max_momentum", 0.9),
		}
		gamma := c.float("gamma", 1)
		switch mode := c.str("mode", "triangular"); mode {
		case "triangular":
		case "triangular2":
			o.Halving = true
		case "exp_range":
			o.Gamma = gamma
		default:
			panic(unsupported("mode"))
		}
		return optim.NewCyclic(opt, o)
	}},
}

func plateau(c *call, opt optim.Optimizer) *optim.Plateau {
	c.get("optimizer")
	o := optim.PlateauOptions{
		Factor: c.positive("factor", 0.1), Patience: c.int("patience", 10),
		Threshold: c.orNone("threshold", 1e-4), Cooldown: c.int("cooldown", 0),
		MinLR: c.float("min_lr", 0), Eps: c.positive("eps", 1e-8),
		Absolute: c.str("threshold_mode", "rel") == "abs", Max: c.str("mode", "min") == "max",
	}
	if o.Patience == 0 {
		o.Patience = -1 // none
	}
	return optim.NewPlateau(opt, o)
}

var stage = regexp.MustCompile(`^\s*(\w+)\(([^)]*)\)\s*$`)

// inSequence reads a description such as "LinearLR(.2,4)->CosineAnnealingLR(12)@4".
func inSequence(opt optim.Optimizer, desc string) *optim.Schedule {
	text, at, ok := strings.Cut(desc, "@")
	need(ok, "description "+desc)
	var milestones []int
	for _, m := range strings.Split(at, ",") {
		i, err := strconv.Atoi(strings.TrimSpace(m))
		need(err == nil, "description "+desc)
		milestones = append(milestones, i)
	}
	var parts []*optim.Schedule
	for _, p := range strings.Split(text, "->") {
		parts = append(parts, stageOf(opt, p))
	}
	return optim.NewSequential(opt, parts, milestones)
}

// chained reads a description such as "ConstantLR(.1,2)+ExponentialLR(.9)"; a star or a semicolon will do.
func chained(opt optim.Optimizer, desc string) *optim.Schedule {
	var parts []*optim.Schedule
	for _, p := range strings.FieldsFunc(desc, func(r rune) bool { return strings.ContainsRune("+*;", r) }) {
		parts = append(parts, stageOf(opt, p))
	}
	return optim.NewChained(opt, parts...)
}

// stageOf reads one schedule, such as "LinearLR(.2,4)".
func stageOf(opt optim.Optimizer, text string) *optim.Schedule {
	m := stage.FindStringSubmatch(text)
	need(m != nil, "description "+text)
	args := []any{}
	for _, a := range strings.Split(m[2], ",") {
		f, err := strconv.ParseFloat(strings.TrimSpace(a), 64)
		need(err == nil, "description "+text)
		args = append(args, f)
	}
	if m[1] == "LinearLR" && len(args) == 2 { // start_factor and total_iters
		args = []any{args[0], nil, args[1]}
	}
	return schedule(opt, m[1], args, nil)
}

// runClip compares clipping by norm.
func runClip(r record) error {
	util := r.str("util")
	need(util == "clip_grad_norm_" || util == "clip_grad_value_", "utility")
	v := map[string]any{}
	for _, f := range []string{"args", "grads", "total", "clipped"} {
		x, err := r.value(f)
		if err != nil {
			return err
		}
		v[f] = x
	}
	var params []*tensor
	for _, g := range tensorsOf(v["grads"]) {
		p := eager.ZerosLike(g).SetRequiresGrad(true)
		p.SetGrad(g.Clone())
		params = append(params, p)
	}
	args := list(v["args"])
	var p []float64
	for _, a := range args[1:] {
		p = append(p, number64(a))
	}
	if util == "clip_grad_value_" {
		optim.ClipGradValue(params, number64(args[0]))
	} else {
		total, want := optim.ClipGradNorm(params, number64(args[0]), p...), v["total"].(*tensor)
		if !near(total, want.Item(), pathTolerance.of(want.DType()), 0) {
			return fmt.Errorf("total norm is %v, want %v", total, want.Item())
		}
	}
	for i, p := range params {
		if err := equal(fmt.Sprintf("clipped gradient %d", i), p.Grad(), list(v["clipped"])[i],
			opsTolerance); err != nil {
			return err
		}
	}
	return nil
}
