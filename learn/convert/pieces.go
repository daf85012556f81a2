package convert

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/impute"
	"github.com/lathe-ml/lathe/learn/isotonic"
	"github.com/lathe-ml/lathe/learn/preprocess"
)

// pieces converts transformers of one column at a time by pieces, and indicators; "" for others.
func (g *graph) pieces(e learn.Estimator, d data) (y string, n int) {
	if m, ok := e.(*preprocess.TargetEncoder); ok {
		return g.targets(m, d)
	}
	x, cols := "", d.cols
	dense := func() string { x, cols = g.dense(e, d); return x }
	switch m := e.(type) {
	case *isotonic.IsotonicRegression:
		return g.isotonic(m, dense()), 1
	case *preprocess.QuantileTransformer:
		return g.quantiles(m, dense()), cols
	case *preprocess.SplineTransformer:
		return g.splines(m, dense())
	case *preprocess.LabelBinarizer:
		x = dense()
		classes := m.Classes
		if len(classes) <= 2 {
			classes = classes[len(classes)-1:]
		}
		hit := g.cast(g.op("Equal", nil, x, g.floats(classes, 1, len(classes))))
		if len(m.Classes) == 1 {
			hit = g.mul(hit, g.scalar(0))
		}
		return g.add(g.mul(hit, g.scalar(m.PosLabel-m.NegLabel)), g.scalar(m.NegLabel)), len(classes)
	case *impute.MissingIndicator:
		x = g.gather(dense(), m.Features)
		if math.IsNaN(m.MissingValues) {
			return g.cast(g.op("IsNaN", nil, x)), len(m.Features)
		}
		return g.cast(g.op("Equal", nil, x, g.scalar(m.MissingValues))), len(m.Features)
	case *impute.KNNImputer:
		return g.neighbourImputer(m, dense())
	case *ensemble.RandomTreesEmbedding:
		return g.leaves(m, dense())
	}
	return "", 0
}

// step returns, for each value of x [N 1], the number of the last of the rising limits that is at most x, from 0 to
// len(limits)−2: [N].
func (g *graph) step(x string, limits []float64) string {
	inner := limits[1 : len(limits)-1]
	if len(inner) == 0 {
		return g.castTo(g.flat(g.mul(x, g.scalar(0))), int64Type)
	}
	return g.flat(g.castTo(g.sum(g.cast(g.op("GreaterOrEqual", nil, x, g.floats(inner, 1, len(inner))))), int64Type))
}

// interpolate is linear between the points (xs, ys) with rising xs, and constant beyond them; x is [N 1], in float64.
func (g *graph) interpolate(x string, xs, ys []float64) string {
	last := len(xs) - 1
	if last == 0 {
		return g.add(g.mul(x, g.scalar(0)), g.scalar(ys[0]))
	}
	slopes := make([]float64, last)
	for i := range slopes {
		if w := xs[i+1] - xs[i]; w > 0 {
			slopes[i] = (ys[i+1] - ys[i]) / w
		}
	}
	at := g.step(x, xs)
	pick := func(v []float64) string {
		return g.op("Reshape", nil, g.op("Gather", nil, g.vec(v), at), g.ints(-1, 1))
	}
	y := g.add(pick(ys[:last]), g.mul(pick(slopes), g.sub(x, pick(xs[:last]))))
	y = g.op("Where", nil, g.op("Less", nil, x, g.scalar(xs[0])), g.scalar(ys[0]), y)
	return g.op("Where", nil, g.op("GreaterOrEqual", nil, x, g.scalar(xs[last])), g.scalar(ys[last]), y)
}

func (g *graph) isotonic(m *isotonic.IsotonicRegression, x string) string {
	if m.OutOfBounds == "raise" {
		refuse(m, "fails for values beyond those of Fit, which a model in ONNX cannot; set OutOfBounds to nan or clip")
	}
	return g.wide(x, func(x string) string {
		y := g.interpolate(x, m.XThresholds, m.YThresholds)
		if m.OutOfBounds == "clip" {
			return y
		}
		out := g.op("Or", nil, g.op("Less", nil, x, g.scalar(m.XMin)), g.above(x, m.XMax))
		return g.op("Where", nil, out, g.scalar(math.NaN()), y)
	})
}

// quantiles is the mean of the interpolations from below and from above, which differ at equal quantiles.
func (g *graph) quantiles(m *preprocess.QuantileTransformer, x string) string {
	if m.OutputDistribution == "normal" {
		refuse(m, "gives a normal distribution, whose quantiles are no operator of ONNX")
	}
	return g.wide(x, func(x string) string {
		var parts []string
		for j := range m.Quantiles.Cols {
			q := m.Quantiles.Col(j)
			one := g.gather(x, []int{j})
			up := g.interpolate(one, q, m.References)
			down := g.interpolate(g.op("Neg", nil, one), reversed(q), reversed(m.References))
			u := g.mul(g.sub(up, down), g.scalar(0.5))
			u = g.op("Where", nil, g.op("GreaterOrEqual", nil, one, g.scalar(q[len(q)-1])), g.scalar(1), u)
			u = g.op("Where", nil, g.op("LessOrEqual", nil, one, g.scalar(q[0])), g.scalar(0), u)
			parts = append(parts, g.op("Where", nil, g.op("IsNaN", nil, one), one, u))
		}
		return g.concat(parts...)
	})
}

// reversed returns the negatives in the opposite order.
func reversed(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[len(v)-1-i] = -x
	}
	return out
}

// splines are B-splines by the recursion of Cox and de Boor over all of a column's splines at once.
func (g *graph) splines(m *preprocess.SplineTransformer, x string) (y string, n int) {
	if m.Extrapolation != "constant" && m.Extrapolation != "continue" || m.HandleMissing == "zeros" {
		refuse(m, "has Extrapolation %s and HandleMissing %s; ONNX has constant and continue, without gaps, here",
			m.Extrapolation, m.HandleMissing)
	}
	var parts []string
	for j, base := range m.Base {
		part := g.wide(g.gather(x, []int{j}), func(x string) string {
			if m.Extrapolation == "constant" {
				x = g.clip(x, base[0], base[len(base)-1])
			}
			return g.basis(x, m.Extended[j], m.Degree, len(base))
		})
		cols := len(base) + m.Degree - 1
		if !m.IncludeBias {
			cols--
			keep := make([]int, cols)
			for i := range keep {
				keep[i] = i
			}
			part = g.gather(part, keep)
		}
		parts, n = append(parts, part), n+cols
	}
	return g.concat(parts...), n
}

// basis returns the splines of a degree over the knots t at x [N 1]: [N, len(t)−degree−1]. base is the number of inner knots.
func (g *graph) basis(x string, t []float64, degree, base int) string {
	spans := len(t) - 1
	lo, hi := make([]float64, spans), make([]float64, spans) // the span that x counts to reaches beyond the outer knots
	for i := range spans {
		switch {
		case i < degree || i > degree+base-2:
			lo[i], hi[i] = math.Inf(1), math.Inf(1)
		default:
			if lo[i], hi[i] = t[i], t[i+1]; i == degree {
				lo[i] = math.Inf(-1)
			}
			if i == degree+base-2 {
				hi[i] = math.Inf(1)
			}
		}
	}
	b := g.cast(g.op("And", nil, g.op("GreaterOrEqual", nil, x, g.floats(lo, 1, spans)), g.op("Less", nil, x, g.floats(hi, 1, spans))))
	for p := 1; p <= degree; p++ {
		n := len(t) - 1 - p
		left, right := make([]int, n), make([]int, n)
		from, up, to, down := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			left[i], right[i], from[i], to[i] = i, i+1, t[i], t[i+p+1]
			if w := t[i+p] - t[i]; w != 0 {
				up[i] = 1 / w
			}
			if w := t[i+p+1] - t[i+1]; w != 0 {
				down[i] = 1 / w
			}
		}
		rising := g.mul(g.mul(g.sub(x, g.floats(from, 1, n)), g.floats(up, 1, n)), g.gather(b, left))
		falling := g.mul(g.mul(g.sub(g.floats(to, 1, n), x), g.floats(down, 1, n)), g.gather(b, right))
		b = g.add(rising, falling)
	}
	return b
}

// targets gives each category its encoding, and others the mean.
func (g *graph) targets(m *preprocess.TargetEncoder, d data) (y string, n int) {
	var parts []string
	per := len(m.Encodings) / len(m.Categories)
	for j, cats := range m.Categories {
		hit := g.matches(m, d, j, cats)
		w := learn.NewMatrix(len(cats), per)
		for q := range per {
			for k, v := range m.Encodings[j*per+q] {
				w.Set(k, q, v-m.TargetMean[q])
			}
		}
		parts = append(parts, g.add(g.matMul(hit, g.mat(w)), g.vec(m.TargetMean[:per])))
	}
	return g.concat(parts...), len(m.Encodings)
}

// leaves are indicators of the leaf that a row reaches in each tree.
func (g *graph) leaves(m *ensemble.RandomTreesEmbedding, x string) (y string, n int) {
	t := &trees{}
	for _, s := range m.Trees {
		for i, l := range s.Left {
			if l >= 0 {
				t.branch(i, s.Feature[i], s.Threshold[i], l, s.Right[i], s.MissingLeft[i])
				continue
			}
			t.leaf(i, t.targets, 1)
			t.targets++
		}
		t.count++
	}
	return t.write(g, x, true), t.targets
}

// neighbourImputer fills gaps with the mean of the nearest rows of Fit that have the column.
func (g *graph) neighbourImputer(m *impute.KNNImputer, x string) (y string, n int) {
	if m.Metric != "nan_euclidean" || m.AddIndicator {
		refuse(m, "has the metric %s, indicators %v; ONNX has nan_euclidean and none here", m.Metric, m.AddIndicator)
	}
	cols := m.X.Cols
	known, have := m.X.Clone(), learn.NewMatrix(m.X.Rows, cols)
	for i, v := range known.Data {
		if have.Data[i] = 1; v != v {
			known.Data[i], have.Data[i] = 0, 0
		}
	}
	y = g.wide(x, func(x string) string {
		hole := g.op("IsNaN", nil, x)
		if !math.IsNaN(m.MissingValues) {
			hole = g.op("Equal", nil, x, g.scalar(m.MissingValues))
		}
		x = g.op("Where", nil, hole, g.scalar(0), x)
		seen := g.cast(g.op("Not", nil, hole))
		rows, of := g.op("Unsqueeze", nil, x, g.ints(1)), func(m *learn.Matrix) string { return g.floats(m.Data, 1, m.Rows, m.Cols) }
		apart := g.mul(g.sub(rows, of(known)), g.mul(g.op("Unsqueeze", nil, seen, g.ints(1)), of(have)))
		sum := g.op("ReduceSum", list(attr("keepdims", 0)), g.mul(apart, apart), g.ints(2)) // exact, so that ties are ties
		both := g.matMul(seen, g.mat(have.T()))
		far := g.op("Equal", nil, both, g.scalar(0))
		dist := g.op("Sqrt", nil, g.div(g.mul(sum, g.scalar(float64(cols))), g.op("Where", nil, far, g.scalar(1), both)))
		dist = g.op("Where", nil, far, g.scalar(math.Inf(1)), dist)
		var parts []string
		for j := range cols {
			filled, ok := g.fill(m, dist, known.Col(j), have.Col(j))
			if !ok && !m.KeepEmptyFeatures {
				continue
			}
			one := g.gather(x, []int{j})
			parts = append(parts, g.op("Where", nil, g.gather(hole, []int{j}), filled, one))
		}
		n = len(parts)
		return g.concat(parts...)
	})
	return y, n
}

// fill returns the value of a column from the nearest rows that have it, [N 1], or its mean where no distance is known.
func (g *graph) fill(m *impute.KNNImputer, dist string, values, have []float64) (y string, any bool) {
	mean, n := 0.0, 0.0
	away := make([]float64, len(have))
	for i, h := range have {
		if mean, n = mean+h*values[i], n+h; h == 0 {
			away[i] = math.Inf(1)
		}
	}
	if n == 0 {
		return g.scalar(0), false
	}
	k := min(m.NNeighbors, int(n))
	top := g.node("", "TopK", list(attr("axis", 1), attr("largest", 0), attr("sorted", 1)),
		[]string{g.add(dist, g.floats(away, 1, len(away))), g.ints(k)}, 2)
	near := g.op("Gather", nil, g.vec(values), top[1])
	finite := g.op("Less", nil, top[0], g.scalar(math.Inf(1)))
	w := g.cast(finite)
	if m.Weights == "distance" {
		zero := g.op("Equal", nil, top[0], g.scalar(0))
		hit := g.cast(zero)
		exact := g.op("ReduceMax", list(attr("keepdims", 1)), hit, g.ints(1))
		inverse := g.div(g.scalar(1), g.op("Where", nil, zero, g.scalar(1), top[0]))
		w = g.op("Where", nil, g.above(exact, 0), hit, g.op("Where", nil, finite, inverse, g.scalar(0)))
	}
	total := g.sum(w)
	none := g.op("Equal", nil, total, g.scalar(0))
	y = g.div(g.sum(g.mul(w, near)), g.op("Where", nil, none, g.scalar(1), total))
	return g.op("Where", nil, none, g.scalar(mean/n), y), true
}
