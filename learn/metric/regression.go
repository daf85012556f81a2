package metric

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
)

// Outputs are settings of regression measures.
type Outputs struct {
	Weights []float64 // of rows
	Average string    // uniform (the default) or variance: how outputs are combined
	Alpha   float64   // Pinball: the quantile; 0 means 0.5
	Power   float64   // Tweedie: power of the variance function
}

func outputs(o []Outputs) Outputs {
	if len(o) == 0 {
		return Outputs{}
	}
	return o[0]
}

// mean returns the weighted mean over rows of f, averaged over outputs.
func mean(where string, y, p *learn.Matrix, o []Outputs, f func(t, q float64) float64) float64 {
	v := perOutput(where, y, p, outputs(o), f)
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

func perOutput(where string, y, p *learn.Matrix, o Outputs, f func(t, q float64) float64) []float64 {
	sameShape(where, y, p)
	w := learn.Weights(where, o.Weights, y.Rows)
	out, all := make([]float64, y.Cols), 0.0
	for i := range y.Rows {
		for j, t := range y.Row(i) {
			out[j] += w[i] * f(t, p.At(i, j))
		}
		all += w[i]
	}
	for j := range out {
		out[j] /= all
	}
	return out
}

func square(t, q float64) float64 { return (t - q) * (t - q) }

// MSE returns the mean squared error.
func MSE(y, p *learn.Matrix, o ...Outputs) float64 { return mean("metric.MSE", y, p, o, square) }

// RMSE returns the root of the mean squared error of each output, averaged over outputs.
func RMSE(y, p *learn.Matrix, o ...Outputs) float64 {
	s := 0.0
	v := perOutput("metric.RMSE", y, p, outputs(o), square)
	for _, x := range v {
		s += math.Sqrt(x)
	}
	return s / float64(len(v))
}

// MAE returns the mean absolute error.
func MAE(y, p *learn.Matrix, o ...Outputs) float64 {
	return mean("metric.MAE", y, p, o, func(t, q float64) float64 { return math.Abs(t - q) })
}

// MAPE returns the mean of |error| / max(|target|, ε).
func MAPE(y, p *learn.Matrix, o ...Outputs) float64 {
	return mean("metric.MAPE", y, p, o, func(t, q float64) float64 {
		return math.Abs(t-q) / max(math.Abs(t), 2.220446049250313e-16)
	})
}

func logError(t, q float64) float64 {
	if t <= -1 || q <= -1 {
		learn.Fail("metric.MSLE", "value %g; want targets and predictions above -1", min(t, q))
	}
	return square(math.Log1p(t), math.Log1p(q))
}

// MSLE returns the mean squared difference of log(1 + value).
func MSLE(y, p *learn.Matrix, o ...Outputs) float64 { return mean("metric.MSLE", y, p, o, logError) }

// RMSLE returns the root of MSLE of each output, averaged over outputs.
func RMSLE(y, p *learn.Matrix, o ...Outputs) float64 {
	s := 0.0
	v := perOutput("metric.RMSLE", y, p, outputs(o), logError)
	for _, x := range v {
		s += math.Sqrt(x)
	}
	return s / float64(len(v))
}

// Pinball returns the quantile loss of the quantile Alpha.
func Pinball(y, p *learn.Matrix, o ...Outputs) float64 {
	a := outputs(o).Alpha
	if a == 0 {
		a = 0.5
	}
	return mean("metric.Pinball", y, p, o, func(t, q float64) float64 {
		if d := t - q; d >= 0 {
			return a * d
		}
		return (a - 1) * (t - q)
	})
}

// MaxError returns the largest absolute error of one output.
func MaxError(y, p *learn.Matrix) float64 {
	sameShape("metric.MaxError", y, p)
	m := 0.0
	for i, t := range y.Data {
		m = max(m, math.Abs(t-p.Data[i]))
	}
	return m
}

// MedianAE returns the median absolute error, averaged over outputs.
func MedianAE(y, p *learn.Matrix, o ...Outputs) float64 {
	sameShape("metric.MedianAE", y, p)
	opt := outputs(o)
	s := 0.0
	for j := range y.Cols {
		e := make([]float64, y.Rows)
		for i := range e {
			e[i] = math.Abs(y.At(i, j) - p.At(i, j))
		}
		s += Percentile(e, opt.Weights, 50)
	}
	return s / float64(y.Cols)
}

// Percentile returns the value below which q percent of v lie; without weights between values by linear
// interpolation, with weights the mean of the two values that meet the quantile (averaged inverted CDF).
func Percentile(v, weights []float64, q float64) float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return v[order[a]] < v[order[b]] })
	if weights == nil {
		at := q / 100 * float64(len(v)-1)
		lo := int(at)
		a := v[order[lo]]
		b := v[order[min(lo+1, len(v)-1)]]
		f := at - float64(lo)
		if f >= 0.5 { // as numpy's lerp
			return b - (b-a)*(1-f)
		}
		return a + (b-a)*f
	}
	all := 0.0
	for _, w := range weights {
		all += w
	}
	want := q / 100 * all
	cum := 0.0
	for k, i := range order {
		cum += weights[i]
		if cum > want*(1+1e-15) {
			return v[i]
		}
		if cum >= want*(1-1e-15) && weights[i] > 0 {
			for _, next := range order[k+1:] {
				if weights[next] > 0 {
					return (v[i] + v[next]) / 2
				}
			}
			return v[i]
		}
	}
	return v[order[len(order)-1]]
}

// R2 returns the part of the variance that is explained, averaged over outputs.
func R2(y, p *learn.Matrix, o ...Outputs) float64 {
	return skill("metric.R2", y, p, outputs(o), false)
}

// ExplainedVariance is R2 that does not count a constant error.
func ExplainedVariance(y, p *learn.Matrix, o ...Outputs) float64 {
	return skill("metric.ExplainedVariance", y, p, outputs(o), true)
}

func skill(where string, y, p *learn.Matrix, o Outputs, centred bool) float64 {
	sameShape(where, y, p)
	w := learn.Weights(where, o.Weights, y.Rows)
	score, weight := 0.0, 0.0
	for j := range y.Cols {
		var sw, my, me, num, den float64
		for i := range y.Rows {
			sw += w[i]
			my += w[i] * y.At(i, j)
			me += w[i] * (y.At(i, j) - p.At(i, j))
		}
		my /= sw
		me /= sw
		if !centred {
			me = 0
		}
		for i := range y.Rows {
			num += w[i] * square(y.At(i, j)-p.At(i, j), me)
			den += w[i] * square(y.At(i, j), my)
		}
		s := 1 - num/den
		if den == 0 {
			s = indicator(num == 0)
		}
		k := 1.0
		if o.Average == "variance" {
			k = den
		}
		score += k * s
		weight += k
	}
	if weight == 0 {
		return 1
	}
	return score / weight
}

// Tweedie returns the mean deviance of the Tweedie family: 0 normal, 1 Poisson, 2 gamma, 3 inverse normal.
func Tweedie(y, p *learn.Matrix, o ...Outputs) float64 {
	k := outputs(o).Power
	return mean("metric.Tweedie", y, p, o, func(t, q float64) float64 {
		if k != 0 && (q <= 0 || t < 0 && k > 0 || t == 0 && k >= 2) {
			learn.Fail("metric.Tweedie", "target %g, prediction %g; want positive predictions and targets "+
				"in the range of power %g", t, q, k)
		}
		switch {
		case k == 0:
			return square(t, q)
		case k == 1:
			if t == 0 {
				return 2 * q
			}
			return 2 * (t*math.Log(t/q) - t + q)
		case k == 2:
			return 2 * (math.Log(q/t) + t/q - 1)
		}
		return 2 * (math.Pow(max(t, 0), 2-k)/((1-k)*(2-k)) - t*math.Pow(q, 1-k)/(1-k) +
			math.Pow(q, 2-k)/(2-k))
	})
}

// D2Tweedie returns the part of the Tweedie deviance of the mean that is explained.
func D2Tweedie(y, p *learn.Matrix, o ...Outputs) float64 {
	opt := outputs(o)
	w := learn.Weights("metric.D2Tweedie", opt.Weights, y.Rows)
	m, sw := 0.0, 0.0
	for i, t := range y.Data {
		m += w[i] * t
		sw += w[i]
	}
	return 1 - Tweedie(y, p, o...)/Tweedie(y, constant(y, m/sw), o...)
}

func constant(y *learn.Matrix, v float64) *learn.Matrix {
	c := learn.NewMatrix(y.Rows, 1)
	for i := range c.Data {
		c.Data[i] = v
	}
	return c
}

// D2Pinball returns the part of the quantile loss of the best constant that is explained.
func D2Pinball(y, p *learn.Matrix, o ...Outputs) float64 {
	opt := outputs(o)
	a := opt.Alpha
	if a == 0 {
		a = 0.5
	}
	return 1 - Pinball(y, p, o...)/Pinball(y, constant(y, Percentile(y.Data, opt.Weights, 100*a)), o...)
}

// D2AbsoluteError is D2Pinball of the median.
func D2AbsoluteError(y, p *learn.Matrix, o ...Outputs) float64 {
	opt := outputs(o)
	opt.Alpha = 0.5
	return D2Pinball(y, p, opt)
}
