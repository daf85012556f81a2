package metric

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// Contingency returns how many rows have the i-th distinct value of a and the j-th of b.
func Contingency(a, b []int) *learn.Matrix {
	if len(a) != len(b) {
		learn.Fail("metric.Contingency", "%d and %d labels; want the same number", len(a), len(b))
	}
	ca, na := number(a)
	cb, nb := number(b)
	m := learn.NewMatrix(na, nb)
	for i := range a {
		m.Data[ca[i]*nb+cb[i]]++
	}
	return m
}

// number replaces labels by 0 … n−1 in rising order.
func number(labels []int) (codes []int, n int) {
	f := make([]float64, len(labels))
	for i, l := range labels {
		f[i] = float64(l)
	}
	d := learn.Distinct(f)
	return learn.Codes(d, f), len(d)
}

func margins(c *learn.Matrix) (rows, cols []float64, n float64) {
	rows, cols = make([]float64, c.Rows), make([]float64, c.Cols)
	for i := range c.Rows {
		for j, v := range c.Row(i) {
			rows[i] += v
			cols[j] += v
			n += v
		}
	}
	return rows, cols, n
}

// Entropy returns the entropy of labels in nats.
func Entropy(labels []int) float64 {
	if len(labels) == 0 {
		return 1
	}
	rows, _, n := margins(Contingency(labels, make([]int, len(labels))))
	return entropy(rows, n)
}

func entropy(count []float64, n float64) float64 {
	h := 0.0
	for _, c := range count {
		if c > 0 {
			h -= c / n * (math.Log(c) - math.Log(n))
		}
	}
	return h
}

// MutualInfo returns the mutual information of two labellings in nats.
func MutualInfo(a, b []int) float64 { return mutual(Contingency(a, b)) }

func mutual(c *learn.Matrix) float64 {
	rows, cols, n := margins(c)
	s := 0.0
	for i := range c.Rows {
		for j, v := range c.Row(i) {
			if v > 0 {
				s += v / n * (math.Log(v) - math.Log(n) - math.Log(rows[i]) - math.Log(cols[j]) +
					2*math.Log(n))
			}
		}
	}
	if math.Abs(s) < 2.220446049250313e-16 {
		return 0
	}
	return max(s, 0)
}

// average combines two entropies: arithmetic (the default), geometric, min or max.
func average(a, b float64, how string) float64 {
	switch how {
	case "", "arithmetic":
		return (a + b) / 2
	case "geometric":
		return math.Sqrt(a * b)
	case "min":
		return min(a, b)
	case "max":
		return max(a, b)
	}
	learn.Fail("metric", "average %q is unknown; want arithmetic, geometric, min or max", how)
	return 0
}

// NormalizedMutualInfo returns MutualInfo over an average of the entropies (arithmetic for "").
func NormalizedMutualInfo(a, b []int, how string) float64 {
	c := Contingency(a, b)
	if c.Rows == c.Cols && c.Rows <= 1 {
		return 1
	}
	mi := mutual(c)
	if mi == 0 {
		return 0
	}
	return mi / average(Entropy(a), Entropy(b), how)
}

// AdjustedMutualInfo returns MutualInfo corrected for chance (arithmetic average for "").
func AdjustedMutualInfo(a, b []int, how string) float64 {
	c := Contingency(a, b)
	if c.Rows == c.Cols && c.Rows <= 1 {
		return 1
	}
	mi, emi := mutual(c), expectedMutual(c)
	den := average(Entropy(a), Entropy(b), how) - emi
	if den < 0 {
		den = min(den, -2.220446049250313e-16)
	} else {
		den = max(den, 2.220446049250313e-16)
	}
	num := mi - emi
	return num / den
}

func lgamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

// expectedMutual is the expectation over random labellings with the same counts (Vinh et al. 2009).
func expectedMutual(c *learn.Matrix) float64 {
	rows, cols, n := margins(c)
	e := 0.0
	for _, a := range rows {
		for _, b := range cols {
			for k := max(1, a+b-n); k <= min(a, b); k++ {
				g := lgamma(a+1) + lgamma(b+1) + lgamma(n-a+1) + lgamma(n-b+1) - lgamma(n+1) -
					lgamma(k+1) - lgamma(a-k+1) - lgamma(b-k+1) - lgamma(n-a-b+k+1)
				e += k / n * (math.Log(n*k) - math.Log(a*b)) * math.Exp(g)
			}
		}
	}
	return e
}

// PairConfusion returns counts of ordered pairs of rows: together or apart in a (row) and in b (column).
func PairConfusion(a, b []int) *learn.Matrix {
	c := Contingency(a, b)
	rows, cols, n := margins(c)
	ss, sr, sc := 0.0, 0.0, 0.0
	for _, v := range c.Data {
		ss += v * v
	}
	for _, v := range rows {
		sr += v * v
	}
	for _, v := range cols {
		sc += v * v
	}
	return learn.FromRows([][]float64{{n*n - sr - sc + ss, sc - ss}, {sr - ss, ss - n}})
}

// Rand returns the fraction of pairs of rows on which the labellings agree.
func Rand(a, b []int) float64 {
	c := PairConfusion(a, b)
	num := c.At(0, 0) + c.At(1, 1)
	den := num + c.At(0, 1) + c.At(1, 0)
	if num == den || den == 0 {
		return 1
	}
	return num / den
}

// AdjustedRand returns Rand corrected for chance.
func AdjustedRand(a, b []int) float64 {
	c := PairConfusion(a, b)
	tn, fp, fn, tp := c.At(0, 0), c.At(0, 1), c.At(1, 0), c.At(1, 1)
	if fn == 0 && fp == 0 {
		return 1
	}
	return 2 * (tp*tn - fn*fp) / ((tp+fn)*(fn+tn) + (tp+fp)*(fp+tn))
}

// FowlkesMallows returns the geometric mean of the precision and recall of pairs.
func FowlkesMallows(a, b []int) float64 {
	c := PairConfusion(a, b)
	tp := c.At(1, 1)
	if tp == 0 {
		return 0
	}
	return math.Sqrt(tp/(tp+c.At(0, 1))) * math.Sqrt(tp/(tp+c.At(1, 0)))
}

// VMeasure returns homogeneity, completeness and their weighted harmonic mean; beta 1 weighs them equally.
func VMeasure(truth, labels []int, beta float64) (homogeneity, completeness, v float64) {
	if len(truth) == 0 {
		return 1, 1, 1
	}
	mi := MutualInfo(truth, labels)
	homogeneity, completeness = 1, 1
	if h := Entropy(truth); h != 0 {
		homogeneity = mi / h
	}
	if h := Entropy(labels); h != 0 {
		completeness = mi / h
	}
	if homogeneity+completeness == 0 {
		return homogeneity, completeness, 0
	}
	return homogeneity, completeness, (1 + beta) * homogeneity * completeness /
		(beta*homogeneity + completeness)
}

// SilhouetteSamples returns (b − a) / max(a, b) for each row, with a the mean distance to its cluster's
// other rows and b that to the nearest other cluster; 0 for a cluster of one.
func SilhouetteSamples(x *learn.Matrix, labels []int, measure string) []float64 {
	codes, k := number(labels)
	if k < 2 || k > x.Rows-1 {
		learn.Fail("metric.Silhouette", "there are %d labels for %d rows; want 2 … %d", k, x.Rows,
			x.Rows-1)
	}
	size := make([]float64, k)
	for _, c := range codes {
		size[c]++
	}
	out := make([]float64, x.Rows)
	const block = 256
	engine.Parallel((x.Rows+block-1)/block, 1, func(lo, hi int) {
		for blk := lo; blk < hi; blk++ {
			from, to := blk*block, min((blk+1)*block, x.Rows)
			part := &learn.Matrix{Rows: to - from, Cols: x.Cols, Data: x.Data[from*x.Cols : to*x.Cols]}
			d := part
			if measure != "precomputed" {
				d = Distances(part, x, measure)
			}
			for i := range part.Rows {
				out[from+i] = silhouette(d.Row(i), codes, size, codes[from+i])
			}
		}
	})
	return out
}

func silhouette(d []float64, codes []int, size []float64, own int) float64 {
	sum := make([]float64, len(size))
	for j, v := range d {
		sum[codes[j]] += v
	}
	if size[own] == 1 {
		return 0
	}
	a, b := sum[own]/(size[own]-1), math.Inf(1)
	for c := range sum {
		if c != own {
			b = min(b, sum[c]/size[c])
		}
	}
	if m := max(a, b); m > 0 {
		return (b - a) / m
	}
	return 0
}

// Silhouette returns the mean of SilhouetteSamples by Euclidean distance.
func Silhouette(x *learn.Matrix, labels []int) float64 {
	s := 0.0
	for _, v := range SilhouetteSamples(x, labels, "euclidean") {
		s += v
	}
	return s / float64(x.Rows)
}

// centres returns the mean of each cluster, its size, and each row's cluster.
func centres(where string, x *learn.Matrix, labels []int) (c *learn.Matrix, size []float64, codes []int) {
	codes, k := number(labels)
	if k < 2 || k > x.Rows-1 {
		learn.Fail(where, "there are %d labels for %d rows; want 2 … %d", k, x.Rows, x.Rows-1)
	}
	c, size = learn.NewMatrix(k, x.Cols), make([]float64, k)
	for i, l := range codes {
		size[l]++
		for j, v := range x.Row(i) {
			c.Data[l*c.Cols+j] += v
		}
	}
	for l := range k {
		for j := range c.Cols {
			c.Data[l*c.Cols+j] /= size[l]
		}
	}
	return c, size, codes
}

// CalinskiHarabasz returns the ratio of the variance between and within clusters.
func CalinskiHarabasz(x *learn.Matrix, labels []int) float64 {
	c, size, codes := centres("metric.CalinskiHarabasz", x, labels)
	mean := make([]float64, x.Cols)
	for l := range c.Rows {
		for j, v := range c.Row(l) {
			mean[j] += v * size[l] / float64(x.Rows)
		}
	}
	between, within := 0.0, 0.0
	for l := range c.Rows {
		for j, v := range c.Row(l) {
			between += size[l] * (v - mean[j]) * (v - mean[j])
		}
	}
	for i, l := range codes {
		for j, v := range x.Row(i) {
			within += (v - c.At(l, j)) * (v - c.At(l, j))
		}
	}
	if within == 0 {
		return 1
	}
	k := float64(c.Rows)
	return between * (float64(x.Rows) - k) / (within * (k - 1))
}

// DaviesBouldin returns the mean over clusters of the worst ratio of spreads to the distance of centres.
func DaviesBouldin(x *learn.Matrix, labels []int) float64 {
	c, size, codes := centres("metric.DaviesBouldin", x, labels)
	spread := make([]float64, c.Rows)
	for i, l := range codes {
		spread[l] += euclid(x.Row(i), c.Row(l)) / size[l]
	}
	sum := 0.0
	for a := range c.Rows {
		worst := 0.0
		for b := range c.Rows {
			if d := euclid(c.Row(a), c.Row(b)); a != b && d > 0 {
				worst = max(worst, (spread[a]+spread[b])/d)
			}
		}
		sum += worst
	}
	return sum / float64(c.Rows)
}

func euclid(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return math.Sqrt(s)
}
