package quant

import (
	"fmt"
	"iter"
	"math"
	"sort"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// LayerError says how far a layer's result is from that of f32.
type LayerError struct {
	Name string
	// SQNR is the signal to quantisation noise ratio in decibels, 10·log₁₀(Σ y² / Σ (y − q)²), with the noise of
	// all layers before.
	SQNR float64
}

// OutputError says how far an output is from that of f32.
type OutputError struct {
	Name     string
	SQNR     float64
	Largest  float64 // |y − q|
	Rows     int     // along the last axis
	SameTop1 int     // rows whose largest element is at the same place
}

// Report compares a graph of 8-bit layers with that of f32, on the batches that were given.
type Report struct {
	Layers          []LayerError // in the order of the graph
	Outputs         []OutputError
	Examples        int // batches
	Before, After   int // bytes of constants
	Kept, Quantised int // layers
}

// String is a table for people, the worst layers first.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d layers with 8 bits, %d others stay f32; constants %d KiB, before %d KiB; %d batches\n",
		r.Quantised, r.Kept, r.After>>10, r.Before>>10, r.Examples)
	for _, o := range r.Outputs {
		fmt.Fprintf(&b, "output %-24s %6.1f dB, largest difference %.3g, same top-1 %d of %d\n", o.Name, o.SQNR,
			o.Largest, o.SameTop1, o.Rows)
	}
	if r.Examples == 0 {
		return b.String()
	}
	worst := append([]LayerError{}, r.Layers...)
	sort.SliceStable(worst, func(i, j int) bool { return worst[i].SQNR < worst[j].SQNR })
	for _, l := range worst[:min(len(worst), 10)] {
		fmt.Fprintf(&b, "  %6.1f dB  %s\n", l.SQNR, l.Name)
	}
	return b.String()
}

// ratio sums signal and noise.
type ratio struct{ signal, noise, largest float64 }

func (r *ratio) add(want, have []float32) {
	for i, w := range want {
		d := math.Abs(float64(w) - float64(have[i]))
		r.signal += float64(w) * float64(w)
		r.noise += d * d
		r.largest = max(r.largest, d)
	}
}

// decibels of signal over noise; +Inf without noise.
func (r *ratio) decibels() float64 {
	if r.noise == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(r.signal/r.noise)
}

// report runs both graphs on the batches.
func (c *converter) report(q *graph.Graph, batches iter.Seq[[]engine.Array]) (*Report, error) {
	r := &Report{Quantised: len(c.layers), Before: size(c.g), After: size(q)}
	for i := range c.g.Nodes {
		if d := c.g.Nodes[i].Def; (d == op.Conv || d == op.Linear) && c.layers[i] == nil && !c.inside[i] {
			r.Kept++
		}
	}
	full := q.Clone()
	var want, have []graph.Value
	for i := range c.g.Nodes {
		if l := c.layers[i]; l != nil {
			r.Layers = append(r.Layers, LayerError{Name: l.name})
			want, have = append(want, l.out), append(have, c.readable(full, l.out))
		}
	}
	for k, o := range c.g.Outputs {
		if !c.f32(o.Value) {
			continue
		}
		r.Outputs = append(r.Outputs, OutputError{Name: o.Name})
		want, have = append(want, o.Value), append(have, q.Outputs[k].Value)
	}
	return r, r.compare(c.g, full, want, have, batches)
}

// compare runs g and q on the batches: values want of g and have of q are those of Layers, then those of Outputs.
func (r *Report) compare(g, q *graph.Graph, want, have []graph.Value, batches iter.Seq[[]engine.Array]) error {
	layers := len(r.Layers)
	exact, err := newRunner(g, want)
	if err != nil {
		return err
	}
	coarse, err := newRunner(q, have)
	if err != nil {
		return err
	}
	sums := make([]ratio, len(want))
	for in := range batches {
		y, err := exact.run(in)
		if err != nil {
			return err
		}
		z, err := coarse.run(in)
		if err != nil {
			return err
		}
		for i := range y {
			sums[i].add(y[i].F32(), z[i].F32())
			if i >= layers {
				r.Outputs[i-layers].compare(y[i], z[i])
			}
		}
		r.Examples++
	}
	for i := range sums {
		if i < layers {
			r.Layers[i].SQNR = sums[i].decibels()
		} else {
			o := &r.Outputs[i-layers]
			o.SQNR, o.Largest = sums[i].decibels(), sums[i].largest
		}
	}
	return nil
}

// readable returns the value of full that stands for v, as f32.
func (c *converter) readable(full *graph.Graph, v graph.Value) graph.Value {
	if x, ok := c.numbers[v]; ok {
		return x
	}
	a := c.coded[v]
	a.DType = 0
	y := graph.Value(len(full.Types))
	full.Types = append(full.Types, c.g.Types[v])
	full.Nodes = append(full.Nodes, graph.Node{
		Def: op.Dequantize, Attrs: a, In: []graph.Value{c.bytes[v]}, Out: []graph.Value{y},
	})
	return y
}

// compare counts the rows whose largest elements are at the same place.
func (o *OutputError) compare(want, have engine.Array) {
	if len(want.Shape) == 0 || want.Numel() == 0 {
		return
	}
	n := want.Shape[len(want.Shape)-1]
	w, h := want.F32(), have.F32()
	for ; len(w) > 0; w, h = w[n:], h[n:] {
		o.Rows++
		if top(w[:n]) == top(h[:n]) {
			o.SameTop1++
		}
	}
}

func top(x []float32) int {
	k := 0
	for i, v := range x {
		if v > x[k] {
			k = i
		}
	}
	return k
}

// size is the memory of the constants of g.
func size(g *graph.Graph) int {
	n := 0
	for _, k := range g.Consts {
		n += k.Data.Numel() * k.Data.DType.Size()
	}
	return n
}
