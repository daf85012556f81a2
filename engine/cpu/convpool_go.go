package cpu

import "github.com/lathe-ml/lathe/engine"

// The portable twins of ConvPool.

// eachTap calls f for each tap of pixel (y, z) that lies within x, in the order in which products are added.
func (p *convPool) eachTap(y, z int, f func(c, kh, kw int)) {
	y, z = y-p.Padding[0], z-p.Padding[1]
	top, bottom := within(y, p.kh, p.h)
	left, right := within(z, p.kw, p.w)
	if p.Planar {
		for c := range p.ci {
			for kh := top; kh < bottom; kh++ {
				for kw := left; kw < right; kw++ {
					f(c, kh, kw)
				}
			}
		}
		return
	}
	for kh := top; kh < bottom; kh++ {
		for kw := left; kw < right; kw++ {
			for c := range p.ci {
				f(c, kh, kw)
			}
		}
	}
}

// at is where channel c of the pixel of x begins that tap (kh, kw) of pixel (y, z) of the result meets.
func (p *convPool) at(b, y, z, c, kh, kw int) int {
	return (((b*p.h+y+kh-p.Padding[0])*p.w+z+kw-p.Padding[1])*p.ci + c) * Lanes
}

// weightAt is where the weight of a tap lies.
func (p *convPool) weightAt(o, c, kh, kw int) int { return ((o*p.ci+c)*p.kh+kh)*p.kw + kw }

func (p *convPool) forwardGo(y []float32, code []uint8, x, w, bias []float32) {
	engine.Parallel(p.blocks*p.ph*p.pw, 1, func(lo, hi int) {
		sums := make([]float32, 4*Lanes)
		for i := lo; i < hi; i++ {
			b, row, col := i/(p.ph*p.pw), i/p.pw%p.ph, i%p.pw
			for o := range p.co {
				clear(sums)
				for k := range 4 {
					s := sums[k*Lanes:][:Lanes]
					h, v := 2*row+k/2, 2*col+k%2
					p.eachTap(h, v, func(c, kh, kw int) {
						f := w[p.weightAt(o, c, kh, kw)]
						for l, e := range x[p.at(b, h, v, c, kh, kw):][:Lanes] {
							s[l] += f * e
						}
					})
				}
				at := (i*p.co + o) * Lanes
				poolLanesGo(y[at:][:Lanes], code[at:], sums, bias[o])
			}
		}
	})
}

// poolLanesGo takes the maxima of four pixels c [4][32] of a channel and ReLU of them.
func poolLanesGo(y []float32, code []uint8, c []float32, bias float32) {
	for l := range y {
		best, at := c[l]+bias, 0
		for k := 1; k < 4; k++ {
			if v := c[k*Lanes+l] + bias; v > best || v != v && best == best {
				best, at = v, k
			}
		}
		if best <= 0 {
			best, at = 0, noGradient
		}
		y[l], code[l] = best, uint8(at)
	}
}

func (g *convPoolGrad) backwardGo() {
	clear(g.dw)
	clear(g.db)
	clear(g.dx)
	for i := range g.blocks * g.ph * g.pw {
		b, row, col := i/(g.ph*g.pw), i/g.pw%g.ph, i%g.pw
		for o := range g.co {
			at := (i*g.co + o) * Lanes
			for l, k := range g.code[at:][:Lanes] {
				if k == noGradient {
					continue
				}
				d, y, z := g.dy[at+l], 2*row+int(k)/2, 2*col+int(k)%2
				g.db[o] += d
				g.eachTap(y, z, func(c, kh, kw int) {
					from, f := g.at(b, y, z, c, kh, kw)+l, g.weightAt(o, c, kh, kw)
					g.dw[f] += d * g.x[from]
					if g.dx != nil {
						g.dx[from] += d * g.weight[f]
					}
				})
			}
		}
	}
}
