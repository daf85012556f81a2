package codegen

import (
	"slices"
	"sort"
	"sync"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// geometry is how a Loop goes over its arrays: rows of columns, below outer axes. The outputs are dense in
// that order. Operands have any row stride, and column stride 1 or 0.
type geometry struct {
	outer      engine.Shape
	rows, cols int
	operands   []walk // outputs, then inputs
	temporary  []*engine.Buffer
	made       []engine.Array // what it was made for; nil: it cannot be used again
}

// walk is an operand in the order of a geometry.
type walk struct {
	a                engine.Array
	outer            []int // strides
	rowStep, colStep int
}

// plan finds the geometry of outputs and inputs, which have one shape after broadcasting. Inputs that lie in
// another order are copied. release gives the copies back.
func plan(out, in []engine.Array) *geometry {
	g := &geometry{}
	order := axes(out[0])
	all := make([]engine.Array, 0, len(out)+len(in))
	for _, a := range append(append([]engine.Array(nil), out...), in...) {
		all = append(all, a.Permute(order...))
	}
	shape, strides := merge(all)
	n := len(shape)
	for i := range all {
		if i >= len(out) && n > 0 && strides[i][n-1] > 1 || i >= len(out) && anyNegative(strides[i]) {
			all[i] = g.copied(all[i])
		}
	}
	if len(g.temporary) > 0 {
		shape, strides = merge(all)
		n = len(shape)
	}
	g.rows, g.cols = 1, 1
	if n > 0 {
		g.cols = shape[n-1]
	}
	if n > 1 {
		g.rows, g.outer = shape[n-2], shape[:n-2]
	}
	for i, a := range all {
		w := walk{a: a}
		if n > 0 {
			w.colStep = strides[i][n-1]
		}
		if n > 1 {
			w.rowStep, w.outer = strides[i][n-2], strides[i][:n-2]
		}
		g.operands = append(g.operands, w)
	}
	return g
}

func anyNegative(s []int) bool {
	for _, v := range s {
		if v < 0 {
			return true
		}
	}
	return false
}

// axes lists the axes of a from the one with the largest stride to that with the smallest.
func axes(a engine.Array) []int {
	order := make([]int, len(a.Shape))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return a.Strides[order[i]] > a.Strides[order[j]] })
	return order
}

// merge joins neighbouring axes that are one axis for all arrays, and leaves out those of extent 1.
func merge(all []engine.Array) (shape engine.Shape, strides [][]int) {
	strides = make([][]int, len(all))
	for ax, n := range all[0].Shape {
		if n == 1 {
			continue
		}
		last := len(shape) - 1
		joins := last >= 0
		for i := range all {
			joins = joins && strides[i][last] == n*all[i].Strides[ax]
		}
		if joins {
			shape[last] *= n
		} else {
			shape = append(shape, n)
		}
		for i := range all {
			if joins {
				strides[i][last] = all[i].Strides[ax]
			} else {
				strides[i] = append(strides[i], all[i].Strides[ax])
			}
		}
	}
	return shape, strides
}

// copied returns a dense copy of a.
func (g *geometry) copied(a engine.Array) engine.Array {
	c := engine.NewArray(a.DType, a.Shape)
	if err := cpu.Copy(c, a); err != nil {
		panic(&engine.Error{Where: "codegen", What: err.Error()})
	}
	g.temporary = append(g.temporary, c.Buf)
	return c
}

// release gives copies back and leaves the plan to another run.
func (g *geometry) release(plans *sync.Pool) {
	for _, b := range g.temporary {
		b.Release()
	}
	if g.made != nil {
		for k := range g.operands {
			g.operands[k].a.Buf, g.made[k].Buf = nil, nil
		}
		plans.Put(g)
	}
}

// fits reports whether g is the geometry for arrays of these layouts, and takes them.
func (g *geometry) fits(out, in []engine.Array) bool {
	if len(g.made) != len(out)+len(in) {
		return false
	}
	for k := range g.made {
		a := &g.made[k]
		x := at(out, in, k)
		if !a.Shape.Equal(x.Shape) || !slices.Equal(a.Strides, x.Strides) {
			return false
		}
	}
	for k := range g.made {
		x := at(out, in, k)
		g.operands[k].a.Buf, g.operands[k].a.Offset = x.Buf, x.Offset
	}
	return true
}

func at(out, in []engine.Array, k int) *engine.Array {
	if k < len(out) {
		return &out[k]
	}
	return &in[k-len(out)]
}

// offsets sets at to where each operand begins at index i of the outer axes, in row-major order.
func (g *geometry) offsets(i int, at []int) {
	for k := range g.operands {
		at[k] = g.operands[k].a.Offset
	}
	for ax := len(g.outer) - 1; ax >= 0; ax-- {
		n := g.outer[ax]
		for k := range g.operands {
			at[k] += i % n * g.operands[k].outer[ax]
		}
		i /= n
	}
}
