package kernel

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// PolynomialCountSketch approximates the kernel (γ·xᵀy + c)^degree by products of count sketches in the frequency
// domain (Pham and Pagh 2013).
type PolynomialCountSketch struct {
	learn.TransformerBase
	Gamma       float64 `param:"gamma=1.0"`
	Degree      int     `param:"degree=2"`
	Coef0       float64 `param:"coef0=0.0"`
	NComponents int     `param:"n_components=100"`
	RandomState int64   `param:"random_state=0"`

	IndexHash [][]int `fit:"indexHash_"` // [degree features]
	BitHash   [][]int `fit:"bitHash_"`   // 1 or −1
}

// NewPolynomialCountSketch returns one with scikit-learn's defaults.
func NewPolynomialCountSketch() *PolynomialCountSketch {
	m := &PolynomialCountSketch{}
	learn.Init(m)
	return m
}

// Fit draws the sketches.
func (m *PolynomialCountSketch) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	if m.Gamma < 0 || m.Coef0 < 0 || m.Degree < 1 || m.NComponents < 1 {
		m.Fail("Gamma is %g, Coef0 %g, Degree %d and NComponents %d; want none negative, the last two 1 or more",
			m.Gamma, m.Coef0, m.Degree, m.NComponents)
	}
	features := d.Cols
	if m.Coef0 != 0 {
		features++
	}
	r := random.New(m.RandomState)
	m.IndexHash, m.BitHash = nil, nil
	for range m.Degree {
		m.IndexHash = append(m.IndexHash, r.Ints(m.NComponents, features))
	}
	for range m.Degree {
		bits := r.Ints(2, features)
		for j, b := range bits {
			bits[j] = 2*b - 1
		}
		m.BitHash = append(m.BitHash, bits)
	}
	m.Done()
	return nil
}

// Transform maps rows.
func (m *PolynomialCountSketch) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v := m.Ready(x)
	out := learn.NewMatrix(v.Rows, m.NComponents)
	engine.Parallel(v.Rows, 16, func(lo, hi int) {
		fft := fourier.NewFFT(m.NComponents)
		sketch := make([]float64, m.NComponents)
		part := make([]complex128, m.NComponents/2+1)
		product := make([]complex128, len(part))
		for i := lo; i < hi; i++ {
			for q := range m.Degree {
				clear(sketch)
				for j, at := range m.IndexHash[q] {
					e := math.Sqrt(m.Coef0)
					if j < v.Cols {
						e = math.Sqrt(m.Gamma) * v.At(i, j)
					}
					sketch[at] += float64(m.BitHash[q][j]) * e
				}
				fft.Coefficients(part, sketch)
				for k, c := range part {
					if q == 0 {
						product[k] = c
					} else {
						product[k] *= c
					}
				}
			}
			fft.Sequence(out.Row(i), product)
			for j := range out.Row(i) {
				out.Row(i)[j] /= float64(m.NComponents)
			}
		}
	})
	return out, nil
}
