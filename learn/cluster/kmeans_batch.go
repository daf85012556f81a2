package cluster

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

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
	d := m.MustSquare(m.Begin(x, nil))
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
	d := m.MustSquare(m.Begin(x, nil))
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
		d := m.MustSquare(m.Begin(x, nil))
		m.begin(d, learn.Weights(m.Name(), nil, d.Rows), random.New(m.RandomState), d.Rows)
		m.Done()
	}
	d := m.Ready(x)
	m.step(d, learn.Weights(m.Name(), nil, d.Rows))
	m.Labels, _ = assign(d, m.Centers)
	return nil
}
