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
			nearest(part, c, norm, labels[from:to], d[from:to])
		}
	})
	return labels, d
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
			labels[i], d[i] = at, best
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
		labels[i], d[i] = at, squared(x.Row(i), c.Row(at))
	}
}

func squared(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return s
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
	closest := distancesTo(x, chosen[0])
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
		for _, v := range draws {
			c := search(v)
			d := distancesTo(x, c)
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

func distancesTo(x *learn.Matrix, i int) []float64 {
	d := make([]float64, x.Rows)
	row := x.Row(i)
	engine.Parallel(x.Rows, 4096, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			d[j] = squared(row, x.Row(j))
		}
	})
	return d
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
	mean := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			mean[j] += v
		}
	}
	c := x.Clone()
	for j := range mean {
		mean[j] /= float64(x.Rows)
	}
	for i := range c.Rows {
		row := c.Row(i)
		for j := range row {
			row[j] -= mean[j]
		}
	}
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
	d := m.Begin(x, nil)
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
	var d []float64
	var old []int
	for iter = 1; iter <= maxIter; iter++ {
		poll()
		labels, d = assign(x, centers)
		shift := move(x, w, centers, labels, d)
		if equal(labels, old) {
			break
		}
		if shift <= tol {
			labels, d = assign(x, centers)
			break
		}
		old = labels
	}
	if iter > maxIter {
		iter = maxIter
		labels, d = assign(x, centers)
	}
	for i := range d {
		inertia += w[i] * squared(x.Row(i), centers.Row(labels[i]))
	}
	return labels, inertia, iter
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
func move(x *learn.Matrix, w []float64, centers *learn.Matrix, labels []int, d []float64) float64 {
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
	relocate(x, w, next, n, labels, d)
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

// BisectingKMeans splits the cluster with the largest inertia (or size) in two until there are enough.
type BisectingKMeans struct {
	centroids
	NClusters   int     `param:"n_clusters=8"`
	Init        string  `param:"init=random"` // or k-means++
	NInit       int     `param:"n_init=1"`
	RandomState int64   `param:"random_state=0"`
	MaxIter     int     `param:"max_iter=300"`
	Tol         float64 `param:"tol=0.0001"`
	Algorithm   string  `param:"algorithm=lloyd"`
	Strategy    string  `param:"bisecting_strategy=biggest_inertia"` // or largest_cluster
}

// NewBisectingKMeans returns one with scikit-learn's defaults.
func NewBisectingKMeans() *BisectingKMeans { m := &BisectingKMeans{}; learn.Init(m); return m }

// Fit splits.
func (m *BisectingKMeans) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *BisectingKMeans) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Strategy", m.Strategy, "biggest_inertia", "largest_cluster")
	m.OneOf("Init", m.Init, "random", "k-means++")
	if m.NClusters < 1 || d.Rows < m.NClusters {
		m.Fail("NClusters is %d for %d rows; want 1 … %d", m.NClusters, d.Rows, d.Rows)
	}
	w = learn.Weights(m.Name(), w, d.Rows)
	r := random.New(m.RandomState)
	type part struct {
		rows  []int
		score float64
		mean  []float64
	}
	all := part{}
	for i := range d.Rows {
		all.rows = append(all.rows, i)
	}
	_, all.mean = centre(d)
	parts := []part{all}
	for len(parts) < m.NClusters {
		worst := 0
		for k := range parts {
			if parts[k].score > parts[worst].score {
				worst = k
			}
		}
		p := parts[worst]
		sub, mean := centre(d.Take(p.rows))
		sw := learn.TakeFloats(w, p.rows)
		var labels []int
		var centers *learn.Matrix
		best := math.Inf(1)
		for range m.NInit {
			start := sub.Take(r.Choice(sub.Rows, 2))
			if m.Init == "k-means++" {
				start = sub.Take(PlusPlus(sub, 2, sw, 0, r))
			}
			l, inertia, _ := lloyd(sub, sw, start, m.MaxIter, m.Tol*meanVariance(sub), m.Poll)
			if inertia < best {
				labels, best, centers = l, inertia, start
			}
		}
		two := make([]part, 2)
		for q, i := range p.rows {
			t := &two[labels[q]]
			t.rows = append(t.rows, i)
			if m.Strategy == "largest_cluster" {
				t.score++
			} else {
				t.score += sw[q] * squared(sub.Row(q), centers.Row(labels[q]))
			}
		}
		for k := range two {
			two[k].mean = append([]float64(nil), centers.Row(k)...)
			for j := range mean {
				two[k].mean[j] += mean[j]
			}
		}
		parts = append(append(append([]part{}, parts[:worst]...), two...), parts[worst+1:]...)
	}
	m.Labels, m.Inertia, m.Centers = make([]int, d.Rows), 0, learn.NewMatrix(len(parts), d.Cols)
	for k, p := range parts {
		copy(m.Centers.Row(k), p.mean)
		for _, i := range p.rows {
			m.Labels[i] = k
			m.Inertia += w[i] * squared(d.Row(i), p.mean)
		}
	}
	m.Done()
	return nil
}

// MiniBatchKMeans moves centres towards the means of small random batches.
type MiniBatchKMeans struct {
	centroids
	NClusters         int     `param:"n_clusters=8"`
	Init              any     `param:"init=k-means++"`
	MaxIter           int     `param:"max_iter=100"` // passes over the data
	BatchSize         int     `param:"batch_size=1024"`
	ComputeLabels     bool    `param:"compute_labels=true"`
	RandomState       int64   `param:"random_state=0"`
	Tol               float64 `param:"tol=0.0"`
	MaxNoImprovement  int     `param:"max_no_improvement=10"`
	InitSize          any     `param:"init_size=None"` // rows to choose the start among; nil: three batches
	NInit             any     `param:"n_init=auto"`
	ReassignmentRatio float64 `param:"reassignment_ratio=0.01"`

	NSteps int `fit:"n_steps_"`
	counts []float64
}

// NewMiniBatchKMeans returns one with scikit-learn's defaults.
func NewMiniBatchKMeans() *MiniBatchKMeans { m := &MiniBatchKMeans{}; learn.Init(m); return m }

// Fit learns from random batches.
func (m *MiniBatchKMeans) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *MiniBatchKMeans) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	if m.NClusters < 1 || d.Rows < m.NClusters {
		m.Fail("NClusters is %d for %d rows; want 1 … %d", m.NClusters, d.Rows, d.Rows)
	}
	w = learn.Weights(m.Name(), w, d.Rows)
	r := random.New(m.RandomState)
	batch := min(m.BatchSize, d.Rows)
	m.begin(d, w, r, batch)
	steps := m.MaxIter * d.Rows / batch
	mean, least, idle := math.NaN(), math.Inf(1), 0
	alpha := min(1, 2*float64(batch)/float64(d.Rows+1))
	for m.NSteps = 1; m.NSteps <= max(steps, 1); m.NSteps++ {
		m.Poll()
		rows := r.Ints(d.Rows, batch)
		inertia := m.step(d.Take(rows), learn.TakeFloats(w, rows)) / float64(batch)
		if m.NSteps == 1 {
			continue
		}
		if math.IsNaN(mean) {
			mean = inertia
		} else {
			mean = mean*(1-alpha) + inertia*alpha
		}
		if mean < least {
			least, idle = mean, 0
		} else {
			idle++
		}
		if m.MaxNoImprovement > 0 && idle >= m.MaxNoImprovement {
			break
		}
	}
	m.NIter = (m.NSteps*batch + d.Rows - 1) / d.Rows
	labels, dist := assign(d, m.Centers)
	m.Labels, m.Inertia = labels, 0
	for i, v := range dist {
		m.Inertia += w[i] * v
	}
	m.Done()
	return nil
}

// begin chooses the first centres, the best of some tries on a sample.
func (m *MiniBatchKMeans) begin(d *learn.Matrix, w []float64, r *random.State, batch int) {
	size, ok := learn.OptInt(m.InitSize)
	if !ok {
		size = 3 * batch
	}
	size = min(max(size, 3*m.NClusters), d.Rows)
	tries := 1
	if n, ok := learn.OptInt(m.NInit); ok {
		tries = n
	} else if m.Init == "random" {
		tries = 3
	}
	best := math.Inf(1)
	for range tries {
		rows := r.Ints(d.Rows, size)
		sample, sw := d.Take(rows), learn.TakeFloats(w, rows)
		km := &KMeans{NClusters: m.NClusters, Init: m.Init}
		learn.Init(km)
		km.NClusters, km.Init = m.NClusters, m.Init
		c := km.start(sample, make([]float64, d.Cols), sw, r)
		_, dist := assign(sample, c)
		s := 0.0
		for i, v := range dist {
			s += sw[i] * v
		}
		if s < best {
			best, m.Centers = s, c
		}
	}
	m.counts = make([]float64, m.NClusters)
}

// step moves each centre to the mean of all rows that it has ever had.
func (m *MiniBatchKMeans) step(x *learn.Matrix, w []float64) float64 {
	labels, dist := assign(x, m.Centers)
	s := 0.0
	for i, k := range labels {
		s += w[i] * dist[i]
		m.counts[k] += w[i]
		if m.counts[k] == 0 {
			continue
		}
		f := w[i] / m.counts[k]
		row := m.Centers.Row(k)
		for j, v := range x.Row(i) {
			row[j] += f * (v - row[j])
		}
	}
	return s
}

// PartialFit learns from one more batch.
func (m *MiniBatchKMeans) PartialFit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if m.Centers == nil {
		d := m.Begin(x, nil)
		m.begin(d, learn.Weights(m.Name(), nil, d.Rows), random.New(m.RandomState), d.Rows)
		m.Done()
	}
	d := m.Ready(x)
	m.step(d, learn.Weights(m.Name(), nil, d.Rows))
	m.Labels, _ = assign(d, m.Centers)
	return nil
}
