package ensemble

import (
	"math"
	"math/bits"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn/random"
)

// cell sums gradients, curvatures and rows of a bin as integers: the sum does not depend on its order, and the
// difference of two histograms is exact. Curvature is above the bits of the count.
type cell struct {
	g int64
	c uint64
}

func (c *cell) add(o *cell) {
	c.g += o.g
	c.c += o.c
}

// sums are a cell's numbers.
type sums struct{ g, h, n float64 }

// scale says what the integers of cells stand for.
type scale struct {
	g, h float64 // of one unit
	bits int     // of the count
}

func (s *scale) sums(c cell) sums {
	return sums{float64(c.g) * s.g, float64(c.c>>s.bits) * s.h, float64(c.c & (1<<s.bits - 1))}
}

// newScale returns the finest scale in which all rows' sums fit.
func newScale(g, h []float64) *scale {
	a, b := 0.0, 0.0
	for i := range g {
		a += math.Abs(g[i])
		b += h[i]
	}
	s := &scale{g: 1, h: 1, bits: bits.Len(uint(len(g)))}
	unit := func(sum float64, room int) float64 {
		if sum == 0 || math.IsInf(sum, 0) || sum != sum {
			return 1
		}
		_, e := math.Frexp(sum)
		return math.Ldexp(1, e-room)
	}
	s.g, s.h = unit(a, 61), unit(b, 62-s.bits)
	return s
}

// Node is a node of a histogram tree; Left is 0 in a leaf.
type Node struct {
	Feature     int
	Threshold   float64   // numbers up to it go left
	Categories  []float64 // instead: these go left
	Bin         uint8
	MissingLeft bool // NaN, and categories that Fit did not see
	Left, Right int
	Value       float64
}

// histTree grows one tree.
type histTree struct {
	o     *Histogram
	b     *bins
	unit  *scale
	each  []cell // of each row
	rows  []int32
	spare []int32
	nodes []Node
	rng   *random.State // features of each node; nil: all
	leaf  func(rows []int32) float64
}

// part is a leaf that could be split: rows lo … hi−1 with their histogram.
type part struct {
	node, lo, hi, depth int
	hist                []cell
	total               cell
	value               float64
	low, high           float64 // bounds of the children's values
	groups              []int   // interaction groups that may still be used; nil: no limits
	choice
}

// choice is the best way to split a part.
type choice struct {
	gain        float64
	feature     int
	bin         uint8
	set         *[256]bool // of categories: the bins that go left
	missingLeft bool
	left        cell
}

// prepare packs gradients and curvatures.
func (t *histTree) prepare(g, h []float64) {
	t.unit = newScale(g, h)
	t.each = make([]cell, len(g))
	ug, uh := 1/t.unit.g, 1/t.unit.h
	engine.Parallel(len(g), 8192, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a, b := float64(float32(g[i])), float64(float32(h[i])) // as scikit-learn rounds them
			t.each[i] = cell{int64(math.RoundToEven(a * ug)), uint64(math.RoundToEven(b*uh))<<t.unit.bits | 1}
		}
	})
}

// value is the step of a leaf, within bounds.
func (t *histTree) value(s sums, low, high float64) float64 {
	return min(max(-s.g/(s.h+t.o.L2Regularization+1e-15), low), high)
}

// grow splits the leaf with the largest gain until the limits; the rows of leaf k of the result are those that
// visit gets.
func (t *histTree) grow(visit func(rows []int32, value float64)) []Node {
	n := len(t.each)
	t.rows, t.spare = make([]int32, n), make([]int32, n)
	root := &part{hi: n, low: math.Inf(-1), high: math.Inf(1), groups: t.o.groups()}
	for i, c := range t.each {
		t.rows[i] = int32(i)
		root.total.g += c.g
		root.total.c += c.c
	}
	root.value = t.value(t.unit.sums(root.total), root.low, root.high)
	t.nodes = []Node{{}}
	root.hist = t.histogram(root.lo, root.hi)
	t.find(root)
	open, done := []*part{root}, []*part(nil)
	for leaves := 1; len(open) > 0; {
		top := 0
		for i, p := range open {
			if p.gain > open[top].gain {
				top = i
			}
		}
		p := open[top]
		open = append(open[:top], open[top+1:]...)
		if p.gain <= 0 || t.o.MaxLeafNodes > 0 && leaves >= t.o.MaxLeafNodes ||
			t.o.MaxDepth > 0 && p.depth >= t.o.MaxDepth {
			p.hist = nil
			done = append(done, p)
			continue
		}
		l, r := t.split(p)
		leaves++
		open = append(open, l, r)
	}
	for _, p := range done {
		v := p.value
		if t.leaf != nil {
			v = t.leaf(t.rows[p.lo:p.hi])
		}
		v *= t.o.LearningRate
		t.nodes[p.node].Value = v
		visit(t.rows[p.lo:p.hi], v)
	}
	return t.nodes
}

// histogram sums the rows lo … hi−1 by feature and bin.
func (t *histTree) histogram(lo, hi int) []cell {
	rows := t.rows[lo:hi]
	out := make([]cell, len(t.b.codes)*256)
	values := t.each
	if len(rows) < len(t.each) {
		values = make([]cell, len(rows))
		for k, i := range rows {
			values[k] = t.each[i]
		}
	}
	f := len(t.b.codes)
	engine.Parallel((f+3)/4, 1+4096/(len(rows)+1), func(from, to int) {
		for j := 4 * from; j < min(4*to, f); j += 4 {
			if j+4 <= f {
				addFour((*[1024]cell)(out[j*256:]), [4][]uint8(t.b.codes[j:]), rows, values)
				continue
			}
			for ; j < f; j++ {
				addRows((*[256]cell)(out[j*256:]), t.b.codes[j], rows, values)
			}
		}
	})
	return out
}

func addRows(cells *[256]cell, codes []uint8, rows []int32, values []cell) {
	for k, i := range rows {
		c, v := &cells[codes[i]], values[k]
		c.g += v.g
		c.c += v.c
	}
}

// addFour sums four features at a time: their additions do not wait for each other.
func addFour(cells *[1024]cell, codes [4][]uint8, rows []int32, values []cell) {
	n := len(codes[0])
	p, q, r, s := codes[0], codes[1][:n], codes[2][:n], codes[3][:n]
	values = values[:len(rows)]
	for k, i := range rows {
		v := values[k]
		a, b, c, d := &cells[p[i]], &cells[256+int(q[i])], &cells[512+int(r[i])], &cells[768+int(s[i])]
		a.g += v.g
		a.c += v.c
		b.g += v.g
		b.c += v.c
		c.g += v.g
		c.c += v.c
		d.g += v.g
		d.c += v.c
	}
}

// features returns the features that p may be split by; nil means all.
func (t *histTree) features(p *part) []int {
	var allowed []int
	if p.groups != nil {
		for _, k := range p.groups {
			allowed = append(allowed, t.o.interactions[k]...)
		}
		slices.Sort(allowed)
		allowed = slices.Compact(allowed)
	}
	if t.rng == nil {
		return allowed
	}
	if allowed == nil {
		allowed = allRows(len(t.b.codes))
	}
	k := max(1, int(math.Ceil(t.o.MaxFeatures*float64(len(allowed)))))
	var out []int
	for _, i := range t.rng.Choice(len(allowed), k) {
		out = append(out, allowed[i])
	}
	slices.Sort(out)
	return out
}

// find looks for the best split of a part.
func (t *histTree) find(p *part) {
	s := t.unit.sums(p.total)
	if s.n < float64(2*t.o.MinSamplesLeaf) {
		return
	}
	allowed := t.features(p)
	n := len(t.b.codes)
	if allowed != nil {
		n = len(allowed)
	}
	best := make([]choice, n)
	engine.Parallel(n, 8, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			j := k
			if allowed != nil {
				j = allowed[k]
			}
			f := finder{t: t, p: p, cells: (*[256]cell)(p.hist[j*256:]), all: s, feature: j}
			f.find(&best[k])
		}
	})
	for k := range best {
		if best[k].gain > p.gain {
			p.choice = best[k]
		}
	}
}

// split makes two parts; the histogram of the larger is the difference.
func (t *histTree) split(p *part) (l, r *part) {
	codes, rows := t.b.codes[p.feature], t.rows[p.lo:p.hi]
	var left [256]uint8 // 1 for bins that go left
	for b := range left {
		if p.set != nil && p.set[b] || p.set == nil && (b <= int(p.bin) && b != missing || b == missing && p.missingLeft) {
			left[b] = 1
		}
	}
	a, b := 0, 0
	for _, i := range rows { // both are written: a branch would be guessed wrong
		rows[a], t.spare[b] = i, i
		k := int(left[codes[i]])
		a += k
		b += 1 - k
	}
	copy(rows[a:], t.spare[:b])
	l, r = t.children(p, p.lo+a)
	small, large := l, r
	if l.hi-l.lo > r.hi-r.lo {
		small, large = r, l
	}
	small.hist = t.histogram(small.lo, small.hi)
	large.hist = p.hist
	for i, c := range small.hist {
		large.hist[i].g -= c.g
		large.hist[i].c -= c.c
	}
	p.hist = nil
	t.find(l)
	t.find(r)
	return l, r
}

// children appends the nodes of p's parts, whose border is mid.
func (t *histTree) children(p *part, mid int) (l, r *part) {
	at := len(t.nodes)
	t.nodes = append(t.nodes, Node{}, Node{})
	n := &t.nodes[p.node]
	n.Feature, n.Bin, n.MissingLeft, n.Left, n.Right = p.feature, p.bin, p.missingLeft, at, at+1
	if p.set != nil {
		for b, c := range t.b.categories[p.feature] {
			if p.set[b] {
				n.Categories = append(n.Categories, c)
			}
		}
	} else {
		n.Threshold = math.Inf(1) // NaN against numbers
		if int(p.bin) < len(t.b.edges[p.feature]) {
			n.Threshold = t.b.edges[p.feature][p.bin]
		}
	}
	l = &part{node: at, lo: p.lo, hi: mid, depth: p.depth + 1, total: p.left, low: p.low, high: p.high}
	r = &part{node: at + 1, lo: mid, hi: p.hi, depth: p.depth + 1, low: p.low, high: p.high}
	r.total = cell{p.total.g - p.left.g, p.total.c - p.left.c}
	l.value = t.value(t.unit.sums(l.total), p.low, p.high)
	r.value = t.value(t.unit.sums(r.total), p.low, p.high)
	if mid := (l.value + r.value) / 2; t.o.direction(p.feature) > 0 {
		l.high, r.low = mid, mid
	} else if t.o.direction(p.feature) < 0 {
		l.low, r.high = mid, mid
	}
	if p.groups != nil {
		l.groups = []int{}
		for _, k := range p.groups {
			if slices.Contains(t.o.interactions[k], p.feature) {
				l.groups = append(l.groups, k)
			}
		}
		r.groups = l.groups
	}
	return l, r
}
