package manifold

import (
	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/neighbors"
)

// LocallyLinearEmbedding keeps how each row is a mean of its neighbours (Roweis and Saul 2000).
type LocallyLinearEmbedding struct {
	learn.TransformerBase
	NNeighbors    int     `param:"n_neighbors=5"`
	NComponents   int     `param:"n_components=2"`
	Reg           float64 `param:"reg=0.001"` // of the local problems, times their trace
	EigenSolver   string  `param:"eigen_solver=auto"`
	Tol           float64 `param:"tol=1e-06"`
	MaxIter       int     `param:"max_iter=100"`
	Method        string  `param:"method=standard"` // the others of scikit-learn are not there
	NeighborsAlgo string  `param:"neighbors_algorithm=auto"`
	RandomState   int64   `param:"random_state=0"`

	Embedding *learn.Matrix `fit:"embedding_"`
	Error     float64       `fit:"reconstruction_error_"`

	index *neighbors.Index
}

// NewLocallyLinearEmbedding returns one with scikit-learn's defaults.
func NewLocallyLinearEmbedding() *LocallyLinearEmbedding {
	m := &LocallyLinearEmbedding{}
	learn.Init(m)
	return m
}

// barycenter returns the weights with which the neighbours add up best to a row.
func barycenter(row []float64, near *learn.Matrix, reg float64) []float64 {
	k := near.Rows
	c := near.Clone()
	for i := range k {
		for j := range c.Row(i) {
			c.Row(i)[j] -= row[j]
		}
	}
	g := learn.MulT(c, c)
	trace := 0.0
	for i := range k {
		trace += g.At(i, i)
	}
	r := reg
	if trace > 0 {
		r = reg * trace
	}
	ones := make([]float64, k)
	for i := range k {
		g.Set(i, i, g.At(i, i)+r)
		ones[i] = 1
	}
	var w mat.VecDense
	if err := w.SolveVec(g.Mat(), mat.NewVecDense(k, ones)); err != nil {
		if _, ok := err.(mat.Condition); !ok {
			learn.Must(err)
		}
	}
	sum := 0.0
	for i := range k {
		sum += w.AtVec(i)
	}
	for i := range k {
		ones[i] = w.AtVec(i) / sum
	}
	return ones
}

// Fit embeds the rows.
func (m *LocallyLinearEmbedding) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil).Clone()
	m.OneOf("Method", m.Method, "standard")
	if m.NNeighbors < 1 || m.NNeighbors >= d.Rows || m.NComponents < 1 || m.NComponents > d.Cols {
		m.Fail("NNeighbors is %d of %d rows, NComponents %d of %d columns", m.NNeighbors, d.Rows, m.NComponents, d.Cols)
	}
	m.index = neighbors.NewIndex(d, m.NeighborsAlgo, "euclidean", 2, 30)
	_, near := m.index.Nearest(d, m.NNeighbors, true)
	a := learn.NewMatrix(d.Rows, d.Rows) // I − W
	for i, rows := range near {
		m.Poll()
		a.Set(i, i, 1)
		for k, w := range barycenter(d.Row(i), d.Take(rows), m.Reg) {
			a.Set(i, rows[k], a.At(i, rows[k])-w)
		}
	}
	values, vectors := learn.Eigh(learn.TMul(a, a))
	n := len(values)
	m.Embedding, m.Error = learn.NewMatrix(d.Rows, m.NComponents), 0
	for c := range m.NComponents {
		at := n - 2 - c // the last one is constant
		m.Error += values[at]
		m.Embedding.SetCol(c, vectors.Row(at))
	}
	m.Done()
	return nil
}

// FitTransform returns the embedding of the rows of Fit.
func (m *LocallyLinearEmbedding) FitTransform(x learn.Data, y *learn.Matrix) (learn.Data, error) {
	if err := m.Fit(x, y); err != nil {
		return nil, err
	}
	return m.Embedding, nil
}

// Transform places rows at the same means of the places of their neighbours.
func (m *LocallyLinearEmbedding) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	_, near := m.index.Nearest(q, m.NNeighbors, false)
	out := learn.NewMatrix(q.Rows, m.NComponents)
	for i, rows := range near {
		for k, w := range barycenter(q.Row(i), m.index.X.Take(rows), m.Reg) {
			for c, v := range m.Embedding.Row(rows[k]) {
				out.Row(i)[c] += w * v
			}
		}
	}
	return out, nil
}
