// Package projection maps rows to fewer columns by random matrices that keep distances (Johnson and
// Lindenstrauss).
//
//	p := projection.NewGaussianRandomProjection()
//	p.NComponents = 50
//	d, err := p.FitTransform(x, nil)
//	least := projection.MinDim(1000, 0.1)
//
// It looks at no data but their number of columns; learn/decomposition does.
package projection

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// MinDim returns how many components keep the distances between that many rows within a factor of 1 ± eps.
func MinDim(rows int, eps float64) int {
	if rows < 1 || eps <= 0 || eps >= 1 {
		learn.Fail("projection.MinDim", "%d rows, eps %g; want at least one row and 0 < eps < 1", rows, eps)
	}
	return int(4 * math.Log(float64(rows)) / (eps*eps/2 - eps*eps*eps/3))
}

// Projection are the options and results of both projections.
type Projection struct {
	learn.TransformerBase
	NComponents any     `param:"n_components=auto"` // auto: MinDim of the rows of Fit
	Eps         float64 `param:"eps=0.1"`
	RandomState int64   `param:"random_state=0"`
	Inverse     bool    `param:"compute_inverse_components=false" fixed:"true"`

	Components *learn.Matrix `fit:"components_"` // [components features]
	NUsed      int           `fit:"n_components_"`
}

func (p *Projection) begin(x learn.Data) *learn.Matrix {
	d := p.Begin(x, nil)
	n, ok := learn.OptInt(p.NComponents)
	if !ok {
		if p.NComponents != "auto" {
			p.Fail("NComponents is %v; want a count or auto", p.NComponents)
		}
		if n = MinDim(d.Rows, p.Eps); n > d.Cols {
			p.Fail("eps %g of %d rows needs %d components, more than the %d columns; set NComponents", p.Eps,
				d.Rows, n, d.Cols)
		}
	}
	if n < 1 {
		p.Fail("NComponents is %d; want at least 1", n)
	}
	p.NUsed = n
	p.Components = learn.NewMatrix(n, d.Cols)
	return d
}

// Transform returns x·Componentsᵀ.
func (p *Projection) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return learn.MulT(p.Ready(x), p.Components), nil
}

// InverseTransform maps back by the pseudo-inverse of Components.
func (p *Projection) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	p.MustFitted()
	u, s, vt := learn.SVD(p.Components)
	for i := range u.Rows {
		for j := range u.Row(i) {
			if s[j] > 1e-12*s[0] {
				u.Row(i)[j] /= s[j]
			} else {
				u.Row(i)[j] = 0
			}
		}
	}
	return learn.Mul(learn.Dense(p.Name(), x), learn.Mul(u, vt)), nil
}

// GaussianRandomProjection has normal entries of variance 1/components.
type GaussianRandomProjection struct{ Projection }

// NewGaussianRandomProjection returns one with scikit-learn's defaults.
func NewGaussianRandomProjection() *GaussianRandomProjection {
	p := &GaussianRandomProjection{}
	learn.Init(p)
	return p
}

// Fit draws the matrix.
func (p *GaussianRandomProjection) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	p.begin(x)
	r := random.New(p.RandomState)
	for i := range p.Components.Data {
		p.Components.Data[i] = r.Normal(0, 1/math.Sqrt(float64(p.NUsed)))
	}
	p.Done()
	return nil
}

// SparseRandomProjection has mostly zeros, and ±√(1/(density·components)).
type SparseRandomProjection struct {
	Projection
	Density any     `param:"density=auto"` // share of entries that are not 0; auto: 1/√features
	Used    float64 `fit:"density_"`
}

// NewSparseRandomProjection returns one with scikit-learn's defaults.
func NewSparseRandomProjection() *SparseRandomProjection {
	p := &SparseRandomProjection{}
	learn.Init(p)
	return p
}

// Fit draws the matrix.
func (p *SparseRandomProjection) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := p.begin(x)
	share, ok := learn.OptFloat(p.Density)
	if !ok {
		share = 1 / math.Sqrt(float64(d.Cols))
	}
	if share <= 0 || share > 1 {
		p.Fail("Density is %v; want auto or a number in (0, 1]", p.Density)
	}
	p.Used = share
	r := random.New(p.RandomState)
	v := math.Sqrt(1/share) / math.Sqrt(float64(p.NUsed))
	for i := range p.Components.Data {
		switch u := r.Float64(); {
		case u < share/2:
			p.Components.Data[i] = v
		case u < share:
			p.Components.Data[i] = -v
		}
	}
	p.Done()
	return nil
}
