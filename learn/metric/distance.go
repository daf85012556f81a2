package metric

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// Distance is a distance between two rows.
type Distance func(a, b []float64) float64

// DistanceOf returns the distance of that name; p is the power of minkowski.
func DistanceOf(name string, p float64) Distance {
	switch name {
	case "", "euclidean", "l2":
		return euclid
	case "sqeuclidean":
		return func(a, b []float64) float64 {
			s := 0.0
			for i, v := range a {
				s += (v - b[i]) * (v - b[i])
			}
			return s
		}
	case "manhattan", "cityblock", "l1":
		return manhattan
	case "chebyshev", "infinity":
		return chebyshev
	case "minkowski", "p":
		switch {
		case p == 1:
			return manhattan
		case p == 2 || p == 0:
			return euclid
		case math.IsInf(p, 1):
			return chebyshev
		}
		return func(a, b []float64) float64 {
			s := 0.0
			for i, v := range a {
				s += math.Pow(math.Abs(v-b[i]), p)
			}
			return math.Pow(s, 1/p)
		}
	case "cosine":
		return cosine
	case "correlation":
		return func(a, b []float64) float64 { return cosine(centred(a), centred(b)) }
	case "canberra":
		return canberra
	case "braycurtis":
		return braycurtis
	case "haversine":
		return haversine
	case "nan_euclidean":
		return nanEuclid
	}
	if d := booleanDistance(name); d != nil {
		return d
	}
	learn.Fail("metric.Distances", "metric %q is unknown; known: euclidean, sqeuclidean, manhattan, "+
		"chebyshev, minkowski, cosine, correlation, canberra, braycurtis, haversine, nan_euclidean, "+
		"hamming, jaccard, dice, matching, rogerstanimoto, russellrao, sokalsneath, yule", name)
	return nil
}

func manhattan(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += math.Abs(v - b[i])
	}
	return s
}

func chebyshev(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s = max(s, math.Abs(v-b[i]))
	}
	return s
}

func cosine(a, b []float64) float64 {
	ab, aa, bb := 0.0, 0.0, 0.0
	for i, v := range a {
		ab += v * b[i]
		aa += v * v
		bb += b[i] * b[i]
	}
	if aa == 0 || bb == 0 {
		return 1
	}
	return min(max(1-ab/(math.Sqrt(aa)*math.Sqrt(bb)), 0), 2)
}

func centred(a []float64) []float64 {
	m := 0.0
	for _, v := range a {
		m += v
	}
	m /= float64(len(a))
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = v - m
	}
	return out
}

func canberra(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		if d := math.Abs(v) + math.Abs(b[i]); d > 0 {
			s += math.Abs(v-b[i]) / d
		}
	}
	return s
}

func braycurtis(a, b []float64) float64 {
	num, den := 0.0, 0.0
	for i, v := range a {
		num += math.Abs(v - b[i])
		den += math.Abs(v + b[i])
	}
	if den == 0 {
		return 0
	}
	return num / den
}

func haversine(a, b []float64) float64 {
	s, t := math.Sin((a[0]-b[0])/2), math.Sin((a[1]-b[1])/2)
	return 2 * math.Asin(math.Sqrt(s*s+math.Cos(a[0])*math.Cos(b[0])*t*t))
}

func nanEuclid(a, b []float64) float64 {
	s, n := 0.0, 0
	for i, v := range a {
		if d := v - b[i]; !math.IsNaN(d) {
			s += d * d
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return math.Sqrt(s * float64(len(a)) / float64(n))
}

// booleanDistance returns distances of truth values: not zero is true.
func booleanDistance(name string) Distance {
	var f func(tt, tf, ft, n float64) float64
	switch name {
	case "hamming":
		return func(a, b []float64) float64 {
			s := 0.0
			for i, v := range a {
				s += indicator(v != b[i])
			}
			return s / float64(len(a))
		}
	case "jaccard":
		f = func(tt, tf, ft, _ float64) float64 { return ratio(tf+ft, tt+tf+ft) }
	case "dice":
		f = func(tt, tf, ft, _ float64) float64 { return ratio(tf+ft, 2*tt+tf+ft) }
	case "matching":
		f = func(_, tf, ft, n float64) float64 { return (tf + ft) / n }
	case "rogerstanimoto", "sokalmichener":
		f = func(_, tf, ft, n float64) float64 { return 2 * (tf + ft) / (n + tf + ft) }
	case "russellrao":
		f = func(tt, _, _, n float64) float64 { return (n - tt) / n }
	case "sokalsneath":
		f = func(tt, tf, ft, _ float64) float64 { return ratio(2*(tf+ft), tt+2*(tf+ft)) }
	case "yule":
		f = func(tt, tf, ft, n float64) float64 {
			return ratio(2*tf*ft, tt*(n-tt-tf-ft)+tf*ft)
		}
	default:
		return nil
	}
	return func(a, b []float64) float64 {
		tt, tf, ft := 0.0, 0.0, 0.0
		for i, v := range a {
			switch x, y := v != 0, b[i] != 0; {
			case x && y:
				tt++
			case x:
				tf++
			case y:
				ft++
			}
		}
		return f(tt, tf, ft, float64(len(a)))
	}
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Distances returns the distance of each row of x (rows) from each row of y (columns); y nil means x.
func Distances(x, y *learn.Matrix, name string) *learn.Matrix { return DistancesP(x, y, name, 2) }

// DistancesP is Distances with the power of minkowski.
func DistancesP(x, y *learn.Matrix, name string, p float64) *learn.Matrix {
	if y == nil {
		y = x
	}
	if x.Cols != y.Cols {
		learn.Fail("metric.Distances", "rows have %d and %d columns; want the same", x.Cols, y.Cols)
	}
	if name == "euclidean" || name == "l2" || name == "" {
		return euclideans(x, y)
	}
	f := DistanceOf(name, p)
	d := learn.NewMatrix(x.Rows, y.Rows)
	engine.Parallel(x.Rows, 1+4096/(1+y.Rows*x.Cols), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, a := d.Row(i), x.Row(i)
			for j := range row {
				row[j] = f(a, y.Row(j))
			}
		}
	})
	return d
}

// euclideans uses ‖a‖² − 2ab + ‖b‖² where rows are long enough for the product to be faster.
func euclideans(x, y *learn.Matrix) *learn.Matrix {
	d := SquaredDistances(x, y)
	for i, v := range d.Data {
		d.Data[i] = math.Sqrt(v)
	}
	return d
}

// SquaredDistances returns squared Euclidean distances, exactly 0 for a row and itself.
func SquaredDistances(x, y *learn.Matrix) *learn.Matrix {
	if x.Cols < 16 {
		d := learn.NewMatrix(x.Rows, y.Rows)
		engine.Parallel(x.Rows, 1+4096/(1+y.Rows*x.Cols), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				a, row := x.Row(i), d.Row(i)
				for j := range row {
					b, s := y.Row(j), 0.0
					for k, v := range a {
						s += (v - b[k]) * (v - b[k])
					}
					row[j] = s
				}
			}
		})
		return d
	}
	d := learn.MulT(x, y)
	nx, ny := norms(x), norms(y)
	same := x == y
	engine.Parallel(x.Rows, 1+8192/(1+y.Rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := d.Row(i)
			for j, v := range row {
				row[j] = max(nx[i]-2*v+ny[j], 0)
			}
			if same {
				row[i] = 0
			}
		}
	})
	return d
}

func norms(x *learn.Matrix) []float64 {
	n := make([]float64, x.Rows)
	for i := range n {
		for _, v := range x.Row(i) {
			n[i] += v * v
		}
	}
	return n
}
