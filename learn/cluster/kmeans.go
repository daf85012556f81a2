// Package cluster groups rows: K-means and its kin, hierarchies, densities, graphs, message passing.
//
//	m := cluster.NewKMeans()
//	m.NClusters = 3
//	err := m.Fit(x, nil)
//	fmt.Println(m.Labels, m.Inertia)
//	labels, err := cluster.NewDBSCAN().FitPredict(x)
//
// Label -1 is noise. Mixtures, which give probabilities, are in learn/mixture.
package cluster

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/random"
)

// centroids is what K-means and its kin learn.
type centroids struct {
	learn.ClustererBase
	Centers *learn.Matrix `fit:"cluster_centers_"`
	Inertia float64       `fit:"inertia_"` // Σ weight · squared distance from the centre
	NIter   int           `fit:"n_iter_"`
}

// Predict returns the number of the nearest centre as a column.
func (m *centroids) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	labels, _ := assign(m.Ready(x), m.Centers)
	return learn.Ints(labels), nil
}

// Transform returns the distances from all centres.
func (m *centroids) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return metric.Distances(m.Ready(x), m.Centers, "euclidean"), nil
}

// Score returns the negative inertia of rows.
func (m *centroids) Score(x learn.Data, _ *learn.Matrix) (s float64, err error) {
	defer learn.Catch(&err)
	_, d := assign(m.Ready(x), m.Centers)
	for _, v := range d {
		s -= v
	}
	return s, nil
}

// assign returns the nearest centre of each row and the squared distance from it.
func assign(x, c *learn.Matrix) (labels []int, d []float64) {
	labels, d = make([]int, x.Rows), make([]float64, x.Rows)
	assignTo(x, c, labels, d)
	return labels, d
}

// assignTo fills labels, and squared distances unless d is nil.
func assignTo(x, c *learn.Matrix, labels []int, d []float64) {
	norm := make([]float64, c.Rows)
	for k := range norm {
		for _, v := range c.Row(k) {
			norm[k] += v * v
		}
	}
	const block = 512
	engine.Parallel((x.Rows+block-1)/block, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			from, to := b*block, min((b+1)*block, x.Rows)
			part := &learn.Matrix{Rows: to - from, Cols: x.Cols, Data: x.Data[from*x.Cols : to*x.Cols]}
			var own []float64
			if d != nil {
				own = d[from:to]
			}
			nearest(part, c, norm, labels[from:to], own)
		}
	})
}

// nearest fills labels and squared distances of a block: −2·x·c + ‖c‖² has the same smallest centre.
func nearest(x, c *learn.Matrix, norm []float64, labels []int, d []float64) {
	if x.Cols < 8 {
		for i := range x.Rows {
			best, at := math.Inf(1), 0
			row := x.Row(i)
			for k := range c.Rows {
				if s := squared(row, c.Row(k)); s < best {
					best, at = s, k
				}
			}
			if labels[i] = at; d != nil {
				d[i] = best
			}
		}
		return
	}
	p := learn.MulT(x, c)
	for i := range x.Rows {
		best, at := math.Inf(1), 0
		for k, v := range p.Row(i) {
			if s := norm[k] - 2*v; s < best {
				best, at = s, k
			}
		}
		if labels[i] = at; d != nil {
			d[i] = squared(x.Row(i), c.Row(at))
		}
	}
}

func squared(a, b []float64) float64 {
	b = b[:len(a)]
	var s, t, u, w float64
	for len(a) >= 4 && len(b) >= 4 {
		d, e, f, g := a[0]-b[0], a[1]-b[1], a[2]-b[2], a[3]-b[3]
		s, t, u, w = s+d*d, t+e*e, u+f*f, w+g*g
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return s + t + (u + w)
}

// PlusPlus chooses k rows far from each other (Arthur and Vassilvitskii 2007), the best of some candidates
// at each step; trials 0 means 2 + log k.
func PlusPlus(x *learn.Matrix, k int, w []float64, trials int, r *random.State) []int {
	if trials == 0 {
		trials = 2 + int(math.Log(float64(k)))
	}
	n := x.Rows
	cum := make([]float64, n)
	sum := 0.0
	for i := range n {
		sum += w[i]
		cum[i] = sum
	}
	search := func(v float64) int {
		return min(sort.Search(n, func(i int) bool { return cum[i] > v }), n-1)
	}
	chosen := []int{search(r.Float64() * sum)}
	norm := lengths(x)
	closest := distancesTo(x, norm, chosen)[0]
	for len(chosen) < k {
		pot := 0.0
		for i, d := range closest {
			pot += d * w[i]
			cum[i] = pot
		}
		var best []float64
		bestPot, at := math.Inf(1), 0
		draws := make([]float64, trials)
		for t := range draws {
			draws[t] = r.Float64() * pot
		}
		candidates := make([]int, trials)
		for t, v := range draws {
			candidates[t] = search(v)
		}
		for t, d := range distancesTo(x, norm, candidates) {
			c := candidates[t]
			p := 0.0
			for i, e := range closest {
				d[i] = min(d[i], e)
				p += d[i] * w[i]
			}
			if p < bestPot {
				best, bestPot, at = d, p, c
			}
		}
		if best == nil {
			best, at = closest, 0
		}
		closest = best
		chosen = append(chosen, at)
	}
	return chosen
}

// distancesTo returns the squared distances of all rows, of squared lengths norm, to each of some rows, in one
// pass over x.
func distancesTo(x *learn.Matrix, norm []float64, rows []int) [][]float64 {
	out := make([][]float64, len(rows))
	for k := range out {
		out[k] = make([]float64, x.Rows)
	}
	to := x.Take(rows)
	const block = 1024
	engine.Parallel((x.Rows+block-1)/block, 1, func(lo, hi int) {
		p := learn.NewMatrix(block, len(rows))
		for b := lo; b < hi; b++ {
			from, end := b*block, min((b+1)*block, x.Rows)
			part := &learn.Matrix{Rows: end - from, Cols: x.Cols, Data: x.Data[from*x.Cols : end*x.Cols]}
			p.Rows, p.Data = part.Rows, p.Data[:part.Rows*p.Cols]
			if x.Cols >= 8 {
				learn.MulTInto(p, part, to)
			}
			for r := range part.Rows {
				for k, i := range rows {
					if x.Cols >= 8 && i != from+r {
						out[k][from+r] = max(norm[from+r]+norm[i]-2*p.Data[r*p.Cols+k], 0)
					} else {
						out[k][from+r] = squared(part.Row(r), to.Row(k))
					}
				}
			}
		}
	})
	return out
}

// lengths returns the squared lengths of rows.
func lengths(x *learn.Matrix) []float64 {
	n, zero := make([]float64, x.Rows), make([]float64, x.Cols)
	engine.Parallel(x.Rows, 2048, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			n[i] = squared(x.Row(i), zero)
		}
	})
	return n
}

// KMeans moves centres to the means of their rows until they rest.
type KMeans struct {
	centroids
	NClusters   int     `param:"n_clusters=8"`
	Init        any     `param:"init=k-means++"` // k-means++, random, or the centres
	NInit       any     `param:"n_init=auto"`    // runs; auto is 10 for random and 1 for others
	MaxIter     int     `param:"max_iter=300"`
	Tol         float64 `param:"tol=0.0001"` // of the movement of centres, relative to the variance
	RandomState int64   `param:"random_state=0"`
	Algorithm   string  `param:"algorithm=lloyd"` // or elkan; both give the same result
}

// NewKMeans returns one with scikit-learn's defaults.
func NewKMeans() *KMeans { m := &KMeans{}; learn.Init(m); return m }

// Fit finds the centres.
func (m *KMeans) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// centre returns x without its means, which makes distances exact, and the means.
func centre(x *learn.Matrix) (*learn.Matrix, []float64) {
	parts := min(engine.Threads(), 1+x.Rows/8192)
	sums := learn.NewMatrix(parts, x.Cols)
	engine.Parallel(parts, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			s := sums.Row(t)
			for i := t * x.Rows / parts; i < (t+1)*x.Rows/parts; i++ {
				for j, v := range x.Row(i) {
					s[j] += v
				}
			}
		}
	})
	mean := sums.Row(0)
	for t := 1; t < parts; t++ {
		for j, v := range sums.Row(t) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= float64(x.Rows)
	}
	c := learn.NewMatrix(x.Rows, x.Cols)
	engine.Parallel(x.Rows, 4096, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, out := x.Row(i), c.Row(i)
			for j, v := range row {
				out[j] = v - mean[j]
			}
		}
	})
	return c, mean
}

// meanVariance returns the mean over columns of the variance of centred data.
func meanVariance(c *learn.Matrix) float64 {
	s := 0.0
	for _, v := range c.Data {
		s += v * v
	}
	return s / float64(len(c.Data))
}

// FitWeighted is Fit with a weight for each row.
func (m *KMeans) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.Begin(x, nil))
	m.OneOf("Algorithm", m.Algorithm, "lloyd", "elkan", "auto", "full")
	if m.NClusters < 1 || d.Rows < m.NClusters {
		m.Fail("NClusters is %d for %d rows; want 1 … %d", m.NClusters, d.Rows, d.Rows)
	}
	w = learn.Weights(m.Name(), w, d.Rows)
	c, mean := centre(d)
	tol := m.Tol * meanVariance(c)
	r := random.New(m.RandomState)
	m.Inertia = math.Inf(1)
	for range m.runs() {
		centers := m.start(c, mean, w, r)
		labels, inertia, iter := lloyd(c, w, centers, m.MaxIter, tol, m.Poll)
		if inertia < m.Inertia {
			m.Labels, m.Inertia, m.NIter, m.Centers = labels, inertia, iter, centers
		}
	}
	for k := range m.Centers.Rows {
		for j := range mean {
			m.Centers.Row(k)[j] += mean[j]
		}
	}
	m.Done()
	return nil
}

func (m *KMeans) runs() int {
	if n, ok := learn.OptInt(m.NInit); ok {
		if _, given := m.given(); given {
			return 1
		}
		return max(n, 1)
	}
	if m.Init == "random" {
		return 10
	}
	return 1
}

// given returns the centres that Init holds.
func (m *KMeans) given() (*learn.Matrix, bool) {
	switch v := m.Init.(type) {
	case *learn.Matrix:
		return v, true
	case [][]float64:
		return learn.FromRows(v), true
	}
	return nil, false
}

func (m *KMeans) start(c *learn.Matrix, mean, w []float64, r *random.State) *learn.Matrix {
	if given, ok := m.given(); ok {
		if given.Rows != m.NClusters || given.Cols != c.Cols {
			m.Fail("Init is %d×%d; want %d×%d", given.Rows, given.Cols, m.NClusters, c.Cols)
		}
		out := given.Clone()
		for k := range out.Rows {
			for j := range mean {
				out.Row(k)[j] -= mean[j]
			}
		}
		return out
	}
	switch m.Init {
	case "k-means++":
		return c.Take(PlusPlus(c, m.NClusters, w, 0, r))
	case "random":
		return c.Take(r.Choice(c.Rows, m.NClusters))
	}
	m.Fail("Init is %v; want k-means++, random, or the centres", m.Init)
	return nil
}

// lloyd moves centers, in place, until labels or centres rest.
func lloyd(x *learn.Matrix, w []float64, centers *learn.Matrix, maxIter int, tol float64, poll func(),
) (labels []int, inertia float64, iter int) {
	labels = make([]int, x.Rows)
	old := make([]int, x.Rows)
	near := newBounds(x, centers)
	for iter = 1; iter <= maxIter; iter++ {
		poll()
		copy(old, labels)
		near.assign(centers, labels)
		before := centers.Clone()
		shift := move(x, w, centers, labels)
		near.moved(before, centers)
		if iter > 1 && equal(labels, old) {
			break
		}
		if shift <= tol {
			near.assign(centers, labels)
			break
		}
	}
	if iter > maxIter {
		iter = maxIter
		near.assign(centers, labels)
	}
	return labels, inertiaOf(x, w, centers, labels), iter
}

func inertiaOf(x *learn.Matrix, w []float64, centers *learn.Matrix, labels []int) float64 {
	const block = 4096
	sums := make([]float64, (x.Rows+block-1)/block)
	engine.Parallel(len(sums), 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			for i := b * block; i < min((b+1)*block, x.Rows); i++ {
				sums[b] += w[i] * squared(x.Row(i), centers.Row(labels[i]))
			}
		}
	})
	inertia := 0.0
	for _, s := range sums {
		inertia += s
	}
	return inertia
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}

// move sets centers to the weighted means and returns the squared movement. Empty clusters take the rows
// farthest from their centres.
func move(x *learn.Matrix, w []float64, centers *learn.Matrix, labels []int) float64 {
	k, p := centers.Rows, centers.Cols
	parts := min(engine.Threads(), 1+x.Rows/8192)
	sums, weights := make([]*learn.Matrix, parts), make([][]float64, parts)
	engine.Parallel(parts, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			s, n := learn.NewMatrix(k, p), make([]float64, k)
			for i := t * x.Rows / parts; i < (t+1)*x.Rows/parts; i++ {
				dst := s.Row(labels[i])
				wi := w[i]
				n[labels[i]] += wi
				for j, v := range x.Row(i) {
					dst[j] += wi * v
				}
			}
			sums[t], weights[t] = s, n
		}
	})
	next, n := sums[0], weights[0]
	for t := 1; t < parts; t++ {
		for i, v := range sums[t].Data {
			next.Data[i] += v
		}
		for c, v := range weights[t] {
			n[c] += v
		}
	}
	if slices.Contains(n, 0) {
		d := make([]float64, x.Rows)
		for i := range d {
			d[i] = squared(x.Row(i), centers.Row(labels[i]))
		}
		relocate(x, w, next, n, labels, d)
	}
	shift := 0.0
	for c := range k {
		row := next.Row(c)
		if n[c] == 0 {
			copy(row, centers.Row(c))
		}
		for j := range row {
			if n[c] > 0 {
				row[j] /= n[c]
			}
			e := row[j] - centers.At(c, j)
			shift += e * e
		}
		copy(centers.Row(c), row)
	}
	return shift
}

func relocate(x *learn.Matrix, w []float64, sums *learn.Matrix, n []float64, labels []int, d []float64) {
	var empty []int
	for c, v := range n {
		if v == 0 {
			empty = append(empty, c)
		}
	}
	if len(empty) == 0 {
		return
	}
	order := make([]int, len(d))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return d[order[a]] > d[order[b]] })
	for q, c := range empty {
		i := order[q]
		if d[i] == 0 {
			return
		}
		from := labels[i]
		for j, v := range x.Row(i) {
			sums.Data[from*sums.Cols+j] -= w[i] * v
			sums.Data[c*sums.Cols+j] = w[i] * v
		}
		n[c] = w[i]
		n[from] -= w[i]
	}
}
