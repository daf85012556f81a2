package cluster

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/neighbors"
)

// DBSCAN grows clusters from rows with many neighbours within Eps.
type DBSCAN struct {
	learn.ClustererBase
	Eps          float64 `param:"eps=0.5"`
	MinSamples   int     `param:"min_samples=5"` // neighbours, itself included, that make a core row
	Metric       string  `param:"metric=euclidean"`
	MetricParams any     `param:"metric_params=None" fixed:"true"`
	Algorithm    string  `param:"algorithm=auto"`
	LeafSize     int     `param:"leaf_size=30"`
	P            any     `param:"p=None"`

	CoreRows   []int         `fit:"core_sample_indices_"`
	Components *learn.Matrix `fit:"components_"` // core rows
}

// NewDBSCAN returns one with scikit-learn's defaults.
func NewDBSCAN() *DBSCAN { m := &DBSCAN{}; learn.Init(m); return m }

// Fit groups the rows.
func (m *DBSCAN) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row, which counts as that many rows.
func (m *DBSCAN) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	if !(m.Eps > 0) || m.MinSamples < 1 {
		m.Fail("Eps is %g and MinSamples %d; want both above 0", m.Eps, m.MinSamples)
	}
	w = learn.Weights(m.Name(), w, d.Rows)
	ix := neighbors.NewIndex(d, m.Algorithm, m.Metric, power(m.P), m.LeafSize)
	if core, labels, ok := ix.Dense(m.Eps, w, float64(m.MinSamples)); ok {
		m.CoreRows, m.Labels = []int{}, labels
		for i, is := range core {
			if is {
				m.CoreRows = append(m.CoreRows, i)
			}
		}
	} else {
		m.grow(ix, d, w)
	}
	m.Components = d.Take(m.CoreRows)
	m.Done()
	return nil
}

// grow grows each group from its first core row.
func (m *DBSCAN) grow(ix *neighbors.Index, d *learn.Matrix, w []float64) {
	_, near := ix.Within(d, m.Eps, false)
	core := make([]bool, d.Rows)
	m.CoreRows, m.Labels = []int{}, make([]int, d.Rows)
	for i, rows := range near {
		n := 0.0
		for _, j := range rows {
			n += w[j]
		}
		m.Labels[i] = -1
		if n >= float64(m.MinSamples) {
			core[i] = true
			m.CoreRows = append(m.CoreRows, i)
		}
	}
	label := 0
	var stack []int
	for i := range near {
		if m.Labels[i] != -1 || !core[i] {
			continue
		}
		for q := i; ; {
			if m.Labels[q] == -1 {
				m.Labels[q] = label
				if core[q] {
					for _, j := range near[q] {
						if m.Labels[j] == -1 {
							stack = append(stack, j)
						}
					}
				}
			}
			if len(stack) == 0 {
				break
			}
			q = stack[len(stack)-1]
			stack = stack[:len(stack)-1]
		}
		label++
	}
}

func power(p any) float64 {
	if v, ok := learn.OptFloat(p); ok {
		return v
	}
	return 2
}

// OPTICS orders rows by reachability, which shows clusters of any density.
type OPTICS struct {
	learn.ClustererBase
	MinSamples            any     `param:"min_samples=5"` // count (int) or fraction
	MaxEps                float64 `param:"max_eps=Inf"`
	Metric                string  `param:"metric=minkowski"`
	P                     float64 `param:"p=2"`
	MetricParams          any     `param:"metric_params=None" fixed:"true"`
	ClusterMethod         string  `param:"cluster_method=xi"` // or dbscan
	Eps                   any     `param:"eps=None"`          // of dbscan; nil means MaxEps
	Xi                    float64 `param:"xi=0.05"`           // least steepness of a border
	PredecessorCorrection bool    `param:"predecessor_correction=true"`
	MinClusterSize        any     `param:"min_cluster_size=None"` // nil means MinSamples
	Algorithm             string  `param:"algorithm=auto"`
	LeafSize              int     `param:"leaf_size=30"`

	Ordering      []int     `fit:"ordering_"`
	Reachability  []float64 `fit:"reachability_"`
	CoreDistances []float64 `fit:"core_distances_"`
	Predecessor   []int     `fit:"predecessor_"`
	Hierarchy     [][]int   `fit:"cluster_hierarchy_"`
}

// NewOPTICS returns one with scikit-learn's defaults.
func NewOPTICS() *OPTICS { m := &OPTICS{}; learn.Init(m); return m }

// count reads a count or a fraction of n.
func (m *OPTICS) count(v any, n int) int {
	c, ok := learn.OptInt(v)
	if f, isFloat := v.(float64); isFloat && f <= 1 {
		c, ok = max(2, int(f*float64(n))), true
	}
	if !ok || c < 2 || c > n {
		m.Fail("MinSamples or MinClusterSize is %v; want 2 … %d or a fraction", v, n)
	}
	return c
}

// round keeps 15 decimals, as the reference does.
func round(v float64) float64 {
	if math.IsInf(v, 0) {
		return v
	}
	return math.RoundToEven(v*1e15) / 1e15
}

// Fit orders and groups the rows.
func (m *OPTICS) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("ClusterMethod", m.ClusterMethod, "xi", "dbscan")
	n := d.Rows
	k := m.count(m.MinSamples, n)
	ix := neighbors.NewIndex(d, m.Algorithm, m.Metric, m.P, m.LeafSize)
	dist, _ := ix.Nearest(d, k, false)
	m.CoreDistances, m.Reachability = make([]float64, n), make([]float64, n)
	m.Predecessor, m.Ordering = make([]int, n), nil
	for i := range n {
		m.CoreDistances[i] = round(dist.At(i, k-1))
		if dist.At(i, k-1) > m.MaxEps {
			m.CoreDistances[i] = math.Inf(1)
		}
		m.Reachability[i], m.Predecessor[i] = math.Inf(1), -1
	}
	f := metric.DistanceOf(m.Metric, m.P)
	done := make([]bool, n)
	for range n {
		best := -1
		for i := range n {
			if !done[i] && (best < 0 || m.Reachability[i] < m.Reachability[best]) {
				best = i
			}
		}
		done[best] = true
		m.Ordering = append(m.Ordering, best)
		if math.IsInf(m.CoreDistances[best], 1) {
			continue
		}
		for j := range n {
			if done[j] {
				continue
			}
			v := f(d.Row(best), d.Row(j))
			if v > m.MaxEps {
				continue
			}
			if r := round(max(v, m.CoreDistances[best])); r < m.Reachability[j] {
				m.Reachability[j], m.Predecessor[j] = r, best
			}
		}
	}
	m.extract(k, n)
	m.Done()
	return nil
}

func (m *OPTICS) extract(k, n int) {
	m.Labels = make([]int, n)
	if m.ClusterMethod == "dbscan" {
		eps := m.MaxEps
		if v, ok := learn.OptFloat(m.Eps); ok {
			eps = v
		}
		label := -1
		for _, i := range m.Ordering {
			far, near := m.Reachability[i] > eps, m.CoreDistances[i] <= eps
			if far && near {
				label++
			}
			m.Labels[i] = label
			if far && !near {
				m.Labels[i] = -1
			}
		}
		return
	}
	size := k
	if m.MinClusterSize != nil {
		size = m.count(m.MinClusterSize, n)
	}
	p := newPlot(m)
	m.Hierarchy = p.clusters(m.Xi, k, size, m.PredecessorCorrection)
	at := make([]int, n)
	for i := range at {
		at[i] = -1
	}
	label := 0
	for _, c := range m.Hierarchy {
		part := at[c[0] : c[1]+1]
		if slices.ContainsFunc(part, func(v int) bool { return v != -1 }) {
			continue
		}
		for i := range part {
			part[i] = label
		}
		label++
	}
	for q, i := range m.Ordering {
		m.Labels[i] = at[q]
	}
}

// plot is the reachability in the order of the rows, with an end at infinity.
type plot struct {
	r     []float64
	pred  []int
	order []int
}

func newPlot(m *OPTICS) *plot {
	p := &plot{order: m.Ordering}
	for _, i := range m.Ordering {
		p.r = append(p.r, m.Reachability[i])
		p.pred = append(p.pred, m.Predecessor[i])
	}
	p.r = append(p.r, math.Inf(1))
	return p
}

// steep is a steep-down area.
type steep struct {
	start, end int
	mib        float64 // largest reachability since
}

// clusters finds pairs of steep-down and steep-up areas (Ankerst et al. 1999, figure 19).
func (p *plot) clusters(xi float64, minSamples, minSize int, correct bool) [][]int {
	n := len(p.r) - 1
	up, down, upward, downward := make([]bool, n), make([]bool, n), make([]bool, n), make([]bool, n)
	for i := range n {
		ratio := p.r[i] / p.r[i+1]
		up[i], down[i] = ratio <= 1-xi, ratio >= 1/(1-xi)
		downward[i], upward[i] = ratio > 1, ratio < 1
	}
	var areas []steep
	var out [][]int
	index, mib := 0, 0.0
	for s := range n {
		if !up[s] && !down[s] || s < index {
			continue
		}
		mib = max(mib, slices.Max(p.r[index:s+1]))
		areas = filter(areas, mib, 1-xi, p.r)
		if down[s] {
			end := extend(down, upward, s, minSamples)
			areas = append(areas, steep{start: s, end: end})
			index = end + 1
			mib = p.r[index]
			continue
		}
		end := extend(up, downward, s, minSamples)
		index = end + 1
		mib = p.r[index]
		var found [][]int
		for _, a := range areas {
			if c := p.pair(a, s, end, 1-xi, minSize, correct); c != nil {
				found = append(found, c)
			}
		}
		slices.Reverse(found)
		out = append(out, found...)
	}
	return out
}

func filter(areas []steep, mib, xc float64, r []float64) []steep {
	if math.IsInf(mib, 1) {
		return nil
	}
	var out []steep
	for _, a := range areas {
		if mib <= r[a.start]*xc {
			a.mib = max(a.mib, mib)
			out = append(out, a)
		}
	}
	return out
}

// extend returns the end of a steep area that may have a few points that are not steep.
func extend(isSteep, against []bool, start, minSamples int) int {
	flat, end := 0, start
	for i := start; i < len(isSteep); i++ {
		switch {
		case isSteep[i]:
			flat, end = 0, i
		case !against[i]:
			if flat++; flat > minSamples {
				return end
			}
		default:
			return end
		}
	}
	return end
}

// pair returns the cluster between a steep-down area and a steep-up area, or nil.
func (p *plot) pair(a steep, upStart, upEnd int, xc float64, minSize int, correct bool) []int {
	start, end := a.start, upEnd
	if p.r[end+1]*xc < a.mib {
		return nil
	}
	top := p.r[a.start]
	if top*xc >= p.r[end+1] {
		for p.r[start+1] > p.r[end+1] && start < a.end {
			start++
		}
	} else if p.r[end+1]*xc >= top {
		for p.r[end-1] > top && end > upStart {
			end--
		}
	}
	if correct {
		var ok bool
		if start, end, ok = p.correct(start, end); !ok {
			return nil
		}
	}
	if end-start+1 < minSize || start > a.end || end < upStart {
		return nil
	}
	return []int{start, end}
}

// correct shortens a cluster until its last row was reached from within.
func (p *plot) correct(s, e int) (int, int, bool) {
	for s < e {
		if p.r[s] > p.r[e] || slices.Contains(p.order[s:e], p.pred[e]) {
			return s, e, true
		}
		e--
	}
	return 0, 0, false
}
