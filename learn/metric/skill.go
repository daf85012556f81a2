package metric

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
)

// shares returns the weighted share of each label among the rows, as one row for each row of y.
func shares(where string, y *learn.Matrix, o Options) (labels []float64, p *learn.Matrix) {
	if labels = o.Labels; labels == nil {
		labels = learn.Distinct(y.Data)
	}
	w := learn.Weights(where, o.Weights, y.Rows)
	count, all := make([]float64, len(labels)), 0.0
	for i, v := range y.Data[:y.Rows] {
		k, ok := slices.BinarySearch(labels, v)
		if !ok {
			learn.Fail(where, "row %d has the class %g, which is not in %v", i, v, labels)
		}
		count[k] += w[i]
		all += w[i]
	}
	p = learn.NewMatrix(y.Rows, len(labels))
	for i := range p.Rows {
		for k, c := range count {
			p.Set(i, k, c/all)
		}
	}
	return labels, p
}

// D2LogLoss is 1 − LogLoss of proba over LogLoss of the classes' shares: 1 is perfect, 0 as good as the shares; NaN for
// fewer than two rows.
func D2LogLoss(y, proba *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	if y.Rows < 2 {
		return math.NaN()
	}
	labels, p := shares("metric.D2LogLoss", y, opt)
	opt.Labels = labels
	return 1 - LogLoss(y, proba, opt)/LogLoss(y, p, opt)
}

// D2Brier is 1 − Brier of proba over Brier of the classes' shares, with proba one column for each class, or the
// probability of the positive class; NaN for fewer than two rows.
func D2Brier(y, proba *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	if y.Rows < 2 {
		return math.NaN()
	}
	labels, p := shares("metric.D2Brier", y, opt)
	opt.Labels = labels
	if proba.Cols == 1 {
		if len(labels) != 2 {
			learn.Fail("metric.D2Brier", "%d classes but one column of probabilities; want one for each", len(labels))
		}
		k := 1
		if positive(opt) == labels[0] {
			k = 0
		}
		p = p.TakeCols([]int{k})
	}
	return 1 - Brier(y, proba, opt)/Brier(y, p, opt)
}

// Counts are the weights of rows in the four fields of a binary confusion matrix.
type Counts struct{ TN, FP, FN, TP, Threshold float64 }

// ConfusionAtThresholds returns the counts at each distinct score, falling: rows with that score or more are predicted
// positive.
func ConfusionAtThresholds(y, score *learn.Matrix, o ...Options) []Counts {
	fps, tps, th := sweep("metric.ConfusionAtThresholds", y, score, options(o))
	out, last := make([]Counts, len(th)), len(th)-1
	for i, t := range th {
		out[i] = Counts{TN: fps[last] - fps[i], FP: fps[i], FN: tps[last] - tps[i], TP: tps[i], Threshold: t}
	}
	return out
}

// AtThresholds returns f of labels and predictions 0 or 1 at each distinct score, rising, and the scores.
func AtThresholds(y, score *learn.Matrix, f func(y, p *learn.Matrix) float64) (values, thresholds []float64) {
	sameShape("metric.AtThresholds", y, score)
	thresholds = learn.Distinct(score.Data)
	p := learn.NewMatrix(y.Rows, 1)
	for _, t := range thresholds {
		for i, s := range score.Data {
			p.Data[i] = indicator(s >= t)
		}
		values = append(values, f(y, p))
	}
	return values, thresholds
}

// PairedDistances returns the distance of each row of x from the row of y of the same number.
func PairedDistances(x, y *learn.Matrix, name string) []float64 {
	sameShape("metric.PairedDistances", x, y)
	d := DistanceOf(name, 2)
	out := make([]float64, x.Rows)
	for i := range out {
		out[i] = d(x.Row(i), y.Row(i))
	}
	return out
}

// Nearest returns for each row of x the number of the nearest row of y, the first of equals, and its distance.
func Nearest(x, y *learn.Matrix, name string) (index []int, distance []float64) {
	if y.Rows == 0 {
		learn.Fail("metric.Nearest", "y has no rows; want at least one")
	}
	for from := 0; from < x.Rows; from += 1024 { // a part at a time: the matrix of distances may not fit
		part := &learn.Matrix{Rows: min(1024, x.Rows-from), Cols: x.Cols}
		part.Data = x.Data[from*x.Cols:][:part.Rows*x.Cols]
		d := Distances(part, y, name)
		for i := range d.Rows {
			k := slices.Index(d.Row(i), slices.Min(d.Row(i)))
			index, distance = append(index, max(k, 0)), append(distance, d.Row(i)[max(k, 0)])
		}
	}
	return index, distance
}

// Biclusters are sets of rows and of columns, of equal number.
type Biclusters struct{ Rows, Columns [][]bool }

// Consensus is the similarity of two sets of biclusters (Hochreiter et al. 2010): the sum of Jaccard indices of the best
// pairs over the larger number of biclusters.
func Consensus(a, b Biclusters) float64 {
	n := max(len(a.Rows), len(b.Rows))
	if n == 0 || len(a.Rows) != len(a.Columns) || len(b.Rows) != len(b.Columns) {
		learn.Fail("metric.Consensus", "%d and %d sets of rows, %d and %d of columns; want as many of both, and some",
			len(a.Rows), len(b.Rows), len(a.Columns), len(b.Columns))
	}
	cost := learn.NewMatrix(n, n) // missing biclusters are like none
	for i := range a.Rows {
		for j := range b.Rows {
			cost.Set(i, j, -jaccard(a.Rows[i], a.Columns[i], b.Rows[j], b.Columns[j]))
		}
	}
	return -assign(cost) / float64(n)
}

func jaccard(ar, ac, br, bc []bool) float64 {
	count := func(p, q []bool) (n float64) {
		for i := range p {
			n += indicator(p[i] && q[i])
		}
		return n
	}
	both := count(ar, br) * count(ac, bc)
	return both / (count(ar, ar)*count(ac, ac) + count(br, br)*count(bc, bc) - both)
}

// assign returns the least sum of one entry in each row and column of a square matrix (Kuhn–Munkres by shortest
// augmenting paths, O(n³)).
func assign(cost *learn.Matrix) float64 {
	n := cost.Rows
	u, v := make([]float64, n+1), make([]float64, n+1)
	row, way := make([]int, n+1), make([]int, n+1) // of each column
	for i := 1; i <= n; i++ {
		row[0] = i
		at := 0
		least, done := make([]float64, n+1), make([]bool, n+1)
		for j := range least {
			least[j] = math.Inf(1)
		}
		for row[at] != 0 {
			done[at] = true
			next, delta := 0, math.Inf(1)
			for j := 1; j <= n; j++ {
				if done[j] {
					continue
				}
				if c := cost.At(row[at]-1, j-1) - u[row[at]] - v[j]; c < least[j] {
					least[j], way[j] = c, at
				}
				if least[j] < delta {
					next, delta = j, least[j]
				}
			}
			for j := range done {
				if done[j] {
					u[row[j]] += delta
					v[j] -= delta
				} else {
					least[j] -= delta
				}
			}
			at = next
		}
		for at != 0 {
			row[at] = row[way[at]]
			at = way[at]
		}
	}
	sum := 0.0
	for j := 1; j <= n; j++ {
		sum += cost.At(row[j]-1, j-1)
	}
	return sum
}
