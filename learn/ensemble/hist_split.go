package ensemble

import (
	"cmp"
	"slices"
)

// finder looks for the best split of a part by one feature.
type finder struct {
	t       *histTree
	p       *part
	cells   *[256]cell
	all     sums
	feature int
}

// find writes the best split, or leaves its gain 0.
func (f *finder) find(best *choice) {
	best.feature = f.feature
	if f.t.b.categories[f.feature] != nil {
		f.categories(best)
	} else {
		f.numbers(best)
	}
	if f.cells[missing].c == 0 && best.gain > 0 { // unseen NaN go to the larger side
		best.missingLeft = 2*f.t.unit.sums(best.left).n > f.all.n
		if best.set != nil {
			best.set[missing] = best.missingLeft
		}
	}
}

// numbers tries every border between bins, with NaN on either side.
func (f *finder) numbers(best *choice) {
	o := f.t.o
	l2, least, u := o.L2Regularization, float64(o.MinSamplesLeaf), f.t.unit
	whole, free := f.all.g*f.p.value, o.MonotonicCst == nil
	nan := f.cells[missing]
	borders := f.t.b.used(f.feature) - 1
	for pass := range 2 {
		var l cell
		if pass == 1 {
			if nan.c == 0 {
				break
			}
			l = nan
		} else if nan.c != 0 {
			borders++ // NaN against all numbers
		}
		for b := range borders {
			c := &f.cells[b&255]
			l.g += c.g
			l.c += c.c
			s := u.sums(l)
			if s.n < least || s.h < 1e-3 {
				continue
			}
			r := sums{f.all.g - s.g, f.all.h - s.h, f.all.n - s.n}
			if r.n < least || r.h < 1e-3 {
				break
			}
			gain := 0.0
			if free {
				a, b := -s.g/(s.h+l2+1e-15), -r.g/(r.h+l2+1e-15)
				gain = float64(float64(whole-float64(s.g*a)) - float64(r.g*b)) // rounded so that ties are ties
			} else {
				gain = f.bounded(s, r)
			}
			if gain > best.gain {
				best.gain, best.bin, best.missingLeft, best.left = gain, uint8(b), pass == 1, l
			}
		}
		if pass == 0 && nan.c != 0 {
			borders--
		}
	}
}

// bounded is the gain where values have bounds and directions.
func (f *finder) bounded(l, r sums) float64 {
	a, b := f.t.value(l, f.p.low, f.p.high), f.t.value(r, f.p.low, f.p.high)
	if d := f.t.o.direction(f.feature); d > 0 && a > b || d < 0 && a < b {
		return -1
	}
	return float64(float64(float64(f.all.g*f.p.value)-float64(l.g*a)) - float64(r.g*b))
}

// support is the least number of rows that a category needs to be split from others.
const support = 10

// categories sorts the categories by their mean gradient and tries the borders from both ends (Fisher 1958).
func (f *finder) categories(best *choice) {
	type category struct {
		bin  int
		mean float64
	}
	var list []category
	factor := f.all.n / f.all.h
	add := func(bin int) {
		if s := f.t.unit.sums(f.cells[bin]); s.h*factor >= support {
			list = append(list, category{bin, s.g / (s.h + support)})
		}
	}
	for b := range f.t.b.used(f.feature) {
		add(b)
	}
	if f.cells[missing].c != 0 {
		add(missing)
	}
	if len(list) < 2 {
		return
	}
	slices.SortFunc(list, func(a, b category) int { return cmp.Compare(a.mean, b.mean) })
	least := float64(f.t.o.MinSamplesLeaf)
	for pass := range 2 {
		var l cell
		half := (len(list)+1)/2 - pass
		for k := range half {
			if pass == 1 {
				k = len(list) - 1 - k
			}
			c := f.cells[list[k].bin]
			l.g += c.g
			l.c += c.c
			s := f.t.unit.sums(l)
			r := sums{f.all.g - s.g, f.all.h - s.h, f.all.n - s.n}
			if s.n < least || s.h < 1e-3 {
				continue
			}
			if r.n < least || r.h < 1e-3 {
				break
			}
			gain := f.bounded(s, r)
			if gain <= best.gain {
				continue
			}
			part := list[:k+1]
			if pass == 1 {
				part = list[k:]
			}
			best.gain, best.left, best.set = gain, l, &[256]bool{}
			for _, c := range part {
				best.set[c.bin] = true
			}
			best.missingLeft = best.set[missing]
		}
	}
}
