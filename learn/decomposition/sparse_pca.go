package decomposition

import (
	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
)

// sparsePCA is what SparsePCA and MiniBatchSparsePCA have in common.
type sparsePCA struct {
	learn.TransformerBase
	NComponents any     `param:"n_components=None"` // nil: the number of features
	Alpha       float64 `param:"alpha=1.0"`         // larger: more zeros
	RidgeAlpha  float64 `param:"ridge_alpha=0.01"`  // of Transform
	MaxIter     int     `param:"max_iter=1000"`
	Method      string  `param:"method=lars"` // or cd
	RandomState int64   `param:"random_state=0"`

	Components *learn.Matrix `fit:"components_"` // [components features], of length 1
	Mean       []float64     `fit:"mean_"`
	NIter      int           `fit:"n_iter_"`
}

// begin returns the centred rows, transposed, and the number of components.
func (m *sparsePCA) begin(x learn.Data) (*learn.Matrix, int) {
	v := m.Begin(x, nil)
	m.OneOf("Method", m.Method, "lars", "cd")
	k := v.Cols
	if n, ok := learn.OptInt(m.NComponents); ok {
		k = n
	}
	if k < 1 || m.Alpha < 0 || m.RidgeAlpha < 0 {
		m.Fail("NComponents is %d, Alpha %g and RidgeAlpha %g; want 1 or more, 0 or more and 0 or more", k,
			m.Alpha, m.RidgeAlpha)
	}
	m.Mean = means(v)
	return minus(v, m.Mean).T(), k
}

// keep stores codes [features components] as components of length 1.
func (m *sparsePCA) keep(code *learn.Matrix) {
	m.Components = code.T()
	for i := range m.Components.Rows {
		row := m.Components.Row(i)
		if l := length(row); l > 0 {
			for j := range row {
				row[j] /= l
			}
		}
	}
}

// Transform returns the ridge regression of the centred rows on the components.
func (m *sparsePCA) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v := minus(m.Ready(x), m.Mean)
	g := learn.MulT(m.Components, m.Components)
	for i := range g.Rows {
		g.Data[i*g.Cols+i] += m.RidgeAlpha
	}
	right := learn.MulT(m.Components, v)
	var out mat.Dense
	var c mat.Cholesky
	if c.Factorize(mat.NewSymDense(g.Rows, g.Data)) {
		err = c.SolveTo(&out, right.Mat())
	} else {
		err = out.Solve(g.Mat(), right.Mat())
	}
	if _, near := err.(mat.Condition); err != nil && !near {
		m.Fail("components depend on each other; raise RidgeAlpha (%g)", m.RidgeAlpha)
	}
	return learn.FromMat(&out).T(), nil
}

// InverseTransform returns Z·components + mean.
func (m *sparsePCA) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	z := learn.Dense(m.Name(), x)
	if z.Cols != m.Components.Rows {
		m.Fail("X has %d columns; want one for each of %d components", z.Cols, m.Components.Rows)
	}
	out := learn.Mul(z, m.Components)
	for i := range out.Rows {
		for j := range out.Row(i) {
			out.Row(i)[j] += m.Mean[j]
		}
	}
	return out, nil
}

// SparsePCA finds components with few nonzero numbers: a DictionaryLearning of the transposed rows, whose codes are
// the components (Zou et al. 2006; Jenatton et al. 2009).
type SparsePCA struct {
	sparsePCA
	Tol   float64       `param:"tol=1e-08"`
	UInit *learn.Matrix `param:"U_init"` // [rows components]
	VInit *learn.Matrix `param:"V_init"` // [components features]

	Errors []float64 `fit:"error_"` // of each round
}

// NewSparsePCA returns one with scikit-learn's defaults.
func NewSparsePCA() *SparsePCA { m := &SparsePCA{}; learn.Init(m); return m }

// Fit finds the components.
func (m *SparsePCA) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	xt, k := m.begin(x)
	a := alternation{
		alpha: m.Alpha, tol: m.Tol, rounds: m.MaxIter, seed: m.RandomState, poll: m.Poll,
		encoding: EncodeOptions{Algorithm: "lasso_" + m.Method, Alpha: m.Alpha},
	}
	var first, atoms *learn.Matrix
	if m.UInit != nil && m.VInit != nil {
		if m.UInit.Rows != xt.Cols || m.VInit.Cols != xt.Rows {
			m.Fail("UInit has %d rows and VInit %d columns; want %d and %d", m.UInit.Rows, m.VInit.Cols, xt.Cols,
				xt.Rows)
		}
		first, atoms = m.VInit.T(), m.UInit.T()
	}
	code, d := a.start(xt, k, first, atoms)
	code, m.NIter = a.run(m.Name(), xt, code, d)
	m.Errors = a.errors
	signsByColumns(code, d)
	m.keep(code)
	m.Done()
	return nil
}

// MiniBatchSparsePCA is SparsePCA that sees a part of the features at a time: faster, less exact.
type MiniBatchSparsePCA struct {
	sparsePCA
	BatchSize        int     `param:"batch_size=3"`
	Shuffle          bool    `param:"shuffle=true"`
	Tol              float64 `param:"tol=0.001"`
	MaxNoImprovement any     `param:"max_no_improvement=10"`
}

// NewMiniBatchSparsePCA returns one with scikit-learn's defaults.
func NewMiniBatchSparsePCA() *MiniBatchSparsePCA { m := &MiniBatchSparsePCA{}; learn.Init(m); return m }

// Fit finds the components.
func (m *MiniBatchSparsePCA) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	xt, k := m.begin(x)
	d := NewMiniBatchDictionaryLearning()
	d.SetContext(m.Context())
	d.NComponents, d.Alpha, d.MaxIter, d.BatchSize = k, m.Alpha, m.MaxIter, m.BatchSize
	d.Shuffle, d.FitAlgorithm, d.RandomState, d.Tol = m.Shuffle, m.Method, m.RandomState, m.Tol
	d.MaxNoImprovement, d.TransformAlgorithm, d.TransformAlpha = m.MaxNoImprovement, "lasso_"+m.Method, m.Alpha
	learn.Must(d.Fit(xt, nil))
	code, err := d.Transform(xt)
	learn.Must(err)
	m.keep(code.(*learn.Matrix))
	m.NIter = d.NIter
	m.Done()
	return nil
}
