package cpu

import "github.com/lathe-ml/lathe/engine"

// Backward computes the gradients dw of w, db of bias and, where it has a Buf, dx of x, from those of the maxima. All
// arrays are contiguous.
func (c ConvPool) Backward(dw, db, dx, dy, code, x, w engine.Array) {
	p := c.of(x.Shape, w.Shape)
	g := &convPoolGrad{
		convPool: p, dy: flatSlice[float32](&dy), code: flatSlice[uint8](&code), x: flatSlice[float32](&x),
		weight: flatSlice[float32](&w), dw: flatSlice[float32](&dw), db: flatSlice[float32](&db),
	}
	if dx.Buf != nil {
		g.dx = flatSlice[float32](&dx)
	}
	if lanes == nil || tiling == nil {
		g.backwardGo()
		return
	}
	g.run()
}

// convPoolGrad is a call of Backward. Tasks are a block of samples and some output channels: their gradients before
// the pooling go to memory of the task, or, where dx needs those of all channels, to memory for all.
type convPoolGrad struct {
	*convPool
	dy, x, weight, dw, db, dx []float32
	code                      []uint8
	g                         []float32 // [blocks][oh][ow][co][32], nil without dx
	partW, partB              []float32 // sums by block
}

// together is how many output channels a task computes.
const together = 4

func (g *convPoolGrad) run() {
	size := g.ci * g.kh * g.kw
	pixels := g.oh * g.ow
	sizes := []int{g.blocks * g.co * size, g.blocks * g.co, 0}
	if g.dx != nil {
		sizes[2] = g.blocks * pixels * g.co * Lanes
	}
	parts, buf := cut[float32](sizes)
	defer buf.Release()
	g.partW, g.partB, g.g = parts[0], parts[1], parts[2]
	groups := (g.co + together - 1) / together
	engine.Parallel(g.blocks*groups, 1, func(lo, hi int) {
		sizes := []int{together * Lanes / 2, 0}
		if g.dx == nil {
			sizes[1] = pixels * together * Lanes
		}
		own, buf := cut[float32](sizes)
		defer buf.Release()
		for i := lo; i < hi; i++ {
			b, k := i/groups, i%groups
			from := g.co * k / groups
			m := g.co*(k+1)/groups - from
			g.channels(b, from, m, own[0], own[1])
		}
	})
	for b := 1; b < g.blocks; b++ {
		addInto(g.partW[:len(g.dw)], g.partW[b*len(g.dw):(b+1)*len(g.dw)])
		addInto(g.partB[:g.co], g.partB[b*g.co:(b+1)*g.co])
	}
	copy(g.dw, g.partW)
	copy(g.db, g.partB)
	if g.dx != nil {
		g.input()
	}
}

// channels computes the gradients of m output channels from a block of samples.
func (g *convPoolGrad) channels(b, from, m int, sums, own []float32) {
	d, pixel := own, m*Lanes
	if g.dx != nil {
		d, pixel = g.g[b*g.oh*g.ow*g.co*Lanes+from*Lanes:], g.co*Lanes
	}
	g.uncovered(d, pixel, m)
	clear(sums)
	for row := range g.ph {
		at := ((b*g.ph+row)*g.pw*g.co + from) * Lanes
		lanes.spread(&d[2*row*g.ow*pixel], &g.dy[at], &g.code[at], &sums[0], m, g.pw, 4*g.ow*pixel, 4*pixel,
			4*g.co*Lanes, g.co*Lanes)
	}
	for i := range m {
		var sum float32
		for _, v := range sums[i*Lanes/2:][:Lanes/2] {
			sum += v
		}
		g.partB[b*g.co+from+i] = sum
	}
	size := g.ci * g.kh * g.kw
	part := g.partW[(b*g.co+from)*size:][:m*size]
	clear(part)
	x := g.x[b*g.h*g.w*g.ci*Lanes:]
	for c := range g.ci {
		for kh := range g.kh {
			lo, hi := span1(kh-g.Padding[0], g.h, g.oh)
			if lo >= hi {
				continue
			}
			for kw := 0; kw < g.kw; kw += 5 {
				out := part[(c*g.kh+kh)*g.kw+kw:]
				g.row(out, x[((lo+kh-g.Padding[0])*g.w*g.ci+c)*Lanes:], d[lo*g.ow*pixel:], pixel, m, hi-lo, kw, min(5, g.kw-kw))
			}
		}
	}
}

// span1 is the range of n results for which an element shifted by d lies within size.
func span1(d, size, n int) (lo, hi int) { return max(0, -d), min(n, size-d) }

// row adds the products of a kernel row at shifts kw … kw+shifts: columns that meet all of them at once, those at the
// borders one by one with the shifts that they meet. x is the image from the row on that the first row of d meets.
func (g *convPoolGrad) row(out, x, d []float32, pixel, m, rows, kw, shifts int) {
	ldx, ldy, px := 4*g.w*g.ci*Lanes, 4*g.ow*pixel, g.ci*Lanes
	add := func(col, columns, lo, hi int) {
		from := col + kw + lo - g.Padding[1]
		lanes.correlate[m-1][hi-lo-1](&out[lo], &x[from*px], &d[col*pixel], rows, columns, ldx, ldy, 4*px, 4*pixel,
			4*g.ci*g.kh*g.kw)
	}
	first, _ := span1(kw-g.Padding[1], g.w, g.ow)
	_, last := span1(kw+shifts-1-g.Padding[1], g.w, g.ow)
	if first < last {
		add(first, last-first, 0, shifts)
	}
	for col := 0; col < g.ow; col++ {
		if first <= col && col < last {
			col = last - 1
			continue
		}
		if lo, hi := within(col+kw-g.Padding[1], shifts, g.w); lo < hi {
			add(col, 1, lo, hi)
		}
	}
}

// uncovered clears the gradient of pixels that no window has.
func (g *convPoolGrad) uncovered(d []float32, pixel, m int) {
	for y := range g.oh {
		x := 0
		if y < 2*g.ph {
			x = 2 * g.pw
		}
		for ; x < g.ow; x++ {
			clear(d[(y*g.ow+x)*pixel:][:m*Lanes])
		}
	}
}

// input computes dx: a convolution of the gradient with the kernel turned around.
func (g *convPoolGrad) input() {
	w := g.turn(g.weight, true)
	work := g.w * g.co * g.ci * g.kh * g.kw * Lanes
	conv := laneConv{
		a: w, m: g.ci, inner: g.co, kh: g.kh, kw: g.kw, h: g.oh, w: g.ow,
		pad: [2]int{g.kh - 1 - g.Padding[0], g.kw - 1 - g.Padding[1]},
	}
	conv.start()
	engine.Parallel(g.blocks*g.h, max(1, leastWork/work), func(lo, hi int) {
		f := conv
		for i := lo; i < hi; i++ {
			b, row := i/g.h, i%g.h
			image := g.g[b*g.oh*g.ow*g.co*Lanes:]
			for col := range g.w {
				f.pixel(g.dx[(i*g.w+col)*g.ci*Lanes:], image, row, col)
			}
		}
	})
}
