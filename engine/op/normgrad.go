package op

import "github.com/lathe-ml/lathe/engine"

// normLayout says which axes of x a normalisation takes together and how its statistics and parameters lie
// along x.
type normLayout struct {
	axes        []int        // taken together
	over        []int        // that share a parameter
	stat, param engine.Shape // of statistics and parameters, with extent 1 on the axes that they lack
	n           float64      // elements for each statistic
}

func layerLayout(a LayerNormAttrs, x engine.Shape) normLayout {
	lead := len(x) - a.Axes
	return newNormLayout(x, func(i int) bool { return i >= lead }, func(i int) bool { return i < lead })
}

func batchLayout(x engine.Shape) normLayout {
	rest := func(i int) bool { return i != 1 }
	return newNormLayout(x, rest, rest)
}

func newNormLayout(x engine.Shape, together, shared func(i int) bool) normLayout {
	l := normLayout{stat: x.Clone(), param: x.Clone(), n: 1}
	for i, n := range x {
		if together(i) {
			l.axes, l.stat[i] = append(l.axes, i), 1
			l.n *= float64(n)
		}
		if shared(i) {
			l.over, l.param[i] = append(l.over, i), 1
		}
	}
	return l
}

// sum sums over axes and keeps them with extent 1.
func (l normLayout) sum(b Builder, v Value, axes []int) Value {
	if len(axes) == 0 {
		return v
	}
	return b.Apply(prim.sum, ReduceAttrs{Axes: axes, Keep: true}, v)[0]
}

func (l normLayout) mean(b Builder, v Value) Value { return scale(b, l.sum(b, v, l.axes), 1/l.n) }

// plus adds y to x, which may be missing.
func (l normLayout) plus(b Builder, x, y Value) Value {
	if x == nil {
		return y
	}
	return add(b, x, y)
}

// grad is the gradient of y and of the mean; rstd is that of x.
func (l normLayout) grad(b Builder, c *Call, kernel *Def, a Attrs, rstd Value) []Value {
	g, x := make([]Value, len(c.In)), c.In[0]
	if dy := c.DOut[0]; dy != nil {
		in := []Value{dy, x, c.Out[1], rstd}
		if len(c.In) > 1 {
			in = append(in, c.In[1])
		}
		copy(g, b.Apply(kernel, a, in...))
		if p, ok := a.(LayerNormAttrs); ok && p.OnlyDX {
			clear(g[1:])
		}
	}
	if h := c.DOut[1]; h != nil && c.Wants(0) {
		h = scale(b, reshape(b, h, l.stat), 1/l.n)
		g[0] = l.plus(b, g[0], expand(b, h, x.Type().Shape))
	}
	return g
}

// spread is h·(x − mean)/n for h of a statistic.
func (l normLayout) spread(b Builder, c *Call, h Value) Value {
	d := sub(b, c.In[0], reshape(b, c.Out[1], l.stat))
	return mul(b, d, scale(b, reshape(b, h, l.stat), 1/l.n))
}

// curve is the gradient of the gradient kernels. With h, hg and hb the gradients of dx, dgamma and dbeta,
// P(v) = v − mean(v) − x̂·mean(v·x̂) and u = dy·gamma, the kernel's part of the loss is
// Σ h·rstd·P(u) + Σ hg·dy·x̂ + Σ hb·dy, and P is symmetric.
func (l normLayout) curve(b Builder, c *Call) []Value {
	dy, x := c.In[0], c.In[1]
	rstd := reshape(b, c.In[3], l.stat)
	centred := sub(b, x, reshape(b, c.In[2], l.stat))
	hat := mul(b, centred, rstd)
	g := make([]Value, len(c.In))
	var dHat, dStd Value
	if h := c.DOut[0]; h != nil {
		u := dy
		if len(c.In) > 4 {
			u = mul(b, dy, reshape(b, c.In[4], l.param))
		}
		uHat, hHat := l.mean(b, mul(b, u, hat)), l.mean(b, mul(b, h, hat))
		p := sub(b, sub(b, h, l.mean(b, h)), mul(b, hat, hHat))
		g[0] = mul(b, rstd, p)
		dHat = neg(b, mul(b, rstd, add(b, mul(b, hHat, u), mul(b, uHat, h))))
		dStd = l.sum(b, mul(b, p, u), l.axes)
		if len(c.In) > 4 {
			g[4] = reshape(b, l.sum(b, mul(b, dy, g[0]), l.over), c.In[4].Type().Shape)
			g[0] = mul(b, g[0], reshape(b, c.In[4], l.param))
		}
	}
	hg, hb := c.DOut[1], c.DOut[2]
	if p, ok := c.Attrs.(LayerNormAttrs); ok && p.OnlyDX {
		hg, hb = nil, nil
	}
	if hg != nil {
		hg = reshape(b, hg, l.param)
		g[0] = l.plus(b, g[0], mul(b, hg, hat))
		dHat = l.plus(b, dHat, mul(b, hg, dy))
	}
	if hb != nil {
		g[0] = l.plus(b, g[0], expand(b, reshape(b, hb, l.param), dy.Type().Shape))
	}
	if dHat != nil {
		g[1] = mul(b, rstd, dHat)
		g[2] = neg(b, reshape(b, l.sum(b, g[1], l.axes), c.In[2].Type().Shape))
		dStd = l.plus(b, dStd, l.sum(b, mul(b, centred, dHat), l.axes))
		g[3] = reshape(b, dStd, c.In[3].Type().Shape)
	}
	return g
}
