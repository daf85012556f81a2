package source

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// largestRadix is the prime factor up to which a length is transformed by passes: one costs as many products for
// each element.
const largestRadix = 61

// radices are the factors of n for which the compiler unrolls a pass, in the order in which they are taken out.
var radices = []int{8, 4, 2, 3, 5, 7}

// factors returns the radices of the passes for n; nil when a prime factor is too large.
func factors(n int) []int {
	var f []int
	for _, r := range radices {
		for n%r == 0 {
			f, n = append(f, r), n/r
		}
	}
	for r := 11; n > 1; r += 2 {
		for n%r == 0 {
			f, n = append(f, r), n/r
		}
		if r > largestRadix && n > 1 {
			return nil
		}
	}
	return append([]int{}, f...)
}

// transform is FourierArgs: lines of n elements that lie one behind the other.
type transform struct {
	c                *call
	lines, n, length int
	sign             int
	x, y, roots      engine.Array
}

func (t *transform) launch(f string, n int, radix, m, s int, templ ...any) {
	a := (&args{c: t.c}).ints(t.lines, t.n, radix, m, s, t.length, t.sign).array(t.x).array(t.y).array(t.roots)
	real := "f32"
	if t.x.DType == engine.C128 || t.y.DType == engine.C128 || t.roots.DType == engine.C128 {
		real = "f64"
	}
	k := instance("fourier", f, fmt.Sprintf("FourierArgs<%s>", real), append([]any{real}, templ...)...)
	t.c.launch(k, over(n), a)
}

// table plans roots of unity.
func (c *call) table(t engine.DType, n, sign int) engine.Array {
	roots := c.temp(t, engine.Shape{n})
	(&transform{c: c, n: n, sign: sign, roots: roots}).launch("fourier_roots", n, 0, 0, 0)
	return roots
}

// passes transforms x into one of x and y, which it returns; both have lines·n elements.
func (c *call) passes(x, y, roots engine.Array, lines, n int) (result, other engine.Array) {
	left, s := n, 1
	for _, r := range factors(n) {
		left /= r
		t := transform{c: c, lines: lines, n: n, x: x, y: y, roots: roots}
		fixed, count := 0, lines*n
		if slices.Contains(radices, r) {
			fixed, count = r, lines*n/r
		}
		t.launch("fourier_pass", count, r, left, s, fixed)
		x, y, s = y, x, s*r
	}
	return x, y
}

// bluestein transforms x into y.
func (c *call) bluestein(x, y engine.Array, lines, n, sign int) {
	m := 1
	for m < 2*n-1 {
		m *= 2
	}
	dt := x.DType
	a, b := c.temp(dt, engine.Shape{lines * m}), c.temp(dt, engine.Shape{lines * m})
	p, q := c.temp(dt, engine.Shape{m}), c.temp(dt, engine.Shape{m})
	chirps := c.table(dt, 2*n, sign)
	run := func(f string, count int, x, y engine.Array) {
		(&transform{c: c, lines: lines, n: m, length: n, sign: sign, x: x, y: y, roots: chirps}).launch(f, count, 0, 0, 0)
	}
	run("chirp_other", m, engine.Array{}, p)
	run("chirp_in", lines*m, x, a)
	ahead, back := c.table(dt, m, -1), c.table(dt, m, 1)
	p, _ = c.passes(p, q, ahead, 1, m)
	a, b = c.passes(a, b, ahead, lines, m)
	run("chirp_times", lines*m, p, a)
	a, _ = c.passes(a, b, back, lines, m)
	run("chirp_out", lines*n, a, y)
}

// fourier transforms axis after axis, each brought to the end by a copy.
func fourier(c *call) error {
	p, x, y := c.attrs.(op.FFTAttrs), c.in[0], c.out[0]
	total, sign := y.Numel(), -1
	if total == 0 {
		return nil
	}
	if p.Inverse {
		sign = 1
	}
	a, b, now := c.temp(x.DType, engine.Shape{total}), c.temp(x.DType, engine.Shape{total}), x
	for _, axis := range p.Axes {
		n := x.Shape[axis]
		shape := append(slices.Delete(x.Shape.Clone(), axis, axis+1), n)
		view := func(flat engine.Array) engine.Array { // with the axes where they belong
			flat.Shape, flat.Strides = shape, shape.Strides()
			perm := make([]int, 0, len(shape))
			for i := range len(shape) - 1 {
				perm = append(perm, i)
			}
			return flat.Permute(slices.Insert(perm, axis, len(shape)-1)...)
		}
		c.copy(view(a), now)
		if factors(n) != nil {
			a, b = c.passes(a, b, c.table(x.DType, n, sign), total/n, n)
		} else {
			c.bluestein(a, b, total/n, n, sign)
			a, b = b, a
		}
		now = view(a)
		a, b = b, a
	}
	e := each{
		name: "scale_complex", out: []engine.Array{y}, in: []engine.Array{now}, numbers: []number{real(p.Scale)},
		define: "template <class R> DEVICE complex<R> NAME_f(complex<R> x, f64 c) {\n" +
			"  complex<R> z = {x.re * (R)c, x.im * (R)c};\n  return z;\n}\n",
		body: []string{"NAME_f(v0, a.c0)"},
	}
	e.plan(c)
	return nil
}
