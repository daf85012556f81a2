package crossdecomp

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// PLSSVD projects on the singular vectors of the cross-covariance of X and y.
type PLSSVD struct {
	learn.TransformerBase
	NComponents int  `param:"n_components=2"`
	Scale       bool `param:"scale=true"`

	XWeights *learn.Matrix `fit:"x_weights_"`
	YWeights *learn.Matrix `fit:"y_weights_"`

	xMean, xStd []float64
}

// NewPLSSVD returns one with scikit-learn's defaults.
func NewPLSSVD() *PLSSVD { m := &PLSSVD{}; learn.Init(m); return m }

// Fit decomposes.
func (m *PLSSVD) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.MustRows(m.Begin(x, y), 2))
	if y == nil {
		m.Fail("y is nil; want targets for each row")
	}
	if most := min(d.Rows, d.Cols, y.Cols); m.NComponents < 1 || m.NComponents > most {
		m.Fail("NComponents is %d; want 1 … %d", m.NComponents, most)
	}
	var cx *learn.Matrix
	cx, m.xMean, m.xStd = standard(d, m.Scale)
	cy, _, _ := standard(y, m.Scale)
	u, _, vt := learn.SVD(learn.TMul(cx, cy))
	for k := range u.Cols { // the largest entry of each column of u is positive
		top := 0
		for i := range u.Rows {
			if math.Abs(u.At(i, k)) > math.Abs(u.At(top, k)) {
				top = i
			}
		}
		if u.At(top, k) < 0 {
			for i := range u.Rows {
				u.Set(i, k, -u.At(i, k))
			}
			for j := range vt.Cols {
				vt.Set(k, j, -vt.At(k, j))
			}
		}
	}
	index := make([]int, m.NComponents)
	for i := range index {
		index[i] = i
	}
	m.XWeights, m.YWeights = u.TakeCols(index), vt.Take(index).T()
	m.Done()
	return nil
}

// Transform returns the scores of X.
func (m *PLSSVD) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	c := m.Ready(x).Clone()
	for i := range c.Rows {
		for j := range c.Row(i) {
			c.Row(i)[j] = (c.Row(i)[j] - m.xMean[j]) / m.xStd[j]
		}
	}
	return learn.Mul(c, m.XWeights), nil
}
