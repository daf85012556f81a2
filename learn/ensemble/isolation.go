package ensemble

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/tree"
)

// IsolationForest scores rows by how few random cuts isolate them (Liu et al. 2008).
type IsolationForest struct {
	learn.OutlierBase
	NEstimators   int   `param:"n_estimators=100"`
	MaxSamples    any   `param:"max_samples=auto"`   // rows of a tree: auto (at most 256), count or fraction
	Contamination any   `param:"contamination=auto"` // share of outliers in Fit's rows, which sets Offset; auto: Offset −0.5
	MaxFeatures   any   `param:"max_features=1.0"`
	Bootstrap     bool  `param:"bootstrap=false"`
	RandomState   int64 `param:"random_state=0"`
	WarmStart     bool  `param:"warm_start=false" fixed:"true"`

	SamplesUsed int `fit:"max_samples_"`

	trees [][]cut
}

// cut is a node; a leaf has no children and knows the expected depth below it.
type cut struct {
	feature     int
	threshold   float64
	left, right int
	depth       float64 // of a leaf: cuts above it and expected below
}

// NewIsolationForest returns one with scikit-learn's defaults.
func NewIsolationForest() *IsolationForest { m := &IsolationForest{}; learn.Init(m); return m }

// averagePath returns the mean depth of an unsuccessful search in a binary tree of n rows.
func averagePath(n int) float64 {
	switch {
	case n <= 1:
		return 0
	case n == 2:
		return 1
	}
	v := float64(n)
	return 2*(math.Log(v-1)+0.5772156649015329) - 2*(v-1)/v
}

// Fit grows the trees.
func (m *IsolationForest) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	n := min(256, d.Rows)
	if m.MaxSamples != "auto" {
		var ok bool
		if n, ok = sampleCount(m.MaxSamples, d.Rows); !ok {
			m.Fail("MaxSamples is %v; want auto, a count or a fraction", m.MaxSamples)
		}
		n = min(n, d.Rows)
	}
	features, ok := sampleCount(m.MaxFeatures, d.Cols)
	if !ok || features > d.Cols || m.NEstimators < 1 {
		m.Fail("MaxFeatures is %v, NEstimators %d; want a count or a fraction, and at least 1", m.MaxFeatures, m.NEstimators)
	}
	m.SamplesUsed = n
	r := random.New(m.RandomState)
	seeds := make([]int64, m.NEstimators)
	for i := range seeds {
		seeds[i] = r.Seed()
	}
	m.trees = make([][]cut, m.NEstimators)
	limit := int(math.Ceil(math.Log2(float64(max(n, 2)))))
	engine.Parallel(len(seeds), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			q := random.New(seeds[i])
			rows := q.Choice(d.Rows, n)
			if m.Bootstrap {
				rows = q.Ints(d.Rows, n)
			}
			cols := allRows(d.Cols)
			if features < d.Cols {
				cols = q.Choice(d.Cols, features)
			}
			g := &isolation{x: d, cols: cols, r: q, limit: limit}
			g.grow(rows, 0)
			m.trees[i] = g.nodes
		}
	})
	m.Offset = -0.5
	if c, ok := learn.OptFloat(m.Contamination); ok {
		if c <= 0 || c > 0.5 {
			m.Fail("Contamination is %g; want auto or a number in (0, 0.5]", c)
		}
		s := m.scores(d).Data
		sort.Float64s(s)
		at := c * float64(len(s)-1)
		k := min(int(at), len(s)-2)
		m.Offset = s[k] + (at-float64(k))*(s[k+1]-s[k])
	}
	m.Done()
	return nil
}

// isolation grows one tree.
type isolation struct {
	x     *learn.Matrix
	cols  []int
	r     *random.State
	limit int
	nodes []cut
}

func (g *isolation) grow(rows []int, depth int) int {
	at := len(g.nodes)
	g.nodes = append(g.nodes, cut{depth: float64(depth) + averagePath(len(rows))})
	if depth >= g.limit || len(rows) <= 1 {
		return at
	}
	for _, k := range g.r.Permutation(len(g.cols)) {
		j := g.cols[k]
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, i := range rows {
			lo, hi = min(lo, g.x.At(i, j)), max(hi, g.x.At(i, j))
		}
		if lo == hi {
			continue
		}
		t := g.r.Uniform(lo, hi)
		var left, right []int
		for _, i := range rows {
			if g.x.At(i, j) <= t {
				left = append(left, i)
			} else {
				right = append(right, i)
			}
		}
		if len(right) == 0 {
			continue
		}
		l := g.grow(left, depth+1)
		r := g.grow(right, depth+1)
		g.nodes[at].feature, g.nodes[at].threshold, g.nodes[at].left, g.nodes[at].right = j, t, l, r
		return at
	}
	return at
}

func (m *IsolationForest) scores(d *learn.Matrix) *learn.Matrix {
	out := learn.NewMatrix(d.Rows, 1)
	scale := float64(len(m.trees)) * averagePath(m.SamplesUsed)
	engine.Parallel(d.Rows, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, sum := d.Row(i), 0.0
			for _, t := range m.trees {
				n := &t[0]
				for n.left != 0 {
					if row[n.feature] <= n.threshold {
						n = &t[n.left]
					} else {
						n = &t[n.right]
					}
				}
				sum += n.depth
			}
			if scale == 0 {
				out.Data[i] = -0.5
			} else {
				out.Data[i] = -math.Pow(2, -sum/scale)
			}
		}
	})
	return out
}

// Trees returns the trees, whose leaves hold the mean depth of a row in them, and the depth that is expected of one tree.
func (m *IsolationForest) Trees() (trees []*tree.Tree, expected float64) {
	for _, nodes := range m.trees {
		t := &tree.Tree{Width: 1}
		for _, n := range nodes {
			left, right := n.left, n.right
			if left == 0 {
				left, right = -1, -1
			}
			t.Feature, t.Threshold = append(t.Feature, n.feature), append(t.Threshold, n.threshold)
			t.Left, t.Right, t.MissingLeft = append(t.Left, left), append(t.Right, right), append(t.MissingLeft, false)
			t.Values = append(t.Values, n.depth)
		}
		trees = append(trees, t)
	}
	return trees, averagePath(m.SamplesUsed)
}

// ScoreSamples returns −2^(−mean depth / expected depth): −1 for the easiest to isolate.
func (m *IsolationForest) ScoreSamples(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.scores(m.Ready(x)), nil
}

// DecisionFunction returns ScoreSamples − Offset; negative values are outliers.
func (m *IsolationForest) DecisionFunction(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	s = m.scores(m.Ready(x))
	for i := range s.Data {
		s.Data[i] -= m.Offset
	}
	return s, nil
}

// Predict returns 1 for inliers and −1 for outliers.
func (m *IsolationForest) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	y, err = m.DecisionFunction(x)
	learn.Must(err)
	for i, v := range y.Data {
		if y.Data[i] = 1; v < 0 {
			y.Data[i] = -1
		}
	}
	return y, nil
}
