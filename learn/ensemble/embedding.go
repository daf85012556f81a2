package ensemble

import (
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/tree"
)

// RandomTreesEmbedding codes rows by the leaves of totally random trees, one column for each leaf.
type RandomTreesEmbedding struct {
	learn.TransformerBase
	NEstimators         int     `param:"n_estimators=100"`
	MaxDepth            int     `param:"max_depth=5"`
	MinSamplesSplit     any     `param:"min_samples_split=2"`
	MinSamplesLeaf      any     `param:"min_samples_leaf=1"`
	MinWeightFraction   float64 `param:"min_weight_fraction_leaf=0.0"`
	MaxLeafNodes        int     `param:"max_leaf_nodes=0"`
	MinImpurityDecrease float64 `param:"min_impurity_decrease=0.0"`
	SparseOutput        bool    `param:"sparse_output=true"`
	RandomState         int64   `param:"random_state=0"`
	WarmStart           bool    `param:"warm_start=false" fixed:"true"`

	Trees []*tree.Tree `fit:"estimators_"`

	columns []map[int]int // of each tree: leaf → column
	total   int
}

// NewRandomTreesEmbedding returns one with scikit-learn's defaults.
func NewRandomTreesEmbedding() *RandomTreesEmbedding {
	m := &RandomTreesEmbedding{}
	learn.Init(m)
	return m
}

// Fit grows the trees on random targets.
func (m *RandomTreesEmbedding) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	r := random.New(m.RandomState)
	y := learn.NewMatrix(d.Rows, 1)
	for i := range y.Data {
		y.Data[i] = r.Float64()
	}
	f := NewExtraTreesRegressor()
	f.NEstimators, f.MaxDepth, f.MaxFeatures = m.NEstimators, m.MaxDepth, 1
	f.MinSamplesSplit, f.MinSamplesLeaf, f.MinWeightFraction = m.MinSamplesSplit, m.MinSamplesLeaf, m.MinWeightFraction
	f.MaxLeafNodes, f.MinImpurityDecrease, f.RandomState = m.MaxLeafNodes, m.MinImpurityDecrease, m.RandomState
	learn.Must(f.Fit(d, y))
	m.Trees, m.columns, m.total = f.Trees, nil, 0
	for _, t := range m.Trees {
		at := map[int]int{}
		for i, l := range t.Left {
			if l < 0 {
				at[i] = m.total
				m.total++
			}
		}
		m.columns = append(m.columns, at)
	}
	m.Done()
	return nil
}

// Transform returns the indicators of the leaves: a *learn.CSR, or a matrix unless SparseOutput.
func (m *RandomTreesEmbedding) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	b := learn.NewCSRBuilder(m.total)
	for i := range q.Rows {
		for t, tr := range m.Trees {
			b.Add(m.columns[t][tr.Leaf(q.Row(i))], 1)
		}
		b.EndRow()
	}
	if !m.SparseOutput {
		return b.CSR().Dense(), nil
	}
	return b.CSR(), nil
}
