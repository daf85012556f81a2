// Package isotonic fits functions that only rise, or only fall.
//
//	m := isotonic.NewIsotonicRegression()
//	m.OutOfBounds = "clip"
//	err := m.Fit(x, y) // x has one column
//	p, err := m.Predict(xTest)
//	rising := isotonic.Regression(values, nil, true)
//
// It does not fit functions of several variables.
package isotonic

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
)

// Regression returns the monotonic sequence with the least weighted squared distance to y (pool adjacent
// violators); w nil means equal weights.
func Regression(y, w []float64, increasing bool) []float64 {
	w = learn.Weights("isotonic.Regression", w, len(y))
	v := slices.Clone(y)
	weight := slices.Clone(w)
	if !increasing {
		slices.Reverse(v)
		slices.Reverse(weight)
	}
	type block struct {
		sum, weight float64
		n           int
	}
	var blocks []block
	for i, x := range v {
		blocks = append(blocks, block{x * weight[i], weight[i], 1})
		for k := len(blocks) - 1; k > 0; k-- {
			a, b := blocks[k-1], blocks[k]
			if a.sum*b.weight < b.sum*a.weight {
				break
			}
			blocks[k-1] = block{a.sum + b.sum, a.weight + b.weight, a.n + b.n}
			blocks = blocks[:k]
		}
	}
	out := v[:0]
	for _, b := range blocks {
		for range b.n {
			out = append(out, b.sum/b.weight)
		}
	}
	if !increasing {
		slices.Reverse(out)
	}
	return out
}

// CheckIncreasing reports whether y rises with x, by Spearman's rank correlation.
func CheckIncreasing(x, y []float64) bool {
	return correlation(ranks(x), ranks(y)) >= 0
}

func ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return v[order[a]] < v[order[b]] })
	out := make([]float64, len(v))
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && v[order[hi]] == v[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			out[i] = float64(lo+hi-1) / 2
		}
		lo = hi
	}
	return out
}

func correlation(a, b []float64) float64 {
	ma, mb := 0.0, 0.0
	for i := range a {
		ma += a[i] / float64(len(a))
		mb += b[i] / float64(len(b))
	}
	ab, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

// IsotonicRegression fits a monotonic piecewise linear function of one variable.
type IsotonicRegression struct {
	learn.RegressorBase
	YMin        any    `param:"y_min=None"`
	YMax        any    `param:"y_max=None"`
	Increasing  any    `param:"increasing=true"` // true, false, or auto: by Spearman's correlation
	OutOfBounds string `param:"out_of_bounds="`  // "" or nan, clip, raise: values beyond those of Fit

	Rising      bool      `fit:"increasing_"`
	XThresholds []float64 `fit:"X_thresholds_"`
	YThresholds []float64 `fit:"y_thresholds_"`
	XMin        float64   `fit:"X_min_"`
	XMax        float64   `fit:"X_max_"`
}

// NewIsotonicRegression returns one with scikit-learn's defaults.
func NewIsotonicRegression() *IsotonicRegression {
	m := &IsotonicRegression{}
	learn.Init(m)
	return m
}

// Fit finds the function; x has one column.
func (m *IsotonicRegression) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row; rows of weight 0 are left out.
func (m *IsotonicRegression) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	if d.Cols != 1 {
		m.Fail("X has %d columns; want 1", d.Cols)
	}
	m.OneOf("OutOfBounds", m.OutOfBounds, "", "nan", "clip", "raise")
	t := learn.Target(m.Name(), y)
	w = learn.Weights(m.Name(), w, d.Rows)
	switch v := m.Increasing.(type) {
	case bool:
		m.Rising = v
	default:
		if v != "auto" {
			m.Fail("Increasing is %v; want true, false or auto", v)
		}
		m.Rising = CheckIncreasing(d.Data, t)
	}
	xs, ys, ws := unique(d.Data, t, w)
	if len(xs) == 0 {
		m.Fail("all weights are 0; want at least one row that counts")
	}
	ys = Regression(ys, ws, m.Rising)
	lo, hi := math.Inf(-1), math.Inf(1)
	if v, ok := learn.OptFloat(m.YMin); ok {
		lo = v
	}
	if v, ok := learn.OptFloat(m.YMax); ok {
		hi = v
	}
	m.XThresholds, m.YThresholds = nil, nil
	for i := range ys {
		ys[i] = min(max(ys[i], lo), hi)
	}
	for i, v := range ys {
		if i == 0 || i == len(ys)-1 || v != ys[i-1] || v != ys[i+1] {
			m.XThresholds, m.YThresholds = append(m.XThresholds, xs[i]), append(m.YThresholds, v)
		}
	}
	m.XMin, m.XMax = xs[0], xs[len(xs)-1]
	m.Done()
	return nil
}

// unique sorts rows and joins those of equal x by their weighted mean.
func unique(x, y, w []float64) (xs, ys, ws []float64) {
	order := make([]int, 0, len(x))
	for i, v := range w {
		if v > 0 {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return x[order[a]] < x[order[b]] })
	for lo := 0; lo < len(order); {
		hi := lo
		sum, weight := 0.0, 0.0
		for ; hi < len(order) && x[order[hi]]-x[order[lo]] < 2.220446049250313e-15*math.Abs(x[order[lo]])+1e-300; hi++ {
			sum += y[order[hi]] * w[order[hi]]
			weight += w[order[hi]]
		}
		xs, ys, ws = append(xs, x[order[lo]]), append(ys, sum/weight), append(ws, weight)
		lo = hi
	}
	return xs, ys, ws
}

// Predict interpolates.
func (m *IsotonicRegression) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x)
	y = learn.NewMatrix(d.Rows, 1)
	for i, v := range d.Data {
		if v < m.XMin || v > m.XMax {
			switch m.OutOfBounds {
			case "", "nan":
				y.Data[i] = math.NaN()
				continue
			case "raise":
				m.Fail("value %g (row %d) is beyond %g … %g of Fit; set OutOfBounds to clip", v, i, m.XMin, m.XMax)
			}
		}
		y.Data[i] = m.at(min(max(v, m.XMin), m.XMax))
	}
	return y, nil
}

// Transform is Predict.
func (m *IsotonicRegression) Transform(x learn.Data) (learn.Data, error) { return m.Predict(x) }

func (m *IsotonicRegression) at(v float64) float64 {
	k := sort.SearchFloat64s(m.XThresholds, v)
	if k == 0 {
		return m.YThresholds[0]
	}
	x0, x1, y0, y1 := m.XThresholds[k-1], m.XThresholds[k], m.YThresholds[k-1], m.YThresholds[k]
	return y0 + (y1-y0)/(x1-x0)*(v-x0)
}
