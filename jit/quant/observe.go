package quant

import (
	"fmt"
	"iter"
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// bins is the resolution of a histogram.
const bins = 2048

// observation is what is known of the numbers that a value takes on.
type observation struct {
	lo, hi float64
	nan    bool
	count  []float64 // of each bin between lo and hi
}

// observe runs g over all batches twice, first for the ranges of values, then for histograms within them.
func observe(g *graph.Graph, values []graph.Value, batches iter.Seq[[]engine.Array], histograms bool) (
	map[graph.Value]*observation, error,
) {
	seen := map[graph.Value]*observation{}
	for _, v := range values {
		seen[v] = &observation{lo: math.Inf(1), hi: math.Inf(-1)}
	}
	passes := []func(o *observation, x []float32){(*observation).widen}
	if histograms {
		passes = append(passes, (*observation).add)
	}
	r, err := newRunner(g, values)
	if err != nil {
		return nil, err
	}
	for _, f := range passes {
		n := 0
		for in := range batches {
			y, err := r.run(in)
			if err != nil {
				return nil, err
			}
			for i, v := range values {
				f(seen[v], y[i].F32())
			}
			n++
		}
		if n == 0 {
			return nil, fmt.Errorf("quant: no batch to calibrate with; want some hundred typical examples, as a sequence " +
				"that can be run through twice")
		}
	}
	for _, v := range values {
		if o := seen[v]; o.nan || math.IsInf(o.lo, 0) || math.IsInf(o.hi, 0) {
			return nil, fmt.Errorf("quant: value %%%d of the graph ranges from %v to %v (NaN: %v); want finite "+
				"numbers, and at least one", int(v), o.lo, o.hi, o.nan)
		}
	}
	return seen, nil
}

// runner computes values of a graph.
type runner struct {
	g *graph.Graph
	p *exec.Program
}

func newRunner(g *graph.Graph, values []graph.Value) (*runner, error) {
	g = g.Clone()
	g.Outputs = nil
	for i, v := range values {
		g.Outputs = append(g.Outputs, graph.Output{Name: fmt.Sprint(i), Value: v})
	}
	g = pass.RunConstant(pass.DeadCode(g))
	layout := map[graph.Value][]int{}
	for _, c := range g.Consts {
		layout[c.Value] = c.Data.Strides
	}
	p, err := exec.New(g, func(v graph.Value) []int { return layout[v] })
	return &runner{g, p}, err
}

// run returns the values, row-major.
func (r *runner) run(in []engine.Array) (y []engine.Array, err error) {
	if err := fits(r.g, in); err != nil {
		return nil, err
	}
	packed := make([]engine.Array, len(in))
	for i, x := range in {
		packed[i] = rowMajor(x)
	}
	err = engine.Catch(func() {
		y = r.p.Run(&exec.Run{Inputs: packed})
		for i := range y {
			y[i] = rowMajor(y[i])
		}
	})
	return y, err
}

// fits compares a batch with the inputs of g.
func fits(g *graph.Graph, in []engine.Array) error {
	if len(in) != len(g.Inputs) {
		return fmt.Errorf("quant: a batch has %d arrays, the graph %d inputs", len(in), len(g.Inputs))
	}
	for i, x := range in {
		if t := g.Types[g.Inputs[i].Value]; t.DType != x.DType || !t.Shape.Equal(x.Shape) {
			return fmt.Errorf("quant: array %d of a batch is %v, the graph wants %v for input %s", i, x, t,
				g.Inputs[i].Name)
		}
	}
	return nil
}

func rowMajor(a engine.Array) engine.Array {
	if a.IsContiguous() {
		return a
	}
	c := engine.NewArray(a.DType, a.Shape)
	exec.Move(c, a)
	return c
}

func (o *observation) widen(x []float32) {
	lo, hi := float32(o.lo), float32(o.hi)
	for _, v := range x {
		o.nan = o.nan || v != v
		lo, hi = min(lo, v), max(hi, v)
	}
	o.lo, o.hi = float64(lo), float64(hi)
}

func (o *observation) add(x []float32) {
	if o.count == nil {
		o.count = make([]float64, bins)
	}
	lo, f := float32(o.lo), float32(bins/max(o.hi-o.lo, 1e-30))
	for _, v := range x {
		o.count[min(max(int((v-lo)*f), 0), bins-1)]++
	}
}

// params returns the scale and zero point of bytes for the range, which takes in 0.
func params(lo, hi float64) op.QuantizeAttrs {
	lo, hi = min(lo, 0), max(hi, 0)
	s := (hi - lo) / 255
	if !(s > 1e-30) {
		s = 1
	}
	return op.QuantizeAttrs{Scale: float64(float32(s)), Zero: int(math.RoundToEven(-lo / s)), DType: engine.U8}
}

// choose returns the scale and zero point for what was observed, by the method of o.
func (o *observation) choose(opt Options) op.QuantizeAttrs {
	switch opt.Method {
	case MinMax:
		return params(o.lo, o.hi)
	case Percentile:
		return params(o.percentile(opt.Share))
	}
	best, least := params(o.lo, o.hi), math.Inf(1)
	for k := 100; k >= 30; k -= 2 {
		p := params(o.lo*float64(k)/100, o.hi*float64(k)/100)
		if e := o.squared(p); e < least {
			best, least = p, e
		}
	}
	return best
}

// squared is the mean squared error of bytes for what was observed.
func (o *observation) squared(p op.QuantizeAttrs) float64 {
	sum, width := 0.0, (o.hi-o.lo)/bins
	for i, n := range o.count {
		if n == 0 {
			continue
		}
		v := o.lo + (float64(i)+0.5)*width
		q := min(max(math.RoundToEven(v/p.Scale)+float64(p.Zero), 0), 255)
		d := (q-float64(p.Zero))*p.Scale - v
		sum += n * d * d
	}
	return sum
}

// percentile returns a range that the share of all numbers lies in, as many above as below.
func (o *observation) percentile(share float64) (lo, hi float64) {
	total := 0.0
	for _, n := range o.count {
		total += n
	}
	out, width := total*(1-share)/2, (o.hi-o.lo)/bins
	first, last := 0, bins-1
	for sum := o.count[0]; sum < out && first < last; sum += o.count[first] {
		first++
	}
	for sum := o.count[bins-1]; sum < out && last > first; sum += o.count[last] {
		last--
	}
	return o.lo + float64(first)*width, o.lo + float64(last+1)*width
}

// weights returns w [o …] as signed bytes and the scale of each output channel.
func weights(w engine.Array) (bytes, scales engine.Array) {
	w = rowMajor(w)
	n := w.Shape[0]
	bytes, scales = engine.NewArray(engine.I8, w.Shape), engine.NewArray(engine.F32, engine.Shape{n})
	x, s := w.F32(), scales.F32()
	for i := range n {
		row := x[i*len(x)/n : (i+1)*len(x)/n]
		top := float32(0)
		for _, v := range row {
			top = max(top, float32(math.Abs(float64(v))))
		}
		if s[i] = top / 127; !(s[i] > 0) {
			s[i] = 1
		}
		one := engine.Of(engine.Shape{len(row)}, row)
		to := bytes.Slice(0, i, i+1, 1)
		to, _ = to.Reshape(engine.Shape{len(row)})
		if err := cpu.Quantize(to, one, s[i], 0); err != nil {
			panic(&engine.Error{Where: "quant", What: err.Error()})
		}
	}
	return bytes, scales
}
