package optim

// point is a step along a direction: its length, the loss there, its gradient and slope.
type point[T real] struct {
	t, f  number[T]
	g     []T
	slope number[T]
}

// line is a search along one direction for a step that meets the strong Wolfe conditions: the loss falls by
// c1 of what the slope promises, and the slope to c2 of it.
type line[T real] struct {
	at          func(t number[T]) point[T]
	start       point[T]
	length      number[T] // the largest element of the direction
	tries, most int
}

const wolfe1, wolfe2, shortest = 1e-4, 0.9, 1e-9

func (l *line[T]) tooHigh(p point[T]) bool {
	return l.start.f.plus(exactly[T](wolfe1).times(p.t).times(l.start.slope)).less(p.f)
}

func (l *line[T]) flat(p point[T]) bool {
	return p.slope.abs().atMost(l.start.slope.scaled(-wolfe2))
}

// search sets m.t, m.f and m.g to a step from x along m.d that meets the strong Wolfe conditions, or to the
// best of most+1 steps.
// Source: Nocedal and Wright 2006, algorithms 3.5 (bracket) and 3.6 (zoom).
func (m *minimisation[T]) search(x []T, slope number[T], most int) {
	l := &line[T]{
		at: func(t number[T]) point[T] {
			f, g := m.at(x, t)
			return point[T]{t, exactly[T](f), g, rounded(dot(g, m.d))}
		},
		start:  point[T]{exactly[T](0), exactly[T](m.f), m.g, slope},
		length: rounded(largestAbs(m.d)), most: most,
	}
	low, high, found := l.bracket(m.t)
	if !found {
		low = l.zoom(low, high)
	}
	m.t, m.f, m.g = low.t, low.f.v, low.g
}

// bracket lengthens the step t until it meets the conditions or the minimum lies between two steps.
func (l *line[T]) bracket(t number[T]) (low, high point[T], found bool) {
	last, p := l.start, l.at(t)
	for ; l.tries < l.most; l.tries++ {
		switch {
		case l.tooHigh(p), l.tries > 1 && last.f.atMost(p.f):
			return last, p, false
		case l.flat(p):
			return p, p, true
		case p.slope.v >= 0:
			return last, p, false
		}
		t := cubic(last, p, p.t.plus(p.t.minus(last.t).scaled(0.01)), p.t.scaled(10))
		last, p = p, l.at(t)
	}
	if p.f.less(l.start.f) {
		return p, l.start, true
	}
	return l.start, p, true
}

// zoom narrows the bracket a … b to a point that meets the conditions, or returns its lower end.
func (l *line[T]) zoom(a, b point[T]) point[T] {
	ends := [2]point[T]{a, b}
	low := lowest(ends)
	stalled := false
	for ; l.tries < l.most; l.tries++ {
		if ends[1].t.minus(ends[0].t).abs().times(l.length).less(exactly[T](shortest)) {
			break
		}
		var t number[T]
		t, stalled = l.between(ends, stalled)
		p := l.at(t)
		if l.tooHigh(p) || ends[low].f.atMost(p.f) {
			ends[1-low] = p
			low = lowest(ends)
			continue
		}
		if l.flat(p) {
			return p
		}
		if p.slope.times(ends[1-low].t.minus(ends[low].t)).v >= 0 {
			ends[1-low] = ends[low]
		}
		ends[low] = p
	}
	return ends[low]
}

func lowest[T real](ends [2]point[T]) int {
	if ends[1].f.less(ends[0].f) {
		return 1
	}
	return 0
}

// between is a step within the bracket: the minimum of a cubic, but the second time in a row that it is
// near an end, a tenth away from there.
func (l *line[T]) between(ends [2]point[T], stalled bool) (t number[T], near bool) {
	lo, hi := ends[0].t.lower(ends[1].t), ends[0].t.higher(ends[1].t)
	t = cubic(ends[0], ends[1], lo, hi)
	margin := hi.minus(lo).scaled(0.1)
	up, down := hi.minus(t), t.minus(lo)
	if !up.lower(down).less(margin) {
		return t, false
	}
	if !stalled && t.less(hi) && lo.less(t) {
		return t, true
	}
	if up.abs().less(down.abs()) {
		return hi.minus(margin), false
	}
	return lo.plus(margin), false
}

// cubic returns the minimum, within lo … hi, of the cubic that has the values and slopes of p and q; the
// middle when it has none.
func cubic[T real](p, q point[T], lo, hi number[T]) number[T] {
	d1 := p.slope.plus(q.slope).minus(p.f.minus(q.f).scaled(3).over(p.t.minus(q.t)))
	square := d1.times(d1).minus(p.slope.times(q.slope))
	if !(square.v >= 0) {
		return lo.plus(hi).scaled(0.5)
	}
	d2 := square.root()
	if q.t.less(p.t) {
		p, q = q, p
	}
	part := q.slope.plus(d2).minus(d1).over(q.slope.minus(p.slope).plus(d2.scaled(2)))
	return q.t.minus(q.t.minus(p.t).times(part)).higher(lo).lower(hi)
}
