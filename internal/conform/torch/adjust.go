package torch

import (
	"maps"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// remark is what has to be known about a case that agrees; it is listed with the case.
type remark string

func (r remark) Error() string { return string(r) }

// adjustments prepare recorded values of operators before they are compared; each says what it changed,
// or returns nil.
var adjustments = map[string]func(root map[string]any) error{
	"masked.logaddexp":                           secondLimits,
	"nn.functional.scaled_dot_product_attention": findKept,
}

// secondLimits puts 0 in place of NaN in second gradients: beside −Inf PyTorch divides Inf by Inf where the
// limit is 0.
func secondLimits(root map[string]any) error {
	second, _ := root["second"].(map[string]any)
	grads, _ := second["grads"].(map[string]any)
	changed := false
	for name, g := range grads {
		if w, ok := g.(*tensor); ok && w.IsNaN().Any().Bools()[0] {
			grads[name], changed = eager.Where(w.IsNaN(), 0, w), true
		}
	}
	if changed {
		return remark("second gradients beside −Inf are 0 here, the limit, and NaN there")
	}
	return nil
}

// findKept finds the weights of attention that PyTorch's dropout kept and adds them to the arguments as
// keep: for each query the one set of keys of all sets that gives the recorded result.
func findKept(root map[string]any) error {
	kwargs, _ := root["kwargs"].(map[string]any)
	args := list(root["args"])
	if p, _ := kwargs["dropout_p"].(float64); p == 0 || len(args) != 2 {
		return nil
	}
	c := &call{args: maps.Clone(kwargs), read: map[string]bool{}}
	c.args["query"], c.args["key"], c.args["value"] = root["input"], args[0], args[1]
	weights, value := weightsAndValues(c)
	keys, width, queries := value.Size(-2), value.Size(-1), weights.Size(-2)
	need(keys <= 12, "dropout of the weights of more than 12 keys")
	w, v, want := weights.Float64s(), value.Float64s(), root["output"].(*tensor).Float64s()
	kept := make([]bool, len(w))
	for row := range len(w) / keys {
		of := v[row/queries*keys*width:][:keys*width]
		if !keptOf(w[row*keys:][:keys], of, want[row*width:][:width], kept[row*keys:][:keys]) {
			return nil // the comparison says so
		}
	}
	kwargs["keep"] = eager.New(kept).Reshape(weights.Shape()...)
	return remark("the weights that dropout kept are those that explain PyTorch's result")
}

// keptOf finds the set of weights whose sum of values is nearest to want: one bit decides about weights of
// 1e-12, too. It reports whether that is near.
func keptOf(w, values, want []float64, kept []bool) bool {
	best, least := 0, math.Inf(1)
	for set := range 1 << len(w) {
		if d := distance(w, values, want, set); d < least {
			best, least = set, d
		}
	}
	for i := range kept {
		kept[i] = best>>i&1 == 1
	}
	return least < 1e-9
}

// distance is the largest difference between want and the sum of the values in set.
func distance(w, values, want []float64, set int) (most float64) {
	for e, y := range want {
		sum := 0.0
		for i, x := range w {
			if set>>i&1 == 1 {
				sum += x * values[i*len(want)+e]
			}
		}
		most = max(most, math.Abs(sum-y))
	}
	return most
}

// attention runs scaled dot-product attention; with kept weights as single operators, because the operator
// itself draws which it keeps.
func attention(c *call) any {
	if c.float("dropout_p", 0) == 0 {
		return nn.ScaledDotProductAttention(c.t("query"), c.t("key"), c.t("value"), nn.AttentionOptions{
			Mask: c.opt("attn_mask"), Causal: c.bool("is_causal", false), Scale: c.float("scale", 0),
			Grouped: c.bool("enable_gqa", false),
		})
	}
	keep := c.opt("keep")
	need(keep != nil, "PyTorch's random numbers")
	w, v := weightsAndValues(c)
	return w.Mul(keep).MatMul(v)
}

// weightsAndValues are the weights before dropout, divided by the part that it keeps, and the values by
// head of queries.
func weightsAndValues(c *call) (w, v *tensor) {
	q, k, v := c.t("query"), c.t("key"), c.t("value")
	if n := q.Rank(); c.bool("enable_gqa", false) && n > 2 {
		times := q.Size(-3) / k.Size(-3)
		k, v = k.RepeatInterleave(n-3, times), v.RepeatInterleave(n-3, times)
	}
	scores := q.Mul(c.float("scale", 1/math.Sqrt(float64(q.Size(-1))))).MatMul(k.Transpose(-2, -1))
	if c.bool("is_causal", false) {
		seen := eager.Ones(q.Size(-2), k.Size(-2)).Tril(0).To(engine.Bool)
		scores = eager.Where(seen, scores, math.Inf(-1))
	}
	if mask := c.opt("attn_mask"); mask != nil && mask.DType() == engine.Bool {
		scores = eager.Where(mask, scores, math.Inf(-1))
	} else if mask != nil {
		scores = scores.Add(mask)
	}
	return scores.Softmax(-1).Div(1 - c.float("dropout_p", 0)), v
}
