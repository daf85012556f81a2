package tree

import (
	"math"
	"sort"
)

// criterion measures how mixed the targets of rows are. A node is begun with init; rows then move from the
// right side to the left with move.
type criterion interface {
	init(rows []int32)
	weight() float64                 // of the node
	impurity() float64               // of the node
	value(dst []float64)             // prediction of the node
	reset()                          // all rows to the right
	move(rows []entry)               // these to the left
	left() (weight float64)          // of the rows on the left
	proxy() float64                  // larger is a better split
	children() (left, right float64) // impurities
	values() int                     // length of a prediction
}

// classes is Gini impurity or entropy of one or more columns of class codes.
type classes struct {
	codes   [][]int32 // of each output
	k       []int     // classes of each output
	w       []float64
	entropy bool

	all, lhs, rhs [][]float64
	wn, wl        float64
}

func newClasses(codes [][]int32, k []int, w []float64, entropy bool) *classes {
	c := &classes{codes: codes, k: k, w: w, entropy: entropy}
	for _, n := range k {
		c.all = append(c.all, make([]float64, n))
		c.lhs = append(c.lhs, make([]float64, n))
		c.rhs = append(c.rhs, make([]float64, n))
	}
	return c
}

func (c *classes) values() int {
	n := 0
	for _, k := range c.k {
		n += k
	}
	return n
}

func (c *classes) init(rows []int32) {
	c.wn = 0
	for o := range c.all {
		clear(c.all[o])
		codes := c.codes[o]
		for _, i := range rows {
			c.all[o][codes[i]] += c.w[i]
		}
	}
	for _, i := range rows {
		c.wn += c.w[i]
	}
	c.reset()
}

func (c *classes) weight() float64 { return c.wn }

func (c *classes) reset() {
	c.wl = 0
	for o := range c.all {
		clear(c.lhs[o])
		copy(c.rhs[o], c.all[o])
	}
}

func (c *classes) move(rows []entry) {
	for o := range c.all {
		codes, l, r := c.codes[o], c.lhs[o], c.rhs[o]
		for _, e := range rows {
			k, w := codes[e.i], c.w[e.i]
			l[k] += w
			r[k] -= w
		}
	}
	for _, e := range rows {
		c.wl += c.w[e.i]
	}
}

func (c *classes) left() float64 { return c.wl }

func (c *classes) mixed(sums [][]float64, w float64) float64 {
	total := 0.0
	for _, s := range sums {
		v := 0.0
		if c.entropy {
			for _, n := range s {
				if n > 0 {
					v -= n / w * math.Log2(n/w)
				}
			}
		} else {
			for _, n := range s {
				v += n * n
			}
			v = 1 - v/(w*w)
		}
		total += v
	}
	return total / float64(len(sums))
}

func (c *classes) impurity() float64 { return c.mixed(c.all, c.wn) }

func (c *classes) children() (float64, float64) {
	return c.mixed(c.lhs, c.wl), c.mixed(c.rhs, c.wn-c.wl)
}

func (c *classes) proxy() float64 {
	wr := c.wn - c.wl
	if c.entropy {
		l, r := c.children()
		return -wr*r - c.wl*l
	}
	total := 0.0
	for o := range c.lhs {
		a, b := 0.0, 0.0
		r := c.rhs[o]
		for k, n := range c.lhs[o] {
			a += n * n
			b += r[k] * r[k]
		}
		total += a/c.wl + b/wr
	}
	return total / float64(len(c.lhs))
}

func (c *classes) value(dst []float64) {
	at := 0
	for o := range c.all {
		for _, n := range c.all[o] {
			dst[at] = n / c.wn
			at++
		}
	}
}

// squares is the mean squared error, or half the Poisson deviance, of one or more outputs.
type squares struct {
	y       [][]float64 // of each output
	w       []float64
	poisson bool

	sum, lhs []float64
	sq       float64 // Σ w·y², all outputs
	wn, wl   float64
	rows     []int32
	order    []entry // rows on the left, set for the impurities of children
}

func newSquares(y [][]float64, w []float64, poisson bool) *squares {
	return &squares{
		y: y, w: w, poisson: poisson, sum: make([]float64, len(y)), lhs: make([]float64, len(y)),
	}
}

func (c *squares) values() int { return len(c.y) }

func (c *squares) init(rows []int32) {
	c.rows = rows
	c.wn, c.sq = 0, 0
	clear(c.sum)
	for _, i := range rows {
		w := c.w[i]
		for o, y := range c.y {
			c.sum[o] += w * y[i]
			c.sq += w * y[i] * y[i]
		}
		c.wn += w
	}
	c.reset()
}

func (c *squares) weight() float64 { return c.wn }

func (c *squares) reset() {
	c.wl, c.order = 0, nil
	clear(c.lhs)
}

func (c *squares) move(rows []entry) {
	for o, y := range c.y {
		for _, e := range rows {
			c.lhs[o] += c.w[e.i] * y[e.i]
		}
	}
	for _, e := range rows {
		c.wl += c.w[e.i]
	}
}

func (c *squares) left() float64 { return c.wl }

func (c *squares) impurity() float64 {
	if c.poisson {
		return c.deviance(func(f func(i int32)) {
			for _, i := range c.rows {
				f(i)
			}
		}, c.sum, c.wn)
	}
	v := c.sq / c.wn
	for _, s := range c.sum {
		v -= s / c.wn * (s / c.wn)
	}
	return v / float64(len(c.y))
}

// deviance is half the Poisson deviance of rows from their mean.
func (c *squares) deviance(each func(f func(i int32)), sum []float64, w float64) float64 {
	total := 0.0
	for o, y := range c.y {
		if sum[o] <= 1e-300 {
			return math.Inf(1)
		}
		mean := sum[o] / w
		each(func(i int32) {
			if y[i] > 0 {
				total += c.w[i] * y[i] * math.Log(y[i]/mean)
			}
		})
	}
	return total / (w * float64(len(c.y)))
}

func (c *squares) children() (float64, float64) {
	wr := c.wn - c.wl
	right := make([]float64, len(c.sum))
	for o := range right {
		right[o] = c.sum[o] - c.lhs[o]
	}
	if c.poisson {
		in := map[int32]bool{}
		for _, e := range c.order {
			in[e.i] = true
		}
		side := func(want bool) func(f func(i int32)) {
			return func(f func(i int32)) {
				for _, i := range c.rows {
					if in[i] == want {
						f(i)
					}
				}
			}
		}
		return c.deviance(side(true), c.lhs, c.wl), c.deviance(side(false), right, wr)
	}
	sq := 0.0
	for _, e := range c.order {
		for _, y := range c.y {
			sq += c.w[e.i] * y[e.i] * y[e.i]
		}
	}
	l, r := sq/c.wl, (c.sq-sq)/wr
	for o := range right {
		l -= c.lhs[o] / c.wl * (c.lhs[o] / c.wl)
		r -= right[o] / wr * (right[o] / wr)
	}
	n := float64(len(c.y))
	return l / n, r / n
}

func (c *squares) proxy() float64 {
	wr := c.wn - c.wl
	p := 0.0
	for o, l := range c.lhs {
		r := c.sum[o] - l
		if c.poisson {
			if l <= 1e-300 || r <= 1e-300 {
				return math.Inf(-1)
			}
			p += l*math.Log(l/c.wl) + r*math.Log(r/wr)
			continue
		}
		p += l*l/c.wl + r*r/wr
	}
	return p
}

func (c *squares) value(dst []float64) {
	for o, s := range c.sum {
		dst[o] = s / c.wn
	}
}

// absolutes is the mean absolute error from the median, by sums over the ranks of targets.
type absolutes struct {
	y     [][]float64
	w     []float64
	rows  []int32
	sides [2][][]fenwick // left and right, of each output: weights and weighted targets
	rank  [][]int32      // of each output, rank of each row among the node's rows
	vals  [][]float64    // of each output, targets by rank
	wn    float64
	wl    float64
}

// fenwick holds prefix sums.
type fenwick []float64

func (f fenwick) add(i int, v float64) {
	for i++; i < len(f); i += i & -i {
		f[i] += v
	}
}

// find returns the first position where the prefix sum reaches s, and the sum before it.
func (f fenwick) find(s float64) (pos int, before float64) {
	step := 1
	for step*2 < len(f) {
		step *= 2
	}
	for ; step > 0; step /= 2 {
		if pos+step < len(f) && before+f[pos+step] < s {
			pos += step
			before += f[pos]
		}
	}
	return pos, before
}

func (f fenwick) prefix(i int) float64 {
	s := 0.0
	for ; i > 0; i -= i & -i {
		s += f[i]
	}
	return s
}

func newAbsolutes(y [][]float64, w []float64) *absolutes {
	a := &absolutes{y: y, w: w, rank: make([][]int32, len(y)), vals: make([][]float64, len(y))}
	for o := range y {
		a.rank[o] = make([]int32, len(w))
	}
	return a
}

func (c *absolutes) values() int { return len(c.y) }

func (c *absolutes) init(rows []int32) {
	c.rows = rows
	c.wn = 0
	for _, i := range rows {
		c.wn += c.w[i]
	}
	for o, y := range c.y {
		order := append([]int32(nil), rows...)
		sort.Slice(order, func(a, b int) bool { return y[order[a]] < y[order[b]] })
		c.vals[o] = c.vals[o][:0]
		for r, i := range order {
			c.rank[o][i] = int32(r)
			c.vals[o] = append(c.vals[o], y[i])
		}
	}
	c.reset()
}

func (c *absolutes) weight() float64 { return c.wn }

func (c *absolutes) reset() {
	c.wl = 0
	for s := range c.sides {
		c.sides[s] = make([][]fenwick, len(c.y))
		for o := range c.y {
			c.sides[s][o] = []fenwick{make(fenwick, len(c.rows)+1), make(fenwick, len(c.rows)+1)}
		}
	}
	for _, i := range c.rows {
		c.put(1, i, c.w[i])
	}
}

func (c *absolutes) put(side int, i int32, w float64) {
	for o, y := range c.y {
		r := int(c.rank[o][i])
		c.sides[side][o][0].add(r, w)
		c.sides[side][o][1].add(r, w*y[i])
	}
}

func (c *absolutes) move(rows []entry) {
	for _, e := range rows {
		w := c.w[e.i]
		c.put(0, e.i, w)
		c.put(1, e.i, -w)
		c.wl += w
	}
}

func (c *absolutes) left() float64 { return c.wl }

// spread returns the mean absolute deviation of a side from its weighted median, and the median.
func (c *absolutes) spread(side, o int, w float64) (dev, median float64) {
	weights, sums := c.sides[side][o][0], c.sides[side][o][1]
	pos, _ := weights.find(w / 2 * (1 - 1e-12))
	pos = min(pos, len(c.vals[o])-1)
	median = c.vals[o][pos]
	if through := weights.prefix(pos + 1); math.Abs(through-w/2) <= 1e-12*w { // between two values
		next, _ := weights.find(w / 2 * (1 + 1e-12))
		median = (median + c.vals[o][min(next, len(c.vals[o])-1)]) / 2
	}
	wb, sb := weights.prefix(pos+1), sums.prefix(pos+1)
	all := sums.prefix(len(c.vals[o]))
	return (median*wb - sb + (all - sb) - median*(w-wb)) / w, median
}

func (c *absolutes) impurity() float64 {
	s := 0.0
	for o := range c.y {
		d, _ := c.spread(1, o, c.wn)
		s += d / float64(len(c.y))
	}
	return s
}

func (c *absolutes) children() (l, r float64) {
	for o := range c.y {
		a, _ := c.spread(0, o, c.wl)
		b, _ := c.spread(1, o, c.wn-c.wl)
		l += a / float64(len(c.y))
		r += b / float64(len(c.y))
	}
	return l, r
}

func (c *absolutes) proxy() float64 {
	l, r := c.children()
	return -c.wl*l - (c.wn-c.wl)*r
}

func (c *absolutes) value(dst []float64) {
	for o := range c.y {
		_, dst[o] = c.spread(1, o, c.wn)
	}
}
