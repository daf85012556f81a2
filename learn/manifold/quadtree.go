package manifold

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// quad is a tree of square cells with the number and the mean of the points in each.
type quad struct {
	cells []cell
}

type cell struct {
	x, y   float64 // mean of the points
	n      float64
	child  [4]int32 // 0: none
	leaf   bool
	size2  float64 // squared width
	cx, cy float64
	half   float64
}

func newQuad(y *learn.Matrix) *quad {
	lox, hix, loy, hiy := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for i := range y.Rows {
		a, b := y.Data[2*i], y.Data[2*i+1]
		lox, hix, loy, hiy = min(lox, a), max(hix, a), min(loy, b), max(hiy, b)
	}
	half := max(hix-lox, hiy-loy)/2*1.0001 + 1e-12
	t := &quad{cells: make([]cell, 0, 2*y.Rows)}
	t.add((lox+hix)/2, (loy+hiy)/2, half)
	for i := range y.Rows {
		t.insert(y.Data[2*i], y.Data[2*i+1])
	}
	return t
}

func (t *quad) add(cx, cy, half float64) int32 {
	t.cells = append(t.cells, cell{cx: cx, cy: cy, half: half, size2: 4 * half * half, leaf: true})
	return int32(len(t.cells) - 1)
}

// insert adds a point; points at one place share a leaf.
func (t *quad) insert(x, y float64) {
	at := int32(0)
	for depth := 0; ; depth++ {
		c := &t.cells[at]
		old := *c
		c.x += (x - c.x) / (c.n + 1)
		c.y += (y - c.y) / (c.n + 1)
		c.n++
		if c.leaf {
			if old.n == 0 {
				return
			}
			if depth > 60 || old.x == x && old.y == y {
				return
			}
			c.leaf = false
			k := t.down(at, old.x, old.y)
			n := &t.cells[k]
			n.x, n.y, n.n = old.x, old.y, old.n
		}
		at = t.down(at, x, y)
	}
}

// down returns the child of a cell that a place lies in.
func (t *quad) down(at int32, x, y float64) int32 {
	c := &t.cells[at]
	k, cx, cy, h := 0, c.cx-c.half/2, c.cy-c.half/2, c.half/2
	if x > c.cx {
		k, cx = 1, c.cx+h
	}
	if y > c.cy {
		k, cy = k+2, c.cy+h
	}
	if c.child[k] == 0 {
		n := t.add(cx, cy, h)
		t.cells[at].child[k] = n
		return n
	}
	return c.child[k]
}

// repulsion adds Σ (1+d²)⁻²(y−c) over all other points to f and returns Σ (1+d²)⁻¹.
func (t *quad) repulsion(x, y, angle2 float64, f []float64) (sum float64) {
	var stack [256]int32
	top := 1
	stack[0] = 0
	fx, fy := 0.0, 0.0
	for top > 0 {
		top--
		c := &t.cells[stack[top]]
		dx, dy := x-c.x, y-c.y
		d2 := dx*dx + dy*dy
		if c.leaf || c.size2 < angle2*d2 {
			n := c.n
			if c.leaf && d2 == 0 {
				n-- // the point itself
			}
			if n > 0 {
				q := 1 / (1 + d2)
				sum += n * q
				q *= q * n
				fx += q * dx
				fy += q * dy
			}
			continue
		}
		for _, k := range c.child {
			if k != 0 {
				stack[top] = k
				top++
			}
		}
	}
	f[0], f[1] = f[0]+fx, f[1]+fy
	return sum
}
