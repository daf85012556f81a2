package onnx

import (
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Quantised models say in f32 what is meant in bytes: DequantizeLinear, an operator, QuantizeLinear. Layers with
// constant weights become op.QuantConv and op.QuantLinear, sums a layer with a residual, and operators that only move
// elements take the bytes themselves. What is left runs in f32 between the two.

// byteGraph is what the rewriting knows of a graph.
type byteGraph struct {
	*graph
	consts   map[int]*Tensor
	producer map[int]*node
	readers  map[int][]*node // an output of the graph or a value that a subgraph reads counts as nil
	dead     map[*node]bool
	scales   map[*node]bool // products of scales that became part of layers
}

// useBytes rewrites g.
func (g *graph) useBytes() {
	if !slices.ContainsFunc(g.nodes, func(n *node) bool {
		return strings.HasPrefix(n.op, "QLinear") || slices.Contains([]string{"DequantizeLinear", "QGemm", "MatMulInteger", "ConvInteger"}, n.op)
	}) {
		return
	}
	b := &byteGraph{
		graph: g, consts: map[int]*Tensor{}, producer: map[int]*node{}, readers: map[int][]*node{}, dead: map[*node]bool{},
		scales: map[*node]bool{},
	}
	for _, i := range g.inits {
		if !slices.Contains(g.inSlots, i.slot) {
			b.consts[i.slot] = i.value
		}
	}
	b.index()
	for _, n := range slices.Clone(g.nodes) {
		if b.dead[n] || n.called {
			continue
		}
		b.rewrite(n)
	}
	g.nodes = slices.DeleteFunc(g.nodes, func(n *node) bool { return b.dead[n] })
	b.prune()
}

func (b *byteGraph) index() {
	for _, s := range b.outSlots {
		b.readers[s] = append(b.readers[s], nil)
	}
	for _, n := range b.nodes {
		for _, s := range n.in {
			if s >= 0 {
				b.readers[s] = append(b.readers[s], n)
			}
		}
		for _, a := range n.attrs {
			if a.graph != nil {
				for _, c := range a.graph.captures {
					b.readers[c.outer] = append(b.readers[c.outer], nil)
				}
			}
		}
		for _, s := range n.out {
			if s >= 0 {
				b.producer[s] = n
			}
		}
	}
}

// prune takes out what quantises, multiplies scales or reshapes biases, and nobody reads any more.
func (b *byteGraph) prune() {
	for again := true; again; {
		again = false
		read := map[int]bool{}
		for s := range b.readers {
			if slices.Contains(b.readers[s], nil) {
				read[s] = true
			}
		}
		for _, n := range b.nodes {
			for _, s := range n.in {
				read[s] = true
			}
		}
		b.nodes = slices.DeleteFunc(b.nodes, func(n *node) bool {
			gone := b.scales[n] || slices.Contains(
				[]string{"DequantizeLinear", "QuantizeLinear", "DynamicQuantizeLinear", "Reshape"}, n.op)
			for _, s := range n.out {
				gone = gone && !read[s]
			}
			again = again || gone
			return gone
		})
	}
}

func (n *node) input(i int) int {
	if i < len(n.in) {
		return n.in[i]
	}
	return -1
}

// constant returns the value of a slot that no input changes: a weight, or one that is (de)quantised or reshaped.
func (b *byteGraph) constant(slot int) *Tensor {
	if t := b.consts[slot]; t != nil {
		return t
	}
	p := b.producer[slot]
	if p == nil || p.called || p.op != "DequantizeLinear" && p.op != "QuantizeLinear" && p.op != "Reshape" || len(p.out) != 1 {
		return nil
	}
	f := &frame{values: make([]Value, b.slots)}
	for _, s := range p.in {
		if s >= 0 {
			t := b.constant(s)
			if t == nil {
				return nil
			}
			f.values[s] = t
		}
	}
	plain := *p
	plain.free = nil
	if plain.run(f) != nil {
		return nil
	}
	t, _ := f.values[slot].(*Tensor)
	b.consts[slot] = t
	return t
}

// coding returns what bytes stand for by a scale and a zero point of one number each; zero −1: there is none, and
// the bytes are unsigned.
func (b *byteGraph) coding(scale, zero int) (a op.QuantizeAttrs, ok bool) {
	s := b.consts[scale]
	if s == nil || s.Type != Float || s.Numel() != 1 {
		return a, false
	}
	a.Scale, a.DType = s.Data.Float64s()[0], engine.U8
	if zero >= 0 {
		z := b.consts[zero]
		if z == nil || z.Numel() != 1 || z.Type != Uint8 && z.Type != Int8 {
			return a, false
		}
		a.Zero, a.DType = z.Data.Ints()[0], z.Data.DType()
	}
	return a, a.Scale > 0
}

// bytesBehind returns the bytes that slot is made of.
func (b *byteGraph) bytesBehind(slot int) (bytes int, a op.QuantizeAttrs, ok bool) {
	p := b.producer[slot]
	if p == nil || p.op != "DequantizeLinear" || p.input(2) < 0 {
		return 0, a, false
	}
	a, ok = b.coding(p.in[1], p.in[2])
	return p.in[0], a, ok
}

// only returns the one node that reads slot; nil: there are others.
func (b *byteGraph) only(slot int) *node {
	if r := b.readers[slot]; len(r) == 1 {
		return r[0]
	}
	return nil
}

// limited holds the bounds of an activation behind a layer.
type limited struct {
	on     bool
	lo, hi float64
}

// result is where a layer's values end: after bounds, and as bytes where these are all that is read.
type result struct {
	limited
	slot     int
	y        op.QuantizeAttrs // DType F32: numbers
	over     []*node          // that become part of the layer
	residual int              // bytes that are added before bounds; −1: none
	other    op.QuantizeAttrs // what they stand for
}

// resultOf follows what reads the result of n; a layer may take in a residual.
func (b *byteGraph) resultOf(n *node, layer bool) result {
	r := result{slot: n.out[0], y: op.QuantizeAttrs{DType: engine.F32}, residual: -1}
	for {
		next := b.only(r.slot)
		if next == nil || len(next.out) != 1 || len(next.in) == 0 {
			return r
		}
		if layer && !r.on && r.residual < 0 && b.residual(next, &r) {
			continue
		}
		switch {
		case next.in[0] != r.slot:
			return r
		case next.op == "QuantizeLinear" && !next.called:
			a, ok := b.coding(next.in[1], next.input(2))
			if ok && !next.has("output_dtype") && !next.has("saturate") {
				r.y, r.slot, r.over = a, next.out[0], append(r.over, next)
			}
			return r
		case !r.on && b.limits(next, &r.limited):
			r.slot, r.over = next.out[0], append(r.over, next)
		default:
			return r
		}
	}
}

// residual takes a sum with bytes into r.
func (b *byteGraph) residual(n *node, r *result) bool {
	if n.op != "Add" || n.domain != "" || n.called || len(n.in) != 2 {
		return false
	}
	for i, s := range n.in {
		if s != r.slot {
			continue
		}
		if bytes, a, ok := b.bytesBehind(n.in[1-i]); ok {
			r.residual, r.other, r.slot, r.over = bytes, a, n.out[0], append(r.over, n)
			return true
		}
	}
	return false
}

const greatest = 0x1.fffffep127

// limits reads the bounds of Relu and Clip.
func (b *byteGraph) limits(n *node, r *limited) bool {
	if n.called || n.domain != "" {
		return false
	}
	switch {
	case n.op == "Relu":
		*r = limited{true, 0, greatest}
		return true
	case n.op != "Clip":
		return false
	case n.version < 11:
		*r = limited{true, n.float("min", -greatest), n.float("max", greatest)}
		return r.lo <= r.hi
	}
	l := limited{true, -greatest, greatest}
	for i, to := range []*float64{&l.lo, &l.hi} {
		if s := n.input(i + 1); s >= 0 {
			t := b.constant(s)
			if t == nil || t.Numel() != 1 || t.Type != Float {
				return false
			}
			*to = t.Data.Float64s()[0]
		}
	}
	*r = l
	return l.lo <= l.hi
}

// byteWeights are weights as signed bytes around 0, with the scale of each output channel.
type byteWeights struct{ w, scale *eager.Tensor }

// weightsOf centres bytes and spreads their scales over n output channels.
func weightsOf(w, scale, zero *Tensor, axis int) (q byteWeights, ok bool) {
	if w == nil || scale == nil || w.Type != Int8 && w.Type != Uint8 || scale.Type != Float || len(w.Shape()) < 2 {
		return q, false
	}
	n := w.Shape()[axis]
	t := w.Data.To(engine.I32)
	if zero != nil {
		z := zero.Data.To(engine.I32)
		if z.Numel() == 1 {
			z = z.Reshape()
		} else if len(z.Shape()) == 1 && z.Numel() == n {
			shape := slices.Repeat([]int{1}, t.Rank())
			shape[axis] = n
			z = z.Reshape(shape...)
		} else {
			return q, false
		}
		t = t.Sub(z)
	}
	if t.Numel() == 0 || t.Min().Ints()[0] < -128 || t.Max().Ints()[0] > 127 {
		return q, false
	}
	s := scale.Data
	switch {
	case s.Numel() == 1:
		s = s.Reshape(1).Expand(n).Contiguous()
	case s.Rank() != 1 || s.Numel() != n:
		return q, false
	}
	return byteWeights{t.To(engine.I8), s}, true
}

// weightsBehind reads the weights that slot is made of; axis is that of the output channels.
func (b *byteGraph) weightsBehind(slot, axis, rank int) (q byteWeights, ok bool) {
	p := b.producer[slot]
	if p == nil || p.op != "DequantizeLinear" || p.called || p.int("block_size", 0) != 0 {
		return q, false
	}
	w, scale := b.constant(p.in[0]), b.consts[p.in[1]]
	if w == nil || scale == nil || len(w.Shape()) != rank && rank > 0 {
		return q, false
	}
	if scale.Numel() > 1 && axisOf(p.int("axis", 1), len(w.Shape())) != axis {
		return q, false
	}
	var zero *Tensor
	if s := p.input(2); s >= 0 {
		if zero = b.consts[s]; zero == nil {
			return q, false
		}
	}
	return weightsOf(w, scale, zero, axis)
}

// become makes n a node that runs kernel on inputs, with the result r.
func (b *byteGraph) become(n *node, name string, k kernel, r result, in ...int) {
	n.op, n.domain, n.kernel, n.in, n.out = name, "", k, in, []int{r.slot}
	b.producer[r.slot] = n
	for _, o := range r.over {
		b.dead[o] = true
	}
	if len(r.over) > 0 { // where everything that it reads is known
		at, last := slices.Index(b.nodes, n), slices.Index(b.nodes, r.over[len(r.over)-1])
		b.nodes[at], b.nodes[last] = b.nodes[last], n
	}
	for _, s := range in { // readers of slots that others have read
		if s >= 0 && !slices.Contains(b.readers[s], n) {
			b.readers[s] = append(b.readers[s], n)
		}
	}
}
