package pass

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Freeze returns a copy of g for inference: constants are values of their own that later changes of the
// weights do not reach, what depends on them alone is computed, products with them are dense layers, and factors and terms for each channel
// behind a convolution or a linear layer, such as those of batch normalisation, become part of its weight
// and bias. Results differ from those of g by rounding. It is an error when g has states.
func Freeze(g *graph.Graph) (*graph.Graph, error) {
	g, err := Constants(g)
	if err != nil {
		return nil, err
	}
	g = linears(g)
	for absorb(g) {
		g = DeadCode(g)
	}
	g = DeadCode(g)
	if err := g.Verify(); err != nil {
		return nil, fmt.Errorf("pass: %w", err)
	}
	return g, nil
}

// Constants is the part of Freeze that changes no layer: constants are values of their own, and what depends on
// them alone is computed.
func Constants(g *graph.Graph) (*graph.Graph, error) {
	if len(g.States) > 0 {
		return nil, fmt.Errorf("pass: a graph that changes %q cannot be frozen; trace it in evaluation mode",
			g.States[0].Name)
	}
	g = Simplify(g.Clone())
	for i := range g.Consts {
		g.Consts[i].Data = clone(g.Consts[i].Data)
	}
	return foldConstants(g), nil
}

func clone(a engine.Array) engine.Array {
	c := engine.NewArray(a.DType, a.Shape)
	exec.Move(c, a)
	return c
}

// foldConstants computes nodes whose operands are all constants, if the result is small or no larger than
// they are.
func foldConstants(g *graph.Graph) *graph.Graph {
	known := map[graph.Value]engine.Array{}
	for _, c := range g.Consts {
		known[c.Value] = c.Data
	}
	return fold(g, known, func(n *graph.Node) int {
		total := 0
		for _, v := range n.In {
			total += g.Types[v].Shape.Numel()
		}
		return max(foldMax, total)
	})
}

// linears makes products with constant matrices dense layers, which further passes know.
func linears(g *graph.Graph) *graph.Graph {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Def != op.MatMul || len(g.Types[n.In[0]].Shape) < 2 || g.Types[n.In[0]].DType != engine.F32 {
			continue
		}
		if w, known := g.ConstOf(n.In[1]); known && len(w.Shape) == 2 && w.DType == engine.F32 {
			in := []graph.Value{n.In[0], constant(g, clone(w.Permute(1, 0)))}
			for _, c := range g.Consts {
				if c.Value == n.In[1] {
					g.Consts[len(g.Consts)-1].Name = c.Name
				}
			}
			n.Def, n.Attrs, n.In = op.Linear, nil, in
		}
	}
	return g
}

// absorb makes one factor or term of each channel part of the weight or bias before it; false: there is none.
func absorb(g *graph.Graph) bool {
	uses, from := g.Uses(), g.Producers()
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Def != op.Mul && n.Def != op.Add || len(n.In) != 2 {
			continue
		}
		for k, v := range n.In {
			by, ok := g.ConstOf(n.In[1-k])
			if p := from[v]; ok && p >= 0 && uses[v] == 1 && absorbInto(g, &g.Nodes[p], n, by) {
				return true
			}
		}
	}
	return false
}

// absorbInto makes n, which multiplies the result of p by c or adds c, part of p.
func absorbInto(g *graph.Graph, p, n *graph.Node, c engine.Array) bool {
	axis := map[*op.Def]int{op.Conv: 1, op.Linear: len(g.Types[p.Out[0]].Shape) - 1}
	at, layer := axis[p.Def]
	t := g.Types[p.Out[0]]
	if !layer || g.Types[n.Out[0]].DType != t.DType || !g.Types[n.Out[0]].Shape.Equal(t.Shape) {
		return false
	}
	weight, known := g.ConstOf(p.In[1])
	channels, fits := perChannel(c, t, at)
	if !known || !fits {
		return false
	}
	bias := engine.Zeros(t.DType, engine.Shape{t.Shape[at]})
	if len(p.In) > 2 {
		b, ok := g.ConstOf(p.In[2])
		if !ok {
			return false
		}
		bias = clone(b)
	}
	in := []graph.Value{p.In[0], p.In[1], 0}
	if n.Def == op.Mul {
		w := clone(weight)
		shape := make(engine.Shape, len(w.Shape))
		for i := range shape {
			shape[i] = 1
		}
		shape[0] = w.Shape[0]
		column, _ := channels.Reshape(shape)
		check(cpu.Mul.Run(w, w, column.Expand(w.Shape)))
		check(cpu.Mul.Run(bias, bias, channels))
		in[1] = constant(g, w)
	} else {
		check(cpu.Add.Run(bias, bias, channels))
	}
	in[2] = constant(g, bias)
	*n = graph.Node{Def: p.Def, Attrs: p.Attrs, In: in, Out: n.Out, Source: p.Source}
	return true
}

// perChannel returns c as one value for each channel, which lie along axis of t.
func perChannel(c engine.Array, t op.Type, axis int) (engine.Array, bool) {
	behind := len(t.Shape) - 1 - axis
	for i, n := range c.Shape {
		if fromEnd := len(c.Shape) - 1 - i; n != 1 && (fromEnd != behind || n != t.Shape[axis]) {
			return engine.Array{}, false
		}
	}
	v := engine.NewArray(t.DType, engine.Shape{t.Shape[axis]})
	flat, ok := clone(c).Reshape(engine.Shape{c.Numel()})
	if !ok || c.DType != t.DType && c.Numel() > 1 {
		return engine.Array{}, false
	}
	exec.Move(v, flat.Expand(v.Shape))
	return v, true
}

func constant(g *graph.Graph, a engine.Array) graph.Value {
	v := graph.Value(len(g.Types))
	g.Types = append(g.Types, op.Type{DType: a.DType, Shape: a.Shape})
	g.Consts = append(g.Consts, graph.Const{Value: v, Data: a})
	return v
}

func check(err error) {
	if err != nil {
		panic(&engine.Error{Where: "pass", What: err.Error()})
	}
}
