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
	if !f.t.b.holes[f.feature] && best.gain > 0 { // NaN that Fit did not see go to the larger side
		best.missingLeft = 2*f.t.unit.sums(best.left).n > f.all.n
		if best.set != nil {
			best.set[missing] = best.missingLeft
		}
	}
}

// numbers tries every border between bins, with NaN on either side.
func (f *finder) numbers(best *choice) {
	borders := f.t.b.used(f.feature) - 1
	up := borders
	if f.t.b.holes[f.feature] {
		up++ // all numbers against NaN
	}
	least, whole, l2 := float64(f.t.o.MinSamplesLeaf), f.all.g*f.p.value, f.t.o.L2Regularization
	free, u := f.t.o.MonotonicCst == nil, *f.t.unit
	var sum cell
	for b := range up {
		sum.add(&f.cells[b&255])
		l := u.sums(sum)
		r := sums{f.all.g - l.g, f.all.h - l.h, f.all.n - l.n}
		if l.n < least || l.h < 1e-3 {
			continue
		}
		if r.n < least || r.h < 1e-3 {
			break
		}
		gain := 0.0
		if free {
			gain = lowered(whole, l2, l, r)
		} else {
			gain = f.bounded(l, r)
		}
		if gain > best.gain {
			best.gain, best.bin, best.missingLeft, best.left = gain, uint8(b), false, sum
		}
	}
	if !f.t.b.holes[f.feature] {
		return
	}
	sum = cell{}
	for b := borders - 1; b >= 0; b-- { // NaN go left; of equal gains the largest border counts, as in scikit-learn
		sum.add(&f.cells[(b+1)&255])
		r := u.sums(sum)
		l := sums{f.all.g - r.g, f.all.h - r.h, f.all.n - r.n}
		if r.n < least || r.h < 1e-3 {
			continue
		}
		if l.n < least || l.h < 1e-3 {
			break
		}
		if gain := f.bounded(l, r); gain > best.gain {
			best.gain, best.bin, best.missingLeft = gain, uint8(b), true
			best.left = cell{f.p.total.g - sum.g, f.p.total.c - sum.c}
		}
	}
}

// lowered is bounded for values without bounds. Its roundings are scikit-learn's, so that ties are ties.
func lowered(whole, l2 float64, l, r sums) float64 {
	a, b := -l.g/(l.h+l2+1e-15), -r.g/(r.h+l2+1e-15)
	return float64(float64(whole-float64(l.g*a)) - float64(r.g*b))
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
			l.add(&f.cells[list[k].bin])
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
