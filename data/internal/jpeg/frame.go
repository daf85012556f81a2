package jpeg

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/lathe-ml/lathe/data/internal/pixel"
)

// frame reads the frame header: size, components and their sampling.
func (d *decoder) frame(m byte, b []byte) error {
	if d.frameSeen {
		return errors.New("there are two frames; want one")
	}
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return errShort
	}
	d.frameSeen = true
	d.info.Progressive = m == 0xc2
	d.info.Height, d.info.Width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	d.info.Components = int(b[5])
	w, h := d.info.Width, d.info.Height
	switch {
	case b[0] != 8:
		return fmt.Errorf("samples of %d bits; only 8 are decoded", b[0])
	case w == 0 || h == 0 || w*h > MaxPixels:
		return fmt.Errorf("the image is %d×%d; want at most %d pixels", w, h, MaxPixels)
	case b[5] != 1 && b[5] != 3 && b[5] != 4:
		return fmt.Errorf("%d components; want 1, 3 or 4", b[5])
	}
	d.hmax, d.vmax = 1, 1
	for c := b[6:]; len(c) > 0; c = c[3:] {
		s := component{id: c[0], h: int(c[1] >> 4), v: int(c[1] & 15), tq: c[2]}
		if s.h < 1 || s.h > 4 || s.v < 1 || s.v > 4 || s.tq > 3 {
			return fmt.Errorf("component %d has sampling %d×%d and table %d", s.id, s.h, s.v, s.tq)
		}
		if b[5] == 1 {
			s.h, s.v = 1, 1
		}
		d.hmax, d.vmax = max(d.hmax, s.h), max(d.vmax, s.v)
		d.comps = append(d.comps, s)
	}
	return nil
}

// layout computes the sizes of all planes; it refuses a file too short for its own size.
func (d *decoder) layout() error {
	w, h := d.info.Width, d.info.Height
	d.min = 8 / d.o.Reduce
	mx, my := ceil(w, 8*d.hmax), ceil(h, 8*d.vmax)
	blocks, bytes := 0, 0
	for i := range d.comps {
		c := &d.comps[i]
		c.size = d.min
		for c.size < 8 && d.hmax*d.min%(c.h*c.size*2) == 0 && d.vmax*d.min%(c.v*c.size*2) == 0 {
			c.size *= 2
		}
		c.bw, c.bh = ceil(ceil(w*c.h, d.hmax), 8), ceil(ceil(h*c.v, d.vmax), 8)
		c.mw, c.mh = mx*c.h, my*c.v
		c.dw, c.dh = ceil(w*c.h*c.size, 8*d.hmax), ceil(h*c.v*c.size, 8*d.vmax)
		c.stride = c.mw*c.size + 2*pixel.Pad
		blocks += c.bw * c.bh
		bytes += c.stride * c.mh * c.size
	}
	if blocks > 8*len(d.in) { // a block takes at least one bit
		return errShort
	}
	d.planes = grow(d.planes, bytes)
	rest := d.planes
	for i := range d.comps {
		c := &d.comps[i]
		n := c.stride * c.mh * c.size
		c.plane, rest = rest[:n:n], rest[n:]
	}
	if !d.info.Progressive {
		return nil
	}
	n := 0
	for i := range d.comps {
		n += 64 * d.comps[i].mw * d.comps[i].mh
	}
	d.coefs = grow(d.coefs, n)
	clear(d.coefs)
	all := d.coefs
	for i := range d.comps {
		c := &d.comps[i]
		n := 64 * c.mw * c.mh
		c.coef, all = all[:n:n], all[n:]
	}
	return nil
}

func ceil(a, b int) int { return (a + b - 1) / b }

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
