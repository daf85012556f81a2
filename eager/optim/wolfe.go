package optim

import "math"

// point is a step along a direction: its length, the loss there, its gradient and slope.
type point[T real] struct {
	t, f  T
	g     []T
	slope T
}

// search sets m.t, m.f and m.g to a step from x along m.d that meets the strong Wolfe conditions: the loss
// falls by c1 of what the slope promises, and the slope to c2 of it.
// Source: Nocedal and Wright 2006, algorithms 3.5 (bracket) and 3.6 (zoom).
func (m *minimisation[T]) search(x []T, slope T) {
	const c1, c2, most, tolerance = 1e-4, 0.9, 25, 1e-9
	at := func(t T) point[T] {
		f, g := m.at(x, t)
		return point[T]{t, f, g, dot(g, m.d)}
	}
	start := point[T]{0, m.f, m.g, slope}
	tooHigh := func(p point[T]) bool { return p.f > start.f+c1*p.t*slope }
	flat := func(p point[T]) bool { return max(p.slope, -p.slope) <= -c2*slope }

	last, p := start, at(m.t)
	var low, high point[T]
	tries, found := 0, false
	for ; ; tries++ {
		if tries == most {
			low, high, found = start, p, true
			if high.f < low.f {
				low = high
			}
			break
		}
		if tooHigh(p) || tries > 1 && p.f >= last.f || p.slope >= 0 && !flat(p) {
			low, high = last, p
			break
		}
		if flat(p) {
			low, found = p, true
			break
		}
		t := cubic(last, p, p.t+0.01*(p.t-last.t), p.t*10)
		last, p = p, at(t)
	}
	if !found {
		low = m.zoom(at, low, high, tooHigh, flat, tries, most, tolerance)
	}
	m.t, m.f, m.g = low.t, low.f, low.g
}

// zoom narrows the bracket a … b to a point that meets the conditions, or returns its lower end.
func (m *minimisation[T]) zoom(
	at func(t T) point[T], a, b point[T], tooHigh, flat func(point[T]) bool, tries, most int, tolerance T,
) point[T] {
	length := largestAbs(m.d)
	ends := [2]point[T]{a, b}
	low := 0
	if b.f < a.f {
		low = 1
	}
	stalled := false
	for ; tries < most && max(ends[1].t-ends[0].t, ends[0].t-ends[1].t)*length >= tolerance; tries++ {
		lo, hi := min(ends[0].t, ends[1].t), max(ends[0].t, ends[1].t)
		t := cubic(ends[0], ends[1], lo, hi)
		margin := 0.1 * (hi - lo)
		if min(hi-t, t-lo) >= margin {
			stalled = false
		} else if stalled || t >= hi || t <= lo { // too near to an end again
			stalled = false
			if hi-t < t-lo {
				t = hi - margin
			} else {
				t = lo + margin
			}
		} else {
			stalled = true
		}
		p := at(t)
		if tooHigh(p) || p.f >= ends[low].f {
			ends[1-low] = p
			if low = 0; ends[1].f < ends[0].f {
				low = 1
			}
			continue
		}
		if flat(p) {
			return p
		}
		if p.slope*(ends[1-low].t-ends[low].t) >= 0 {
			ends[1-low] = ends[low]
		}
		ends[low] = p
	}
	return ends[low]
}

// cubic returns the minimum, within lo … hi, of the cubic that has the values and slopes of p and q; the
// middle when it has none.
func cubic[T real](p, q point[T], lo, hi T) T {
	d1 := p.slope + q.slope - 3*(p.f-q.f)/(p.t-q.t)
	square := d1*d1 - p.slope*q.slope
	if !(square >= 0) {
		return (lo + hi) / 2
	}
	d2 := T(math.Sqrt(float64(square)))
	if p.t > q.t {
		p, q = q, p
	}
	t := q.t - (q.t-p.t)*((q.slope+d2-d1)/(q.slope-p.slope+2*d2))
	return min(max(t, lo), hi)
}
