package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// precisions are the rules of goroutines.
var precisions scoped[func(*op.Def) engine.DType]

// WithPrecision runs f. The operators that it calls take their F16, BF16 and F32 operands in the dtype that
// rule names for them; Invalid leaves operands alone. Gradients flow through the conversions; gradient rules
// and optimizers are not concerned. It holds for the calling goroutine only; an inner rule replaces an
// outer one, and a nil rule switches it off. Package eager/amp has the rules for training.
func WithPrecision(rule func(d *op.Def) engine.DType, f func()) {
	if f == nil {
		engine.Fail("WithPrecision", "f is a nil func")
	}
	if rule == nil {
		rule = func(*op.Def) engine.DType { return engine.Invalid }
	}
	precisions.with(rule, f)
}

// precise returns the operands of d as the goroutine's rule wants them.
func precise(d *op.Def, in []*Tensor) []*Tensor {
	rule, ok := precisions.get()
	if !ok {
		return in
	}
	to := rule(d)
	if to == engine.Invalid {
		return in
	}
	out := make([]*Tensor, len(in))
	for i, x := range in {
		if out[i] = x; x != nil && !x.weak && x.arr.DType != to && isShort(x.arr.DType) {
			out[i] = x.To(to)
		}
	}
	return out
}

func isShort(d engine.DType) bool { return d == F32 || d == F16 || d == BF16 }

// Wide returns x in F32 if x is F16 or BF16 and the calling goroutine runs under WithPrecision: losses made of
// several operators keep their digits with it.
func Wide(x *Tensor) *Tensor {
	x.must("Wide")
	if x.arr.DType != F16 && x.arr.DType != BF16 {
		return x
	}
	if _, ok := precisions.get(); !ok {
		return x
	}
	return x.To(F32)
}
