package ensemble

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// targets are the losses of histogram boosting for numbers. The raw predictions of gamma and poisson are logarithms.
type targets struct {
	y        []float64
	kind     string
	quantile float64
}

func (n *targets) outputs() int { return 1 }

func (n *targets) start(w []float64) []float64 {
	switch n.kind {
	case "absolute_error":
		return []float64{percentile(n.y, w, 50)}
	case "quantile":
		return []float64{percentile(n.y, w, 100*n.quantile)}
	}
	s, t := 0.0, 0.0
	for i, v := range n.y {
		s += w[i] * v
		t += w[i]
	}
	if n.kind == "gamma" || n.kind == "poisson" {
		return []float64{math.Log(s / t)}
	}
	return []float64{s / t}
}

// percentile is weighted only where weights differ.
func percentile(v, w []float64, q float64) float64 { return metric.Percentile(v, unequal(w), q) }

// loss is the mean loss, up to a constant of y.
func (n *targets) loss(raw *learn.Matrix, w []float64, index []int) float64 {
	s, t := 0.0, 0.0
	for _, i := range index {
		y, r := n.y[i], raw.Data[i]
		v := 0.0
		switch n.kind {
		case "squared_error":
			v = (y - r) * (y - r) / 2
		case "absolute_error":
			v = math.Abs(y - r)
		case "quantile":
			v = max(n.quantile*(y-r), (n.quantile-1)*(y-r))
		case "poisson":
			v = math.Exp(r) - y*r
		case "gamma":
			v = r + y*math.Exp(-r)
		}
		s += w[i] * v
		t += w[i]
	}
	return s / t
}

func (n *targets) slopes(raw *learn.Matrix, _ int, w, g, h []float64) {
	engine.Parallel(len(n.y), 8192, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			y, r, k := n.y[i], raw.Data[i], w[i]
			switch n.kind {
			case "squared_error":
				g[i], h[i] = k*(r-y), k
			case "absolute_error":
				g[i], h[i] = k, k
				if y >= r {
					g[i] = -k
				}
			case "quantile":
				g[i], h[i] = k*(1-n.quantile), k
				if y >= r {
					g[i] = -k * n.quantile
				}
			case "poisson":
				e := math.Exp(r)
				g[i], h[i] = k*(e-y), k*e
			case "gamma":
				e := y * math.Exp(-r)
				g[i], h[i] = k*(1-e), k*e
			}
		}
	})
}

// leaf is the median, or quantile, of what is left to explain.
func (n *targets) leaf(raw *learn.Matrix, w []float64, rows []int32) (step float64, ok bool) {
	q := 50.0
	switch n.kind {
	case "quantile":
		q = 100 * n.quantile
	case "absolute_error":
	default:
		return 0, false
	}
	if len(rows) == 0 {
		return 0, true
	}
	rest, weight := make([]float64, len(rows)), make([]float64, len(rows))
	for k, i := range rows {
		rest[k], weight[k] = n.y[i]-raw.Data[i], w[i]
	}
	return percentile(rest, weight, q), true
}

// slopes of labels are those of the logistic loss.
func (l *labels) slopes(raw *learn.Matrix, k int, w, g, h []float64) {
	engine.Parallel(len(l.codes), 4096, func(lo, hi int) {
		p := make([]float64, l.k)
		for i := lo; i < hi; i++ {
			l.probabilities(raw.Row(i), p)
			class := k
			if l.k == 2 {
				class = 1
			}
			q := p[class]
			g[i], h[i] = q, q*(1-q)
			if l.codes[i] == class {
				g[i]--
			}
			g[i] *= w[i]
			h[i] *= w[i]
		}
	})
}
