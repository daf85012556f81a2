package cpu

import "github.com/lathe-ml/lathe/engine"

// A convolution of stride s with a kernel of k×k is one of stride 1 with a kernel of ⌈k/s⌉×⌈k/s⌉ over s·s times
// the channels: pixels of a block of s×s are channels of one pixel. In a frame of zeros the s·ci channels of a
// row of a block are neighbours, so nothing is copied for that. Kernels of the first layers (11×11 by 4, 7×7 by
// 2) take a third of the multiplications.

// phaseKernel is the side of the kernel over blocks, 0 if q is no such convolution.
func (q *geometry) phaseKernel() int {
	s := q.stride[1]
	if !q.flat() || q.k[1] != q.k[2] || s < 2 || q.stride[2] != s || q.g != 1 || q.co%winograds.lanes != 0 ||
		!FastConvolutions() {
		return 0
	}
	if r := (q.k[1] + s - 1) / s; r >= 3 && r <= 5 {
		return r
	}
	return 0
}

// phasesPay is winogradPays for blocks of pixels, without the frame, which other forms need as well.
func (q *geometry) phasesPay(kept bool) bool {
	r, s := q.phaseKernel(), q.stride[1]
	if r == 0 || q.co < 16 {
		return false
	}
	m := tileSide + 1 - r
	vectors, inner := (q.co+15)/16, s*s*q.ci
	tiles := q.n * ((q.out[1] + m - 1) / m) * ((q.out[2] + m - 1) / m)
	direct := q.n * q.points * q.kernelSize * q.ci * vectors
	cost := tiles * (tileSize*(inner+4)*vectors*17/16 + s*((s*q.ci+15)/16)*220 + 230*vectors + 400)
	if !kept {
		cost += inner * vectors * 900
	}
	return cost+fixedCost < direct-direct/5
}

// phasesForward computes the forward pass over blocks of pixels; it reports whether it took the case.
func phasesForward(q *geometry, dst, x, bias *engine.Array, f *filters, a after) bool {
	if !q.phasesPay(f.kept != nil) {
		return false
	}
	c := newPhases(q, a)
	return c.overBlocks(dst, x, bias, f, c.wholePays())
}

// newPhases returns the plan of a convolution over blocks of pixels.
func newPhases(q *geometry, a after) *winogradConv {
	s, r := q.stride[1], q.phaseKernel()
	c := &winogradConv{
		q: q, r: r, m: tileSide + 1 - r, inner: s * s * q.ci, outer: q.co, rowV: oddLines(s*s*q.ci + strip),
		step: s, runs: s, run: s * q.ci, after: a,
	}
	c.tile(q.out[1], q.out[2])
	return c
}

// overBlocks computes the forward pass; it reports whether all sums are finite.
func (c *winogradConv) overBlocks(dst, x, bias *engine.Array, f *filters, all bool) bool {
	q := c.q
	c.inH, c.inW = (c.down*c.m+c.r-1)*c.step, (c.across*c.m+c.r-1)*c.step
	c.in = framed(ptr(array4(x)), c.inH, c.inW, q.pad[1], q.pad[2])
	defer c.in.release()
	w := whole[float32](f.w)
	return c.complete(dst, bias, f, all, func(d []float32, s, from, n int) {
		clear(d)
		for i := range n {
			row, rest := (from+i)/c.run, (from+i)%c.run
			for k := range c.r * c.r {
				y, x := k/c.r*c.step+row, k%c.r*c.step+rest/q.ci
				if y >= q.k[1] || x >= q.k[2] {
					continue
				}
				p := q.weightAt(s*strip, rest%q.ci, [3]int{0, y, x})
				for o := range c.width(s) {
					d[(i*c.r*c.r+k)*strip+o] = w[p+o*q.ws[0]]
				}
			}
		}
	})
}
