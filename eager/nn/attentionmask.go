package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func sqrt(n int) float64 { return math.Sqrt(float64(n)) }

// GenerateSquareSubsequentMask returns the mask [n n] with 0 where key j ≤ query i and −∞ elsewhere.
// Agrees with torch.nn.Transformer.generate_square_subsequent_mask.
func GenerateSquareSubsequentMask(n int) *eager.Tensor {
	atLeast("nn.GenerateSquareSubsequentMask", "n", n, 1)
	return additive(causalMask(n, n).Not(), engine.F32)
}

// causalMask is true where key j comes after query i.
func causalMask(queries, keys int) *eager.Tensor {
	i := eager.Arange(0, float64(queries), 1).Unsqueeze(1)
	return i.Lt(eager.Arange(0, float64(keys), 1))
}

// additive turns a mask of what to keep into numbers to add.
func additive(mask *eager.Tensor, d engine.DType) *eager.Tensor {
	if mask.DType() != engine.Bool {
		return mask.To(d)
	}
	return eager.Where(mask, 0.0, math.Inf(-1)).To(d)
}

// plusMask joins two masks that hide where they are true, or add numbers; a may be nil.
func plusMask(a, b *eager.Tensor, d engine.DType) *eager.Tensor {
	switch {
	case a == nil:
		return b
	case a.DType() == engine.Bool && b.DType() == engine.Bool:
		return a.Or(b)
	}
	return hiding(a, d).Add(hiding(b, d))
}

// hiding turns a mask that hides where it is true into numbers to add.
func hiding(mask *eager.Tensor, d engine.DType) *eager.Tensor {
	if mask.DType() != engine.Bool {
		return mask.To(d)
	}
	return additive(mask.Not(), d)
}

// mergeKeep joins two masks that keep where they are true, or add numbers; a may be nil.
func mergeKeep(a, b *eager.Tensor, d engine.DType) *eager.Tensor {
	switch {
	case a == nil:
		return b
	case a.DType() == engine.Bool && b.DType() == engine.Bool:
		return a.And(b)
	}
	return additive(a, d).Add(additive(b, d))
}

// mask joins the masks of o to one as the operators want it, [batch or 1, heads or 1, queries or 1,
// keys], or nil.
func (m *MultiheadAttention) mask(o AttendOptions, batch, queries, keys int, d engine.DType) *eager.Tensor {
	const where = "nn.MultiheadAttention"
	var all *eager.Tensor
	if x := o.Mask; x != nil {
		switch s := x.Shape(); {
		case s.Equal(engine.Shape{queries, keys}):
			x = x.Reshape(1, 1, queries, keys)
		case s.Equal(engine.Shape{batch * m.heads, queries, keys}):
			x = x.Reshape(batch, m.heads, queries, keys)
		default:
			engine.Fail(where, "Mask is %v; want [%d %d] or [%d %d %d]", x.Array(), queries, keys,
				batch*m.heads, queries, keys)
		}
		all = x
	}
	if x := o.KeyPadding; x != nil {
		if x.Numel() != batch*keys || x.Size(-1) != keys {
			engine.Fail(where, "KeyPadding is %v; want [%d %d]", x.Array(), batch, keys)
		}
		all = plusMask(all, x.Reshape(batch, 1, 1, keys), d)
	}
	if all != nil && all.DType() == engine.Bool {
		return all.Not()
	}
	return all
}

// widen lets a mask pass n more keys.
func widen(mask *eager.Tensor, n int) *eager.Tensor {
	if mask == nil || n == 0 {
		return mask
	}
	s := mask.Shape().Clone()
	s[len(s)-1] = n
	more := eager.Zeros(s...).To(mask.DType())
	if mask.DType() == engine.Bool {
		more = more.Not()
	}
	return eager.Concat(len(s)-1, mask, more)
}
