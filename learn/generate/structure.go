package generate

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// MultilabelOptions are the options of Multilabel.
type MultilabelOptions struct {
	Samples  int     // 0: 100
	Features int     // words; 0: 20
	Classes  int     // 0: 5
	Labels   float64 // mean number of labels; 0: 2
	Length   float64 // mean number of words; 0: 50
	Labelled bool    // every sample has a label
	Seed     int64
}

// Multilabel returns counts of words [samples features] in documents of several topics, and which topics each has
// [samples classes] (make_multilabel_classification).
func Multilabel(o MultilabelOptions) (x, y *learn.Matrix) {
	n, f, k := or(o.Samples, 100), or(o.Features, 20), or(o.Classes, 5)
	positive("Multilabel", "Samples", n)
	positive("Multilabel", "Features", f)
	positive("Multilabel", "Classes", k)
	labels, length := o.Labels, o.Length
	if labels == 0 {
		labels = 2
	}
	if length == 0 {
		length = 50
	}
	r := random.New(o.Seed)
	topics := make([]float64, k)
	sum := 0.0
	for c := range topics {
		topics[c] = r.Float64()
		sum += topics[c]
	}
	run := 0.0
	for c := range topics {
		run += topics[c] / sum
		topics[c] = run
	}
	words := learn.NewMatrix(f, k)
	for i := range words.Data {
		words.Data[i] = r.Float64()
	}
	for c := range k {
		col, s := words.Col(c), 0.0
		for _, v := range col {
			s += v
		}
		for j, v := range col {
			words.Set(j, c, v/s)
		}
	}
	x, y = learn.NewMatrix(n, f), learn.NewMatrix(n, k)
	for i := range n {
		document(r, topics, words, labels, length, o.Labelled, x.Row(i), y.Row(i))
	}
	return x, y
}

// document draws topics and words of one sample.
func document(r *random.State, topics []float64, words *learn.Matrix, labels, length float64, labelled bool,
	x, y []float64,
) {
	want := len(topics) + 1
	for want > len(topics) || labelled && want == 0 {
		want = r.Poisson(labels)
	}
	for have := 0; have != want; {
		for range want - have {
			c := min(sort.SearchFloat64s(topics, r.Float64()), len(topics)-1)
			have += 1 - int(y[c])
			y[c] = 1
		}
	}
	n := 0
	for n == 0 {
		n = r.Poisson(length)
	}
	if want == 0 {
		for range n {
			x[r.Intn(len(x))]++
		}
		return
	}
	cum, sum := make([]float64, len(x)), 0.0
	for j := range cum {
		for c, on := range y {
			sum += on * words.At(j, c)
		}
		cum[j] = sum
	}
	for j := range cum {
		cum[j] /= sum
	}
	for range n {
		x[min(sort.SearchFloat64s(cum, r.Float64()), len(x)-1)]++
	}
}

// SparseCoded returns samples [samples features] that are sums of nonzero atoms each, the atoms [components features] of
// length 1, and the codes [samples components] (make_sparse_coded_signal).
func SparseCoded(samples, components, features, nonzero int, seed int64) (y, atoms, codes *learn.Matrix) {
	positive("SparseCoded", "samples", samples)
	positive("SparseCoded", "components", components)
	positive("SparseCoded", "features", features)
	if nonzero < 1 || nonzero > components {
		learn.Fail("generate.SparseCoded", "nonzero is %d; want 1 … %d", nonzero, components)
	}
	r := random.New(seed)
	d := &learn.Matrix{Rows: features, Cols: components, Data: r.Normals(features * components)}
	atoms = d.T()
	for i := range atoms.Rows {
		s := 0.0
		for _, v := range atoms.Row(i) {
			s += v * v
		}
		for j := range atoms.Row(i) {
			atoms.Row(i)[j] /= math.Sqrt(s)
		}
	}
	codes = learn.NewMatrix(samples, components)
	for i := range samples {
		order := make([]int, components)
		for j := range order {
			order[j] = j
		}
		r.Shuffle(components, func(a, b int) { order[a], order[b] = order[b], order[a] })
		for _, j := range order[:nonzero] {
			codes.Set(i, j, r.Gauss())
		}
	}
	return learn.Mul(codes, atoms), atoms, codes
}

// LowRank returns a matrix [samples features] whose singular values fall like a bell of width rank, with a tail of
// the share tail (make_low_rank_matrix; rank 0: 10).
func LowRank(samples, features, rank int, tail float64, seed int64) *learn.Matrix {
	positive("LowRank", "samples", samples)
	positive("LowRank", "features", features)
	width := float64(or(rank, 10))
	r, n := random.New(seed), min(samples, features)
	u, v := basis(r, samples, n), basis(r, features, n)
	for i := range n {
		k := float64(i) / width
		s := (1-tail)*math.Exp(-k*k) + tail*math.Exp(-0.1*k)
		for j := range u.Rows {
			u.Set(j, i, u.At(j, i)*s)
		}
	}
	return learn.MulT(u, v)
}

// basis is the orthonormal factor [rows n] of a random matrix.
func basis(r *random.State, rows, n int) *learn.Matrix {
	var qr mat.QR
	qr.Factorize(mat.NewDense(rows, n, r.Normals(rows*n)))
	var q mat.Dense
	qr.QTo(&q)
	return learn.FromMat(q.Slice(0, rows, 0, n))
}

// SPD returns a random symmetric positive-definite matrix [n n] (make_spd_matrix, up to the signs of singular vectors).
func SPD(n int, seed int64) *learn.Matrix {
	positive("SPD", "n", n)
	r := random.New(seed)
	a := learn.NewMatrix(n, n)
	for i := range a.Data {
		a.Data[i] = r.Float64()
	}
	u, _, vt := learn.SVD(learn.TMul(a, a))
	d := learn.NewMatrix(n, n)
	for i := range d.Data {
		d.Data[i] = 1
	}
	for i := range n {
		d.Data[i*n+i] += r.Float64()
	}
	out := learn.Mul(learn.Mul(u, d), vt)
	for i := range n {
		for j := range i {
			m := (out.At(i, j) + out.At(j, i)) / 2
			out.Set(i, j, m)
			out.Set(j, i, m)
		}
	}
	return out
}

// SparseSPD returns a symmetric positive-definite matrix [n n] whose Cholesky factor has the share zeros of zeros and
// otherwise numbers between 0.1 and 0.9: the kind of make_sparse_spd_matrix, other numbers.
func SparseSPD(n int, zeros float64, seed int64) *learn.Matrix {
	positive("SparseSPD", "n", n)
	if zeros < 0 || zeros > 1 {
		learn.Fail("generate.SparseSPD", "zeros is %g; want a share in [0, 1]", zeros)
	}
	r := random.New(seed)
	order := r.Permutation(n)
	chol := learn.NewMatrix(n, n)
	for i := range n {
		chol.Set(order[i], order[i], -1)
		for j := range i {
			if r.Float64() >= zeros {
				chol.Set(order[i], order[j], r.Uniform(0.1, 0.9))
			}
		}
	}
	return learn.TMul(chol, chol)
}

// QuantilesOptions are the options of GaussianQuantiles.
type QuantilesOptions struct {
	Samples, Features, Classes int       // 0: 100, 2 and 3
	Mean                       []float64 // nil: 0
	Variance                   float64   // 0: 1
	Ordered                    bool
	Seed                       int64
}

// GaussianQuantiles returns normal points [samples features] and classes of equal size, one shell around another
// (make_gaussian_quantiles).
func GaussianQuantiles(o QuantilesOptions) (x, y *learn.Matrix) {
	n, f, k := or(o.Samples, 100), or(o.Features, 2), or(o.Classes, 3)
	positive("GaussianQuantiles", "Features", f)
	positive("GaussianQuantiles", "Classes", k)
	if n < k || o.Mean != nil && len(o.Mean) != f {
		learn.Fail("generate.GaussianQuantiles", "%d samples of %d classes and a mean of %d numbers for %d features; want at "+
			"least a sample for each class and a number for each feature", n, k, len(o.Mean), f)
	}
	sd := 1.0
	if o.Variance != 0 {
		sd = math.Sqrt(o.Variance)
	}
	r := random.New(o.Seed)
	x = &learn.Matrix{Rows: n, Cols: f, Data: r.Normals(n * f)}
	dist, order := make([]float64, n), make([]int, n)
	for i := range n {
		order[i] = i
		for j, v := range x.Row(i) {
			x.Set(i, j, v*sd)
			dist[i] += v * v
			if o.Mean != nil {
				x.Set(i, j, v*sd+o.Mean[j])
			}
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return dist[order[a]] < dist[order[b]] })
	x, y = x.Take(order), learn.NewMatrix(n, 1)
	for i := range y.Data {
		y.Data[i] = float64(min(i/(n/k), k-1))
	}
	if o.Ordered {
		return x, y
	}
	return shuffled(r, x, y)
}

// BiclusterOptions are the options of Biclusters and Checkerboard.
type BiclusterOptions struct {
	Rows, Cols               int // 0: 100
	RowClusters, ColClusters int // 0: 3; Biclusters takes RowClusters for both
	Noise                    float64
	Min, Max                 float64 // of the constants; both 0: 10 and 100
	Ordered                  bool
	Seed                     int64
}

// Biclusters returns a matrix that is constant in blocks on its diagonal and 0 elsewhere, shuffled, and the labels of
// rows and columns (make_biclusters).
func Biclusters(o BiclusterOptions) (x *learn.Matrix, rows, cols []int) {
	return o.blocks("Biclusters", true)
}

// Checkerboard returns a matrix that is constant in each block of a row and a column cluster, shuffled, and the labels
// of rows and columns (make_checkerboard).
func Checkerboard(o BiclusterOptions) (x *learn.Matrix, rows, cols []int) {
	return o.blocks("Checkerboard", false)
}

func (o *BiclusterOptions) blocks(where string, diagonal bool) (x *learn.Matrix, rows, cols []int) {
	n, m, k, q := or(o.Rows, 100), or(o.Cols, 100), or(o.RowClusters, 3), or(o.ColClusters, 3)
	if diagonal {
		q = k
	}
	for what, v := range map[string]int{"Rows": n, "Cols": m, "RowClusters": k, "ColClusters": q} {
		positive(where, what, v)
	}
	low, high := o.Min, o.Max
	if low == 0 && high == 0 {
		low, high = 10, 100
	}
	r := random.New(o.Seed)
	consts := learn.NewMatrix(k, q)
	if diagonal {
		for c := range k {
			consts.Set(c, c, r.Uniform(low, high))
		}
	}
	rows, cols = sizes(r, n, k), sizes(r, m, q)
	if !diagonal {
		for i := range consts.Data {
			consts.Data[i] = r.Uniform(low, high)
		}
	}
	x = learn.NewMatrix(n, m)
	for i, a := range rows {
		for j, b := range cols {
			x.Set(i, j, consts.At(a, b))
		}
	}
	if o.Noise > 0 {
		for i := range x.Data {
			x.Data[i] += r.Normal(0, o.Noise)
		}
	}
	if o.Ordered {
		return x, rows, cols
	}
	r = random.New(o.Seed) // as scikit-learn does
	ri, ci := r.Permutation(n), r.Permutation(m)
	return x.Take(ri).TakeCols(ci), taken(rows, ri), taken(cols, ci)
}

// sizes divides n at random among k labels.
func sizes(r *random.State, n, k int) (labels []int) {
	p := make([]float64, k)
	for i := range p {
		p[i] = 1 / float64(k)
	}
	for label, count := range r.Multinomial(n, p) {
		for range count {
			labels = append(labels, label)
		}
	}
	return labels
}

func taken(v, index []int) []int {
	out := make([]int, len(index))
	for i, k := range index {
		out[i] = v[k]
	}
	return out
}
