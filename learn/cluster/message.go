package cluster

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/random"
)

// AffinityPropagation chooses exemplars by messages between rows (Frey and Dueck 2007).
type AffinityPropagation struct {
	learn.ClustererBase
	Damping         float64 `param:"damping=0.5"`
	MaxIter         int     `param:"max_iter=200"`
	ConvergenceIter int     `param:"convergence_iter=15"`
	Preference      any     `param:"preference=None"`    // to be an exemplar; nil: the median similarity
	Affinity        string  `param:"affinity=euclidean"` // or precomputed
	RandomState     int64   `param:"random_state=0"`

	CenterRows []int         `fit:"cluster_centers_indices_"`
	Centers    *learn.Matrix `fit:"cluster_centers_"`
	AffinityM  *learn.Matrix `fit:"affinity_matrix_"`
	NIter      int           `fit:"n_iter_"`
}

// NewAffinityPropagation returns one with scikit-learn's defaults.
func NewAffinityPropagation() *AffinityPropagation {
	m := &AffinityPropagation{}
	learn.Init(m)
	return m
}

// Fit exchanges messages until the exemplars rest.
func (m *AffinityPropagation) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Affinity", m.Affinity, "euclidean", "precomputed")
	if m.Damping < 0.5 || m.Damping >= 1 {
		m.Fail("Damping is %g; want a number in [0.5, 1)", m.Damping)
	}
	s := d.Clone()
	if m.Affinity == "euclidean" {
		s = metric.SquaredDistances(d, d)
		for i := range s.Data {
			s.Data[i] = -s.Data[i]
		}
	}
	m.AffinityM = s.Clone()
	pref, ok := learn.OptFloat(m.Preference)
	if !ok {
		pref = metric.Percentile(s.Data, nil, 50)
	}
	n := s.Rows
	for i := range n {
		s.Set(i, i, pref)
	}
	r := random.New(m.RandomState)
	for i, v := range s.Data {
		s.Data[i] += (2.220446049250313e-16*v + 2.2250738585072014e-308*100) * r.Gauss()
	}
	if converged := m.exchange(s); !converged || len(m.CenterRows) == 0 {
		m.CenterRows, m.Labels, m.Centers = []int{}, make([]int, n), learn.NewMatrix(0, d.Cols)
		for i := range m.Labels {
			m.Labels[i] = -1
		}
	} else {
		m.settle(s)
		if m.Affinity == "euclidean" {
			m.Centers = d.Take(m.CenterRows)
		}
	}
	m.Done()
	return nil
}

// exchange runs the messages and stores the exemplars.
func (m *AffinityPropagation) exchange(s *learn.Matrix) bool {
	n := s.Rows
	a, r := learn.NewMatrix(n, n), learn.NewMatrix(n, n)
	recent := make([][]bool, m.ConvergenceIter)
	converged := false
	for it := range m.MaxIter {
		m.Poll()
		m.NIter = it + 1
		engine.Parallel(n, 16, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				m.responsibility(s.Row(i), a.Row(i), r.Row(i))
			}
		})
		m.availability(a, r)
		exemplar := make([]bool, n)
		k := 0
		for i := range n {
			if exemplar[i] = a.At(i, i)+r.At(i, i) > 0; exemplar[i] {
				k++
			}
		}
		recent[it%m.ConvergenceIter] = exemplar
		if it >= m.ConvergenceIter {
			same := true
			for _, e := range recent {
				same = same && slices.Equal(e, exemplar)
			}
			if same && k > 0 {
				converged = true
				break
			}
		}
	}
	m.CenterRows = nil
	for i := range n {
		if a.At(i, i)+r.At(i, i) > 0 {
			m.CenterRows = append(m.CenterRows, i)
		}
	}
	return converged || m.NIter == m.MaxIter && len(m.CenterRows) > 0 && converged
}

func (m *AffinityPropagation) responsibility(s, a, r []float64) {
	first, second, at := math.Inf(-1), math.Inf(-1), 0
	for k, v := range s {
		t := a[k] + v
		if t > first {
			first, second, at = t, first, k
		} else if t > second {
			second = t
		}
	}
	for k, v := range s {
		t := v - first
		if k == at {
			t = v - second
		}
		r[k] = m.Damping*r[k] + (1-m.Damping)*t
	}
}

func (m *AffinityPropagation) availability(a, r *learn.Matrix) {
	n := a.Rows
	sum := make([]float64, n)
	for i := range n {
		for k, v := range r.Row(i) {
			if i == k {
				sum[k] += v
			} else {
				sum[k] += max(v, 0)
			}
		}
	}
	engine.Parallel(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, rr := a.Row(i), r.Row(i)
			for k := range row {
				t := sum[k]
				if i == k {
					t -= rr[k]
				} else {
					t = min(t-max(rr[k], 0), 0)
				}
				row[k] = m.Damping*row[k] + (1-m.Damping)*t
			}
		}
	})
}

// settle makes each exemplar the best of its cluster and labels the rows.
func (m *AffinityPropagation) settle(s *learn.Matrix) {
	choose := func() []int {
		c := make([]int, s.Rows)
		for i := range c {
			for k, e := range m.CenterRows {
				if s.At(i, e) > s.At(i, m.CenterRows[c[i]]) {
					c[i] = k
				}
			}
		}
		for k, e := range m.CenterRows {
			c[e] = k
		}
		return c
	}
	c := choose()
	for k := range m.CenterRows {
		var rows []int
		for i, l := range c {
			if l == k {
				rows = append(rows, i)
			}
		}
		best, most := 0, math.Inf(-1)
		for _, j := range rows {
			t := 0.0
			for _, i := range rows {
				t += s.At(i, j)
			}
			if t > most {
				best, most = j, t
			}
		}
		m.CenterRows[k] = best
	}
	c = choose()
	labels := make([]float64, len(c))
	for i, l := range c {
		labels[i] = float64(m.CenterRows[l])
	}
	d := learn.Distinct(labels)
	m.Labels = learn.Codes(d, labels)
	m.CenterRows = nil
	for _, v := range d {
		m.CenterRows = append(m.CenterRows, int(v))
	}
}

// Predict returns the number of the nearest exemplar.
func (m *AffinityPropagation) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	if m.Centers == nil || m.Centers.Rows == 0 {
		m.Fail("Fit found no exemplars to predict with; try a larger MaxIter or another Preference")
	}
	labels, _ := assign(q, m.Centers)
	return learn.Ints(labels), nil
}

// MeanShift climbs from each row to a mode of the density of a flat kernel.
type MeanShift struct {
	learn.ClustererBase
	Bandwidth  any           `param:"bandwidth=None"` // radius; nil: EstimateBandwidth
	Seeds      *learn.Matrix `param:"seeds"`
	BinSeeding bool          `param:"bin_seeding=false"` // climb from occupied cells of a grid
	MinBinFreq int           `param:"min_bin_freq=1"`
	ClusterAll bool          `param:"cluster_all=true"` // else rows far from all modes are noise
	MaxIter    int           `param:"max_iter=300"`

	Centers *learn.Matrix `fit:"cluster_centers_"`
	NIter   int           `fit:"n_iter_"`
}

// NewMeanShift returns one with scikit-learn's defaults.
func NewMeanShift() *MeanShift { m := &MeanShift{}; learn.Init(m); return m }

// EstimateBandwidth returns the mean over rows of the distance of the neighbour at a quantile.
func EstimateBandwidth(x *learn.Matrix, quantile float64) float64 {
	k := max(1, int(float64(x.Rows)*quantile))
	d, _ := neighbors.NewIndex(x, "auto", "euclidean", 2, 30).Nearest(x, k, false)
	s := 0.0
	for i := range x.Rows {
		s += d.At(i, k-1) / float64(x.Rows)
	}
	return s
}

// mode is where a climb ended, and how many rows are near.
type mode struct {
	at    []float64
	count int
	iter  int
}

// Fit finds the modes.
func (m *MeanShift) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	h, ok := learn.OptFloat(m.Bandwidth)
	if !ok {
		h = EstimateBandwidth(d, 0.3)
	}
	if !(h > 0) && (ok || h != 0) { // an estimate of 0 makes clusters of equal rows
		m.Fail("bandwidth is %g; want a number above 0", h)
	}
	seeds := d
	if m.Seeds != nil {
		seeds = m.Seeds
	} else if m.BinSeeding {
		seeds = m.bins(d, h)
	}
	ix := neighbors.NewIndex(d, "auto", "euclidean", 2, 30)
	modes := make([]mode, seeds.Rows)
	engine.Parallel(seeds.Rows, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			modes[i] = m.climb(ix, d, seeds.Row(i), h)
		}
	})
	m.keep(modes, d, h)
	m.label(d, h)
	m.Done()
	return nil
}

func (m *MeanShift) climb(ix *neighbors.Index, d *learn.Matrix, seed []float64, h float64) mode {
	at := append([]float64(nil), seed...)
	out := mode{}
	for out.iter = 0; ; out.iter++ {
		_, near := ix.Within(&learn.Matrix{Rows: 1, Cols: len(at), Data: at}, h, false)
		rows := near[0]
		if len(rows) == 0 {
			break
		}
		next := make([]float64, len(at))
		for _, i := range rows {
			for j, v := range d.Row(i) {
				next[j] += v
			}
		}
		for j := range next {
			next[j] /= float64(len(rows))
		}
		moved := math.Sqrt(squared(at, next))
		at, out.count = next, len(rows)
		if moved <= 1e-3*h || out.iter == m.MaxIter {
			break
		}
	}
	out.at = at
	return out
}

// keep drops modes within h of one with more rows.
func (m *MeanShift) keep(modes []mode, d *learn.Matrix, h float64) {
	modes = slices.DeleteFunc(modes, func(o mode) bool { return o.count == 0 })
	if len(modes) == 0 {
		m.Fail("no row is within %g of any seed; try a larger Bandwidth", h)
	}
	sort.SliceStable(modes, func(a, b int) bool {
		if modes[a].count != modes[b].count {
			return modes[a].count > modes[b].count
		}
		return slices.Compare(modes[a].at, modes[b].at) > 0
	})
	var rows [][]float64
	m.NIter = 0
	for _, o := range modes {
		m.NIter = max(m.NIter, o.iter)
		if !slices.ContainsFunc(rows, func(r []float64) bool { return squared(r, o.at) <= h*h }) {
			rows = append(rows, o.at)
		}
	}
	m.Centers = learn.FromRows(rows)
}

func (m *MeanShift) label(d *learn.Matrix, h float64) {
	labels, dist := assign(d, m.Centers)
	for i := range labels {
		if !m.ClusterAll && math.Sqrt(dist[i]) > h {
			labels[i] = -1
		}
	}
	m.Labels = labels
}

// bins returns the corners of grid cells of size h that hold at least MinBinFreq rows.
func (m *MeanShift) bins(d *learn.Matrix, h float64) *learn.Matrix {
	type cell struct {
		at    []float64
		count int
	}
	cells := map[string]*cell{}
	var order []*cell
	for i := range d.Rows {
		at := make([]float64, d.Cols)
		key := make([]byte, 0, 8*d.Cols)
		for j, v := range d.Row(i) {
			at[j] = math.RoundToEven(v / h)
			key = append(key, []byte(string(rune(int(at[j])+1<<20)))...)
			at[j] *= h
		}
		c, ok := cells[string(key)]
		if !ok {
			c = &cell{at: at}
			cells[string(key)] = c
			order = append(order, c)
		}
		c.count++
	}
	var rows [][]float64
	for _, c := range order {
		if c.count >= m.MinBinFreq {
			rows = append(rows, c.at)
		}
	}
	if len(rows) == 0 || len(rows) == d.Rows {
		return d
	}
	return learn.FromRows(rows)
}

// Predict returns the number of the nearest mode.
func (m *MeanShift) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	labels, _ := assign(m.Ready(x), m.Centers)
	return learn.Ints(labels), nil
}
