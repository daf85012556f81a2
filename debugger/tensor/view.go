package tensor

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lathe-ml/lathe/debugger"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// number is a float64 that JSON can have.
type number float64

// MarshalJSON writes what JSON lacks as a string.
func (n number) MarshalJSON() ([]byte, error) {
	switch f := float64(n); {
	case math.IsNaN(f):
		return []byte(`"NaN"`), nil
	case math.IsInf(f, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(f)
	}
}

// stats are figures over the elements; those over finite ones are absent when there are none.
type stats struct {
	Min  *number `json:"min,omitempty"`
	Max  *number `json:"max,omitempty"`
	Mean *number `json:"mean,omitempty"`
	Std  *number `json:"std,omitempty"`
	NaN  int     `json:"nan"`
	Inf  int     `json:"inf"`
	Zero int     `json:"zero"`
}

type histogram struct {
	Min    number `json:"min"`
	Max    number `json:"max"`
	Counts []int  `json:"counts"`
}

// grid is a part of two axes.
type grid struct {
	Axes    [2]int     `json:"axes"` // -1: there is no such axis
	Index   []int      `json:"index"`
	Rows    [2]int     `json:"rows"`
	Columns [2]int     `json:"columns"`
	Values  [][]number `json:"values"`
}

// view is the answer to latheTensor.
type view struct {
	DType        string     `json:"dtype"`
	Shape        []int      `json:"shape"`
	Strides      []int      `json:"strides"`
	Device       string     `json:"device"`
	RequiresGrad bool       `json:"requiresGrad"`
	Name         string     `json:"name"`
	Numel        int        `json:"numel"`
	Stats        stats      `json:"stats"`
	Histogram    *histogram `json:"histogram,omitempty"`
	Grid         grid       `json:"grid"`
	Grad         *view      `json:"grad,omitempty"`
	Op           string     `json:"op,omitempty"`
}

// request is what a client asked for.
type request struct {
	Axes    *[2]int `json:"axes"`
	Index   []int   `json:"index"`
	Rows    *[2]int `json:"rows"`
	Columns *[2]int `json:"columns"`
	Bins    int     `json:"bins"`
	Depth   int     `json:"depth"`
}

// maxSide bounds the sides of a grid, maxBins a histogram.
const (
	maxSide = 200
	maxBins = 512
)

// View answers latheTensor for x.
func (v *Views) View(x any, arguments json.RawMessage) (answer any, err error) {
	t, ok := of(x)
	if !ok {
		return nil, noTensor(x)
	}
	var r request
	if err := json.Unmarshal(arguments, &r); err != nil {
		return nil, fmt.Errorf("the arguments are not understood: %w", err)
	}
	if e := engine.Catch(func() { answer, err = viewed(t, &r) }); e != nil {
		return nil, e
	}
	return answer, err
}

// noTensor says why a value cannot be looked at as a tensor.
func noTensor(x any) error {
	if _, ok := x.(*eager.Tensor); ok {
		return errors.New("the tensor is nil")
	}
	return fmt.Errorf("this is a %T, not a tensor", x)
}

func viewed(t *eager.Tensor, r *request) (*view, error) {
	a := t.Storage()
	out := &view{
		DType: a.DType.String(), Shape: append([]int{}, a.Shape...), Strides: append([]int{}, a.Strides...),
		Device: "cpu", RequiresGrad: t.RequiresGrad(), Name: t.Type().String(), Numel: t.Numel(),
	}
	if origin := t.Tape(0, 1); len(origin) > 0 {
		out.Op = origin[0].Op
	}
	data := read(t)
	out.Stats, out.Histogram = figures(data, r.Bins)
	var err error
	if out.Grid, err = gridOf(data, a.Shape, r); err != nil {
		return nil, err
	}
	t.WithGrad(func(g *eager.Tensor) { out.Grad, err = viewed(g, r) })
	return out, err
}

// figures counts and averages.
func figures(data []float64, bins int) (s stats, h *histogram) {
	lo, hi := math.Inf(1), math.Inf(-1)
	sum, n := 0.0, 0
	for _, f := range data {
		switch {
		case math.IsNaN(f):
			s.NaN++
			continue
		case math.IsInf(f, 0):
			s.Inf++
			continue
		case f == 0:
			s.Zero++
		}
		lo, hi = min(lo, f), max(hi, f)
		sum += f
		n++
	}
	if n == 0 {
		return s, nil
	}
	mean, square := sum/float64(n), 0.0
	for _, f := range data {
		if f-f == 0 {
			square += (f - mean) * (f - mean)
		}
	}
	ref := func(f float64) *number { x := number(f); return &x }
	s.Min, s.Max, s.Mean, s.Std = ref(lo), ref(hi), ref(mean), ref(math.Sqrt(square/float64(n)))
	if bins <= 0 {
		bins = 32
	}
	bins = min(bins, maxBins)
	h = &histogram{number(lo), number(hi), make([]int, bins)}
	for _, f := range data {
		if f-f != 0 {
			continue
		}
		k := 0
		if hi > lo {
			k = min(int((f-lo)/(hi-lo)*float64(bins)), bins-1)
		}
		h.Counts[k]++
	}
	return s, h
}

// gridOf cuts a grid out of row-major data.
func gridOf(data []float64, shape engine.Shape, r *request) (g grid, err error) {
	rank := len(shape)
	g.Axes = [2]int{rank - 2, rank - 1}
	switch rank {
	case 0:
		g.Axes = [2]int{-1, -1}
	case 1:
		g.Axes = [2]int{-1, 0}
	}
	if r.Axes != nil && rank >= 2 {
		g.Axes = *r.Axes
		if a, b := g.Axes[0], g.Axes[1]; a == b || min(a, b) < 0 || max(a, b) >= rank {
			return g, fmt.Errorf("axes %v; want two different ones of 0 to %d", g.Axes, rank-1)
		}
	}
	g.Index = make([]int, rank)
	for i, k := range r.Index {
		if i >= rank || slices.Contains(g.Axes[:], i) {
			continue
		}
		if k < 0 || k >= shape[i] {
			return g, fmt.Errorf("index %d on axis %d; want 0 to %d", k, i, shape[i]-1)
		}
		g.Index[i] = k
	}
	step := make([]int, rank)
	for i, n := rank-1, 1; i >= 0; i-- {
		step[i] = n
		n *= shape[i]
	}
	at := 0
	for i, k := range g.Index {
		at += k * step[i]
	}
	extent := func(axis int) (size, step1 int) {
		if axis < 0 {
			return 1, 0
		}
		return shape[axis], step[axis]
	}
	rows, rowStep := extent(g.Axes[0])
	columns, columnStep := extent(g.Axes[1])
	g.Rows, g.Columns = window(r.Rows, rows), window(r.Columns, columns)
	g.Values = make([][]number, 0, g.Rows[1])
	for i := range g.Rows[1] {
		line := make([]number, 0, g.Columns[1])
		for j := range g.Columns[1] {
			k := at + (g.Rows[0]+i)*rowStep + (g.Columns[0]+j)*columnStep
			if k < len(data) {
				line = append(line, number(data[k]))
			}
		}
		g.Values = append(g.Values, line)
	}
	return g, nil
}

// window is the part of an axis that is shown: start and count.
func window(want *[2]int, size int) [2]int {
	w := [2]int{0, maxSide}
	if want != nil {
		w = *want
	}
	w[0] = min(max(w[0], 0), size)
	w[1] = max(min(w[1], maxSide, size-w[0]), 0)
	return w
}

// origin is a node of latheTape.
type origin struct {
	ID       int    `json:"id"`
	Op       string `json:"op"`
	Type     string `json:"type"`
	Leaf     bool   `json:"leaf,omitempty"`
	Inputs   []int  `json:"inputs"`
	More     bool   `json:"more,omitempty"`
	Cell     string `json:"cell,omitempty"`
	Path     string `json:"path,omitempty"`
	Line     int    `json:"line,omitempty"`
	Function string `json:"function,omitempty"`
}

// Bounds of latheTape.
const (
	tapeDepth = 8
	tapeNodes = 500
)

// Tape answers latheTape for x.
func (v *Views) Tape(x any, arguments json.RawMessage) (any, error) {
	t, ok := of(x)
	if !ok {
		return nil, noTensor(x)
	}
	r := request{Depth: tapeDepth}
	if err := json.Unmarshal(arguments, &r); err != nil {
		return nil, fmt.Errorf("the arguments are not understood: %w", err)
	}
	nodes := []origin{}
	for i, o := range t.Tape(max(r.Depth, 0), tapeNodes) {
		n := origin{ID: i, Op: o.Op, Type: o.Type.String(), Leaf: o.Op == "", Inputs: append([]int{}, o.Inputs...), More: o.More}
		var p debugger.Place
		if o.Seq != 0 {
			p = v.place(o.Seq)
		}
		n.Cell, n.Path, n.Line, n.Function = p.Cell, p.Path, p.Line, p.Function
		nodes = append(nodes, n)
	}
	return map[string]any{"root": 0, "nodes": nodes}, nil
}
