package jpeg

import "github.com/lathe-ml/lathe/data/internal/pixel"

// progressiveBlock returns the function that decodes a block in scan s.
// Source: ITU-T T.81, annex G.
func (d *decoder) progressiveBlock(s scanHeader) func(c *component, x, y int) {
	return func(c *component, x, y int) {
		b := (*[64]int16)(c.coef[64*(y*c.mw+x):])
		switch {
		case s.start == 0 && s.high == 0:
			n := int(d.bits.next(d.huff[0][c.td])) & 15
			c.dc += extend(d.bits.take(n), n)
			b[0] = int16(c.dc << s.low)
		case s.start == 0:
			b[0] |= int16(d.bits.take(1) << s.low)
		case s.high == 0:
			d.firstPass(b, d.huff[1][c.ta], s)
		default:
			d.refine(b, d.huff[1][c.ta], s)
		}
	}
}

// firstPass decodes the high bits of coefficients.
func (d *decoder) firstPass(b *[64]int16, t *table, s scanHeader) {
	if d.eobrun > 0 {
		d.eobrun--
		return
	}
	for k := s.start; k <= s.end; k++ {
		rs := d.bits.next(t)
		run, n := int(rs>>4), int(rs&15)
		switch {
		case n != 0:
			k += run
			v := extend(d.bits.take(n), n)
			if k < 64 {
				b[natural[k]] = int16(v << s.low)
			}
		case run < 15:
			d.eobrun = 1<<run + int(d.bits.take(run)) - 1
			return
		default:
			k += 15
		}
	}
}

// refine adds one bit to coefficients known already and decodes those that become known.
func (d *decoder) refine(b *[64]int16, t *table, s scanHeader) {
	bit := int16(1) << s.low
	k := s.start
	if d.eobrun == 0 {
	coefficients:
		for ; k <= s.end; k++ {
			rs := d.bits.next(t)
			run, n := int(rs>>4), int(rs&15)
			v := int16(0)
			if n != 0 {
				v = -bit
				if d.bits.take(1) == 1 {
					v = bit
				}
			} else if run < 15 {
				d.eobrun = 1<<run + int(d.bits.take(run))
				break coefficients
			}
			k = d.correct(b, k, s.end, run, bit)
			if v != 0 && k <= s.end {
				b[natural[k]] = v
			}
		}
	}
	if d.eobrun > 0 {
		d.correct(b, k, s.end, -1, bit)
		d.eobrun--
	}
}

// correct reads a bit for every known coefficient from k on, passes zeros zero ones, and returns the place
// of the next; with zeros −1 it goes to the end.
func (d *decoder) correct(b *[64]int16, k, end, zeros int, bit int16) int {
	for ; k <= end; k++ {
		p := &b[natural[k]]
		if *p == 0 {
			if zeros == 0 {
				return k
			}
			zeros--
			continue
		}
		if d.bits.take(1) == 0 || *p&bit != 0 && *p > 0 || *p < 0 && -*p&bit != 0 {
			continue
		}
		if *p > 0 {
			*p += bit
		} else {
			*p -= bit
		}
	}
	return k
}

// transformAll turns all coefficients into samples.
func (d *decoder) transformAll() {
	for i := range d.comps {
		c := &d.comps[i]
		if c.quant == nil { // a component without a scan is gray
			c.quant = new([64]int32)
		}
		for y := range c.mh {
			for x := range c.mw {
				b := (*[64]int16)(c.coef[64*(y*c.mw+x):])
				dst := c.plane[y*c.size*c.stride+pixel.Pad+x*c.size:]
				pixel.IDCT(dst, c.stride, b, c.quant, c.size)
			}
		}
	}
}
