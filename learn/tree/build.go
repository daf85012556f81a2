package tree

import (
	"container/heap"
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// Tree is a fitted tree as arrays over its nodes; node 0 is the root, and a leaf has Left -1.
type Tree struct {
	Feature     []int
	Threshold   []float64 // values at most this go left
	Left, Right []int
	MissingLeft []bool
	Impurity    []float64
	Samples     []int
	Weight      []float64
	Values      []float64 // Width numbers a node
	Width       int
	Depth       int
}

// Params say how a tree grows.
type Params struct {
	MaxDepth         int // 0: no limit
	MinSplit         int
	MinLeaf          int
	MinLeafWeight    float64
	MaxFeatures      int
	MaxLeaves        int // 0: no limit; else the best split is made first
	MinDecrease      float64
	RandomThresholds bool // one random threshold for each feature
	Monotonic        []int
	Seed             uint32 // state of the stream that draws features, not 0
}

// Columns are the features of all rows as float32, the precision in which trees compare.
type Columns struct {
	X       [][]float32
	Missing []bool // columns that have NaN
}

// NewColumns converts a matrix.
func NewColumns(x *learn.Matrix) *Columns {
	c := &Columns{X: make([][]float32, x.Cols), Missing: make([]bool, x.Cols)}
	for j := range c.X {
		c.X[j] = make([]float32, x.Rows)
	}
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			f := float32(v)
			c.X[j][i] = f
			if f != f {
				c.Missing[j] = true
			}
		}
	}
	return c
}

// grower is the state of growing one tree.
type grower struct {
	Params
	c        *Columns
	crit     criterion
	rows     []int32
	features []int
	constant []int
	e, tmp   []entry
	side     []int32
	seed     uint32
	total    float64
	tree     *Tree
	poll     func()
}

// task is a node to be made.
type task struct {
	lo, hi, depth, parent int
	left                  bool
	constants             int
	low, high             float64 // bounds of the value under monotonic constraints
}

// cut is a split of a node.
type cut struct {
	feature               int
	threshold             float64
	missingLeft           bool
	pos                   int
	improvement           float64
	impLeft, impRight     float64
	found                 bool
	proxy                 float64
	valueLeft, valueRight float64
}

// next draws from the stream of scikit-learn's trees (a 32-bit xorshift).
func (g *grower) next() uint32 {
	g.seed ^= g.seed << 13
	g.seed ^= g.seed >> 17
	g.seed ^= g.seed << 5
	return g.seed % (math.MaxInt32 + 1)
}

func (g *grower) draw(lo, hi int) int { return lo + int(g.next()%uint32(hi-lo)) }

func (g *grower) uniform(lo, hi float64) float64 {
	return (hi-lo)*float64(g.next())/math.MaxInt32 + lo
}

// grow makes a tree of rows; rows of weight 0 must be left out.
func grow(c *Columns, crit criterion, rows []int32, p Params, poll func()) *Tree {
	n := len(c.X)
	g := &grower{
		Params: p, c: c, crit: crit, rows: rows, features: make([]int, n), constant: make([]int, n),
		e: make([]entry, len(rows)), tmp: make([]entry, len(rows)), side: make([]int32, len(rows)),
		seed: p.Seed, tree: &Tree{Width: crit.values()}, poll: poll,
	}
	for j := range g.features {
		g.features[j] = j
	}
	if g.seed == 0 {
		g.seed = 1
	}
	crit.init(rows)
	g.total = crit.weight()
	root := task{hi: len(rows), parent: -1, low: math.Inf(-1), high: math.Inf(1)}
	if p.MaxLeaves > 0 {
		g.bestFirst(root)
	} else {
		g.depthFirst(root)
	}
	return g.tree
}

func (g *grower) depthFirst(root task) {
	stack := []task{root}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		imp := g.begin(t)
		node := g.add(t, imp)
		if g.stops(t, imp) {
			continue
		}
		s, constants := g.split(t, imp)
		if !s.found || s.improvement+2.2e-16 < g.MinDecrease {
			continue
		}
		g.commit(node, t, s)
		l, r := g.childTasks(node, t, s, constants)
		stack = append(stack, r, l)
		if g.poll != nil && len(g.tree.Left)%64 == 0 {
			g.poll()
		}
	}
}

// begin loads a node into the criterion.
func (g *grower) begin(t task) float64 {
	g.crit.init(g.rows[t.lo:t.hi])
	return g.crit.impurity()
}

// stops reports whether a node is a leaf without looking for a split.
func (g *grower) stops(t task, imp float64) bool {
	n := t.hi - t.lo
	return g.MaxDepth > 0 && t.depth >= g.MaxDepth || n < g.MinSplit || n < 2*g.MinLeaf ||
		g.crit.weight() < 2*g.MinLeafWeight || imp <= 2.220446049250313e-16
}

func (g *grower) childTasks(node int, t task, s cut, constants int) (l, r task) {
	l = task{t.lo, s.pos, t.depth + 1, node, true, constants, t.low, t.high}
	r = task{s.pos, t.hi, t.depth + 1, node, false, constants, t.low, t.high}
	if g.Monotonic != nil {
		if m := g.Monotonic[s.feature]; m != 0 {
			mid := (s.valueLeft + s.valueRight) / 2
			if m > 0 {
				l.high, r.low = mid, mid
			} else {
				l.low, r.high = mid, mid
			}
		}
	}
	return l, r
}

// add appends a leaf with the criterion's value.
func (g *grower) add(t task, imp float64) int {
	tr := g.tree
	id := len(tr.Left)
	tr.Feature, tr.Threshold = append(tr.Feature, -2), append(tr.Threshold, -2)
	tr.Left, tr.Right = append(tr.Left, -1), append(tr.Right, -1)
	tr.MissingLeft = append(tr.MissingLeft, false)
	tr.Impurity, tr.Samples = append(tr.Impurity, imp), append(tr.Samples, t.hi-t.lo)
	tr.Weight = append(tr.Weight, g.crit.weight())
	at := len(tr.Values)
	tr.Values = append(tr.Values, make([]float64, tr.Width)...)
	g.crit.value(tr.Values[at:])
	if g.Monotonic != nil {
		v := tr.Values[at:]
		switch {
		case len(v) == 2: // probabilities of two classes
			v[1] = min(max(v[1], t.low), t.high)
			v[0] = 1 - v[1]
		default:
			v[0] = min(max(v[0], t.low), t.high)
		}
	}
	tr.Depth = max(tr.Depth, t.depth)
	if t.parent >= 0 {
		if t.left {
			tr.Left[t.parent] = id
		} else {
			tr.Right[t.parent] = id
		}
	}
	return id
}

// commit stores a split and orders the node's rows by it.
func (g *grower) commit(node int, t task, s cut) {
	tr := g.tree
	tr.Feature[node], tr.Threshold[node], tr.MissingLeft[node] = s.feature, s.threshold, s.missingLeft
}

// partition orders the rows of a task by a split and returns where the right side begins.
func (g *grower) partition(t task, s cut) int {
	col := g.c.X[s.feature]
	rows := g.rows[t.lo:t.hi]
	l, r := 0, 0
	for _, i := range rows {
		v := col[i]
		if float64(v) <= s.threshold || v != v && s.missingLeft {
			rows[l] = i
			l++
		} else {
			g.side[r] = i
			r++
		}
	}
	copy(rows[l:], g.side[:r])
	return t.lo + l
}

// split looks for the best cut of a node among features drawn as scikit-learn draws them.
func (g *grower) split(t task, imp float64) (best cut, constants int) {
	f := g.features
	end, visited, found, drawn, known := len(f), 0, 0, 0, t.constants
	total := known
	best.proxy = math.Inf(-1)
	for end > total && (visited < g.MaxFeatures || visited <= found+drawn) {
		visited++
		j := g.draw(drawn, end-found)
		if j < known {
			f[drawn], f[j] = f[j], f[drawn]
			drawn++
			continue
		}
		j += found
		feature := f[j]
		values, missing := g.load(t, feature)
		n := len(values) - missing
		if n == 0 || values[n-1].v <= values[0].v+1e-7 && missing == 0 {
			f[j], f[total] = f[total], f[j]
			found++
			total++
			continue
		}
		end--
		f[end], f[j] = f[j], f[end]
		if g.RandomThresholds {
			g.tryRandom(t, feature, values, missing, &best)
		} else {
			g.try(t, feature, values, missing, &best)
		}
	}
	copy(f[:known], g.constant[:known])
	copy(g.constant[known:], f[known:known+found])
	if best.found {
		best.pos = g.partition(t, best)
		g.measure(t, imp, &best)
		best.found = best.pos > t.lo && best.pos < t.hi
	}
	return best, total
}

// load returns a feature's values of the node's rows, sorted, missing ones last.
func (g *grower) load(t task, feature int) (values []entry, missing int) {
	col := g.c.X[feature]
	rows := g.rows[t.lo:t.hi]
	values = g.e[:len(rows)]
	if !g.c.Missing[feature] {
		for k, i := range rows {
			values[k] = entry{col[i], i}
		}
	} else {
		lo, hi := 0, len(rows)
		for _, i := range rows {
			if v := col[i]; v == v {
				values[lo] = entry{v, i}
				lo++
			} else {
				hi--
				values[hi] = entry{v, i}
			}
		}
		missing = len(rows) - lo
	}
	if n := len(values) - missing; !g.RandomThresholds && n > 0 {
		sortEntries(values[:n], g.tmp)
	} else if n > 0 { // the least and the greatest at the ends are enough
		part := values[:n]
		for k := range part {
			if part[k].v < part[0].v {
				part[k], part[0] = part[0], part[k]
			}
		}
		for k := range part {
			if part[k].v > part[n-1].v {
				part[k], part[n-1] = part[n-1], part[k]
			}
		}
	}
	return values, missing
}

// allowed reports whether a cut that leaves nl rows on the left keeps the limits of leaves.
func (g *grower) allowed(nl, nr int) bool {
	return nl >= g.MinLeaf && nr >= g.MinLeaf && g.crit.left() >= g.MinLeafWeight &&
		g.crit.weight()-g.crit.left() >= g.MinLeafWeight
}

// try evaluates all cuts of a sorted feature.
func (g *grower) try(t task, feature int, values []entry, missing int, best *cut) {
	n := len(values) - missing
	for pass := range 2 {
		missingLeft := pass == 1
		if missingLeft && missing == 0 {
			break
		}
		g.crit.reset()
		done := 0
		extra := 0
		if missingLeft {
			g.crit.move(values[n:])
			extra = missing
		}
		for p := 0; p < n; {
			for p+1 < n && values[p+1].v <= values[p].v+1e-7 {
				p++
			}
			p++
			if p >= n && (missing == 0 || missingLeft) {
				break
			}
			nl := p + extra
			if nl < g.MinLeaf || len(values)-nl < g.MinLeaf {
				continue
			}
			g.crit.move(values[done:p])
			done = p
			if !g.allowed(nl, len(values)-nl) || !g.monotonic(t, feature) {
				continue
			}
			if q := g.crit.proxy(); q > best.proxy {
				best.proxy, best.feature, best.found = q, feature, true
				best.missingLeft = missingLeft
				if missing == 0 {
					best.missingLeft = 2*nl > len(values)
				}
				best.threshold = math.Inf(1)
				if p < n {
					a, b := float64(values[p-1].v), float64(values[p].v)
					best.threshold = a/2 + b/2
					if best.threshold == b || math.IsInf(best.threshold, 0) {
						best.threshold = a
					}
				}
			}
		}
	}
}

// tryRandom evaluates one random cut of a feature.
func (g *grower) tryRandom(t task, feature int, values []entry, missing int, best *cut) {
	n := len(values) - missing
	lo, hi := float64(values[0].v), float64(values[n-1].v)
	threshold := g.uniform(lo, hi)
	if threshold == hi {
		threshold = lo
	}
	g.crit.reset()
	nl := 0
	part := values[:n]
	for k := range part { // rows at most the threshold first
		if float64(part[k].v) <= threshold {
			part[k], part[nl] = part[nl], part[k]
			nl++
		}
	}
	missingLeft := missing > 0 && g.next()%2 == 1
	if missingLeft {
		g.crit.move(values[n:])
	}
	g.crit.move(part[:nl])
	if missingLeft {
		nl += missing
	}
	if !g.allowed(nl, len(values)-nl) || !g.monotonic(t, feature) {
		return
	}
	if q := g.crit.proxy(); q > best.proxy {
		*best = cut{proxy: q, feature: feature, threshold: threshold, missingLeft: missingLeft, found: true}
	}
}

// monotonic reports whether the sides' values keep the constraint of a feature and the node's bounds.
func (g *grower) monotonic(t task, feature int) bool {
	if g.Monotonic == nil {
		return true
	}
	l, r, ok := g.sideValues()
	if !ok {
		return true
	}
	if l < t.low || l > t.high || r < t.low || r > t.high {
		return false
	}
	return float64(g.Monotonic[feature])*(r-l) >= 0
}

func (g *grower) sideValues() (l, r float64, ok bool) {
	wr := g.crit.weight() - g.crit.left()
	switch c := g.crit.(type) {
	case *squares:
		return c.lhs[0] / c.wl, (c.sum[0] - c.lhs[0]) / wr, true
	case *classes:
		if c.k[0] == 2 {
			return c.lhs[0][1] / c.wl, c.rhs[0][1] / wr, true
		}
	}
	return 0, 0, false
}

// measure fills in impurities and improvement of the chosen cut.
func (g *grower) measure(t task, imp float64, best *cut) {
	left := g.e[:best.pos-t.lo]
	for k, i := range g.rows[t.lo:best.pos] {
		left[k] = entry{0, i}
	}
	g.crit.reset()
	g.crit.move(left)
	if c, ok := g.crit.(*squares); ok {
		c.order = left
	}
	best.impLeft, best.impRight = g.crit.children()
	best.valueLeft, best.valueRight, _ = g.sideValues()
	w, l := g.crit.weight(), g.crit.left()
	best.improvement = w / g.total * (imp - (w-l)/w*best.impRight - l/w*best.impLeft)
}

// frontier is a node that could be split, for growth by the best improvement.
type frontier struct {
	t         task
	node      int
	s         cut
	constants int
}

type queue []frontier

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].s.improvement > q[j].s.improvement }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(frontier)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// bestFirst grows by the best improvement until there are MaxLeaves leaves.
func (g *grower) bestFirst(root task) {
	q := &queue{}
	add := func(t task) {
		imp := g.begin(t)
		f := frontier{t: t, node: g.add(t, imp)}
		if !g.stops(t, imp) {
			f.s, f.constants = g.split(t, imp)
			if f.s.found && f.s.improvement+2.2e-16 >= g.MinDecrease {
				heap.Push(q, f)
			}
		}
	}
	add(root)
	for leaves := 1; q.Len() > 0 && leaves < g.MaxLeaves; leaves++ {
		f := heap.Pop(q).(frontier)
		g.commit(f.node, f.t, f.s)
		l, r := g.childTasks(f.node, f.t, f.s, f.constants)
		add(l)
		add(r)
	}
}
