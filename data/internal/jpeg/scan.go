package jpeg

import (
	"errors"
	"fmt"

	"github.com/lathe-ml/lathe/data/internal/pixel"
)

// scanHeader is what a scan decodes.
type scanHeader struct {
	comps      []*component
	start, end int // spectral selection
	high, low  int // successive approximation
}

func (d *decoder) scanHeader(b []byte) (s scanHeader, err error) {
	if !d.frameSeen {
		return s, errors.New("a scan stands before the frame header")
	}
	if len(b) < 1 || b[0] < 1 || int(b[0]) > len(d.comps) || len(b) != 4+2*int(b[0]) {
		return s, errors.New("a scan header of a wrong length")
	}
	for i := range int(b[0]) {
		id, tables := b[1+2*i], b[2+2*i]
		var found *component
		for k := range d.comps {
			if c := &d.comps[k]; c.id == id && found == nil {
				found = c
			}
		}
		if found == nil || tables>>4 > 3 || tables&15 > 3 {
			return s, fmt.Errorf("a scan of component %d with tables %02x", id, tables)
		}
		for _, c := range s.comps {
			if c == found {
				return s, fmt.Errorf("a scan has component %d twice", id)
			}
		}
		found.td, found.ta = int(tables>>4), int(tables&15)
		if found.quant == nil {
			if found.quant = d.quant[found.tq]; found.quant == nil {
				return s, fmt.Errorf("quantization table %d is missing", found.tq)
			}
		}
		s.comps = append(s.comps, found)
	}
	t := b[len(b)-3:]
	s.start, s.end, s.high, s.low = int(t[0]), int(t[1]), int(t[2]>>4), int(t[2]&15)
	if !d.info.Progressive {
		s.start, s.end, s.high, s.low = 0, 63, 0, 0
	}
	if s.start > s.end || s.end > 63 || s.low > 13 || s.start == 0 && s.end != 0 && d.info.Progressive ||
		s.start > 0 && len(s.comps) > 1 {
		return s, fmt.Errorf("a scan of coefficients %d…%d, bits %d…%d", s.start, s.end, s.high, s.low)
	}
	for _, c := range s.comps {
		if s.start == 0 && s.high == 0 && d.huff[0][c.td] == nil || s.end > 0 && d.huff[1][c.ta] == nil {
			return s, fmt.Errorf("component %d lacks a Huffman table", c.id)
		}
	}
	return s, nil
}

// scan decodes the entropy-coded data after a scan header and returns its length.
func (d *decoder) scan(head, in []byte) (int, error) {
	s, err := d.scanHeader(head)
	if err != nil {
		return 0, err
	}
	if !d.scanned {
		if err := d.layout(); err != nil {
			return 0, err
		}
		d.scanned = true
	}
	w, h := ceil(d.info.Width, 8*d.hmax), ceil(d.info.Height, 8*d.vmax)
	alone := len(s.comps) == 1
	if alone {
		w, h = s.comps[0].bw, s.comps[0].bh
	}
	block := d.baselineBlock
	if d.info.Progressive {
		block = d.progressiveBlock(s)
	}
	used, units := 0, w*h
	for unit := 0; unit < units; {
		n, buf := d.bits.open(in[used:], d.buf)
		d.buf, d.eobrun = buf, 0
		used += n
		for i := range s.comps {
			s.comps[i].dc = 0
		}
		stop := units
		if d.interval > 0 {
			stop = min(units, unit+d.interval)
		}
		for ; unit < stop; unit++ {
			d.unit(s.comps, alone, unit%w, unit/w, block)
			if d.bits.overrun() {
				return 0, errShort
			}
		}
		if unit < units {
			if used+1 >= len(in) || in[used+1] < 0xd0 || in[used+1] > 0xd7 {
				return 0, errShort
			}
			used += 2
		}
	}
	return used, nil
}

// unit decodes the blocks of one unit: one block of a component alone, else h×v of each.
func (d *decoder) unit(comps []*component, alone bool, x, y int, block func(c *component, x, y int)) {
	if alone {
		block(comps[0], x, y)
		return
	}
	for _, c := range comps {
		for v := range c.v {
			for h := range c.h {
				block(c, x*c.h+h, y*c.v+v)
			}
		}
	}
}

// baselineBlock decodes a block and transforms it into its plane.
func (d *decoder) baselineBlock(c *component, x, y int) {
	var coef [72]int16
	r := &d.bits
	if r.n < 32 {
		r.fill()
	}
	dc := d.huff[0][c.td]
	if e := dc.fast[r.acc>>(64-look)]; e != 0 {
		r.acc <<= uint(e) & 63
		r.n -= int(e & 63)
		c.dc += e >> 16
	} else {
		s := int(r.next(dc)) & 15
		c.dc += extend(r.take(s), s)
	}
	coef[0] = int16(c.dc)
	dst := c.plane[y*c.size*c.stride+pixel.Pad+x*c.size:]
	if !d.alternating(d.huff[1][c.ta], &coef) {
		pixel.Flat(dst, c.stride, int32(coef[0]), c.quant[0], c.size)
		return
	}
	pixel.IDCT(dst, c.stride, (*[64]int16)(coef[:64]), c.quant, c.size)
}

// alternating decodes the coefficients 1…63 and says whether there are any.
func (d *decoder) alternating(t *table, coef *[72]int16) bool {
	r := &d.bits
	acc, n := r.acc, r.n
	k := 1
	for k < 64 {
		if n < 32 {
			r.acc, r.n = acc, n
			r.fill()
			acc, n = r.acc, r.n
		}
		if e := t.fast[acc>>(64-look)]; e != 0 {
			l := uint(e) & 63
			acc <<= l
			n -= int(l)
			k += int(e>>8) & 127
			coef[natural[uint8(k)]] = int16(e >> 16)
			k++
			continue
		}
		r.acc, r.n = acc, n
		rs := r.next(t)
		run, s := int(rs>>4), int(rs&15)
		v := extend(r.take(s), s)
		acc, n = r.acc, r.n
		if s == 0 && run < 15 {
			break
		}
		k += run
		if s != 0 {
			coef[natural[uint8(k)]] = int16(v)
		}
		k++
	}
	r.acc, r.n = acc, n
	return k != 66 && k > 1 // 66: the end of the block came first
}
