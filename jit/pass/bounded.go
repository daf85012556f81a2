package pass

import (
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Activations such as ReLU6 choose between x, where it lies strictly between two bounds, and x bounded, so that there is
// no gradient at the bounds. The result is x bounded in either case.

// bounded reports whether Where(x[0], x[1], x[2]) is x[2] whatever x[0] says: x[0] is (t > a and t < b), x[1] is t or
// (t + c)/d, x[2] is Clamp(x[1]), and its bounds are a and b, or (a + c)/d and (b + c)/d.
func bounded(g *graph.Graph, from []int, x []graph.Value) bool {
	clamp, both := before(g, from, x[2], op.Clamp), before(g, from, x[0], op.And)
	if clamp == nil || both == nil || clamp.In[0] != x[1] {
		return false
	}
	above, below := before(g, from, both.In[0], op.Gt), before(g, from, both.In[1], op.Lt)
	if above == nil || below == nil || above.In[0] != below.In[0] || !same(g.Types[x[1]], g.Types[above.In[0]]) {
		return false
	}
	a, ok1 := numberOf(g, above.In[1])
	b, ok2 := numberOf(g, below.In[1])
	shift, scale, ok3 := affine(g, from, x[1], above.In[0])
	p := clamp.Attrs.(op.ClampAttrs)
	return ok1 && ok2 && ok3 && (a+shift)/scale == p.Lo && (b+shift)/scale == p.Hi
}

// affine reports whether v is t, or (t + shift)/scale with a positive scale. Both round monotonically, so that bounds on t
// that come out exactly are bounds on v.
func affine(g *graph.Graph, from []int, v, t graph.Value) (shift, scale float64, ok bool) {
	if v == t {
		return 0, 1, true
	}
	div := before(g, from, v, op.Div)
	if div == nil {
		return 0, 0, false
	}
	add := before(g, from, div.In[0], op.Add)
	if add == nil || add.In[0] != t {
		return 0, 0, false
	}
	shift, ok1 := numberOf(g, add.In[1])
	scale, ok2 := numberOf(g, div.In[1])
	return shift, scale, ok1 && ok2 && scale > 0
}

// numberOf returns the Go number that v is.
func numberOf(g *graph.Graph, v graph.Value) (float64, bool) {
	a, known := g.ConstOf(v)
	if !known || !g.Types[v].Weak {
		return 0, false
	}
	return graph.Scalar(a)
}
