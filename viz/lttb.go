package viz

import "math"

type point struct{ x, y float64 }

// lttb thins points, ascending in x, to n of them that keep the shape of the line: the first, the last,
// and of each of n−2 buckets the point that spans the largest triangle with the one chosen before and the
// mean of the next bucket. Not finite y count as 0 in areas.
// Source: Steinarsson 2013, Downsampling Time Series for Visual Representation, section 4.2.
func lttb(p []point, n int) []point {
	if len(p) <= n || n < 3 {
		return p
	}
	out := make([]point, 0, n)
	out = append(out, p[0])
	last := p[0]
	bucket := func(i int) (lo, hi int) {
		w := float64(len(p)-2) / float64(n-2)
		return 1 + int(float64(i)*w), 1 + int(float64(i+1)*w)
	}
	for i := range n - 2 {
		lo, hi := bucket(i)
		mean := p[len(p)-1]
		if i < n-3 {
			mean = center(p[hi:min(second(bucket(i+1)), len(p)-1)])
		}
		best, area := p[lo], -1.0
		for _, q := range p[lo:hi] {
			a := math.Abs((last.x-mean.x)*(finite(q.y)-finite(last.y)) -
				(last.x-q.x)*(finite(mean.y)-finite(last.y)))
			if a > area {
				best, area = q, a
			}
		}
		out = append(out, best)
		last = best
	}
	return append(out, p[len(p)-1])
}

func second(_, hi int) int { return hi }

func center(p []point) point {
	var m point
	for _, q := range p {
		m.x += q.x / float64(len(p))
		m.y += finite(q.y) / float64(len(p))
	}
	return m
}

func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
