package decomposition

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/linear"
)

// EncodeOptions are settings of SparseEncode.
type EncodeOptions struct {
	Algorithm string  // lasso_lars (the default), lasso_cd, lars, omp or threshold
	NNonzero  int     // of lars and omp: coefficients of a row; 0: a tenth of the features
	Alpha     float64 // penalty of the others
	MaxIter   int     // 0 means 1000
	Positive  bool    // coefficients of 0 or more: lasso_lars, lasso_cd and threshold
	Start     *learn.Matrix
}

// SparseEncode returns a code [rows atoms] with few nonzero numbers for which code · atoms is close to x:
// each row minimizes ½‖x − c·atoms‖² + alpha·‖c‖₁, or has a limited number of nonzero numbers.
func SparseEncode(x, atoms *learn.Matrix, o EncodeOptions) (code *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return encode("decomposition.SparseEncode", x, atoms, o), nil
}

func (o *EncodeOptions) check(where string) {
	switch o.Algorithm {
	case "":
		o.Algorithm = "lasso_lars"
	case "lasso_lars", "lasso_cd", "threshold":
	case "lars", "omp":
		if o.Positive {
			learn.Fail(where, "%s has no positive codes; use lasso_lars, lasso_cd or threshold", o.Algorithm)
		}
	default:
		learn.Fail(where, "algorithm is %q; want lasso_lars, lasso_cd, lars, omp or threshold", o.Algorithm)
	}
	if o.Alpha < 0 {
		learn.Fail(where, "alpha is %g; want 0 or more", o.Alpha)
	}
	if o.MaxIter == 0 {
		o.MaxIter = 1000
	}
}

func encode(where string, x, atoms *learn.Matrix, o EncodeOptions) *learn.Matrix {
	o.check(where)
	if x.Cols != atoms.Cols {
		learn.Fail(where, "atoms have %d features, x has %d; want the same number", atoms.Cols, x.Cols)
	}
	if o.NNonzero == 0 {
		o.NNonzero = min(max(x.Cols/10, 1), atoms.Rows)
	}
	gram, cov := learn.MulT(atoms, atoms), learn.MulT(x, atoms)
	code := learn.NewMatrix(x.Rows, atoms.Rows)
	errs := make([]error, x.Rows)
	engine.Parallel(x.Rows, 8, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			var start []float64
			if o.Start != nil {
				start = o.Start.Row(i)
			}
			errs[i] = o.row(gram, cov.Row(i), x.Row(i), start, code.Row(i))
		}
	})
	for _, err := range errs {
		learn.Must(err)
	}
	return code
}

// row writes the code of x; cov is atoms · x.
func (o *EncodeOptions) row(gram *learn.Matrix, cov, x, start, code []float64) (err error) {
	switch o.Algorithm {
	case "threshold":
		for j, v := range cov {
			code[j] = math.Copysign(max(math.Abs(v)-o.Alpha, 0), v)
			if o.Positive {
				code[j] = max(code[j], 0)
			}
		}
	case "lasso_cd":
		copy(code, start)
		linear.GramDescent(gram, cov, length(x)*length(x), code, o.Alpha, 1e-8, o.MaxIter, o.Positive)
	case "omp":
		var coef *learn.Matrix
		if coef, err = linear.OrthogonalMPGram(gram, learn.Column(cov), nil, o.NNonzero, 0); err == nil {
			copy(code, coef.Data)
		}
	default:
		p := linear.LarsOptions{Method: "lasso", AlphaMin: o.Alpha / float64(len(x)), MaxIter: o.MaxIter}
		p.Positive = o.Positive
		if o.Algorithm == "lars" {
			p = linear.LarsOptions{Method: "lar", MaxIter: o.NNonzero, MaxFeatures: o.NNonzero}
		}
		var r *linear.LarsResult
		if r, err = linear.LarsPathGram(gram, cov, len(x), p); err == nil {
			for j := range code {
				code[j] = r.Coefs.At(j, r.Coefs.Cols-1)
			}
		}
	}
	return err
}

// coder is how estimators with atoms encode rows.
type coder struct {
	TransformAlgorithm string `param:"transform_algorithm=omp"`
	TransformNNonzero  any    `param:"transform_n_nonzero_coefs=None"` // nil: a tenth of the features
	TransformAlpha     any    `param:"transform_alpha=None"`           // nil: the penalty of Fit, or 1
	SplitSign          bool   `param:"split_sign=false"`               // positive and negative parts apart
	PositiveCode       bool   `param:"positive_code=false"`
	TransformMaxIter   int    `param:"transform_max_iter=1000"`
}

// code encodes rows by atoms; alpha is the penalty where TransformAlpha has none.
func (c *coder) code(where string, x, atoms *learn.Matrix, alpha float64) *learn.Matrix {
	o := EncodeOptions{
		Algorithm: c.TransformAlgorithm, Alpha: alpha, MaxIter: c.TransformMaxIter, Positive: c.PositiveCode,
	}
	if n, ok := learn.OptInt(c.TransformNNonzero); ok {
		if n < 1 {
			learn.Fail(where, "TransformNNonzero is %d; want 1 or more", n)
		}
		o.NNonzero = n
	}
	if a, ok := learn.OptFloat(c.TransformAlpha); ok {
		o.Alpha = a
	}
	code := encode(where, x, atoms, o)
	if !c.SplitSign {
		return code
	}
	out := learn.NewMatrix(code.Rows, 2*code.Cols)
	for i := range code.Rows {
		for j, v := range code.Row(i) {
			out.Set(i, j, max(v, 0))
			out.Set(i, code.Cols+j, max(-v, 0))
		}
	}
	return out
}

// restore returns code · atoms.
func (c *coder) restore(where string, x learn.Data, atoms *learn.Matrix) *learn.Matrix {
	code, k := learn.Dense(where, x), atoms.Rows
	if c.SplitSign {
		k *= 2
	}
	if code.Cols != k {
		learn.Fail(where, "codes have %d numbers; want %d", code.Cols, k)
	}
	if c.SplitSign {
		joined := learn.NewMatrix(code.Rows, atoms.Rows)
		for i := range code.Rows {
			for j := range atoms.Rows {
				joined.Set(i, j, code.At(i, j)-code.At(i, atoms.Rows+j))
			}
		}
		code = joined
	}
	return learn.Mul(code, atoms)
}

// SparseCoder encodes rows by given atoms.
type SparseCoder struct {
	learn.TransformerBase
	Dictionary *learn.Matrix `param:"dictionary"` // [atoms features]
	coder
}

// NewSparseCoder returns one with scikit-learn's defaults; dictionary may be set later.
func NewSparseCoder(dictionary *learn.Matrix) *SparseCoder {
	m := &SparseCoder{}
	learn.Init(m)
	m.Dictionary = dictionary
	return m
}

// Fit checks that rows have the atoms' features; there is nothing to learn.
func (m *SparseCoder) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	if m.Dictionary == nil {
		m.Fail("Dictionary is nil; want atoms [atoms features]")
	}
	if m.Dictionary.Cols != d.Cols {
		m.Fail("Dictionary has %d features, X has %d; want the same number", m.Dictionary.Cols, d.Cols)
	}
	m.Done()
	return nil
}

// Transform returns codes [rows atoms].
func (m *SparseCoder) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.code(m.Name(), m.Ready(x), m.Dictionary, 1), nil
}

// InverseTransform returns code · Dictionary.
func (m *SparseCoder) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.restore(m.Name(), x, m.Dictionary), nil
}
