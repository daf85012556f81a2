package decomposition

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// DictionaryLearning finds atoms by which rows have sparse codes: it minimizes ½‖X − C·D‖² + α‖C‖₁ over codes
// C and atoms D of length at most 1, in turn (Mairal et al. 2009).
type DictionaryLearning struct {
	learn.TransformerBase
	NComponents  any     `param:"n_components=None"` // atoms; nil: the number of features
	Alpha        float64 `param:"alpha=1.0"`
	MaxIter      int     `param:"max_iter=1000"`
	Tol          float64 `param:"tol=1e-08"`
	FitAlgorithm string  `param:"fit_algorithm=lars"` // or cd
	coder
	CodeInit     *learn.Matrix `param:"code_init"`
	DictInit     *learn.Matrix `param:"dict_init"`
	RandomState  int64         `param:"random_state=0"`
	PositiveDict bool          `param:"positive_dict=false"`

	Components *learn.Matrix `fit:"components_"` // [atoms features]
	Errors     []float64     `fit:"error_"`      // of each round
	NIter      int           `fit:"n_iter_"`
}

// NewDictionaryLearning returns one with scikit-learn's defaults.
func NewDictionaryLearning() *DictionaryLearning {
	m := &DictionaryLearning{}
	learn.Init(m)
	return m
}

// Fit finds the atoms.
func (m *DictionaryLearning) Fit(x learn.Data, y *learn.Matrix) error {
	_, err := m.FitTransform(x, y)
	return err
}

// FitTransform finds the atoms and returns the codes of the last round.
func (m *DictionaryLearning) FitTransform(x learn.Data, _ *learn.Matrix) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v := m.Begin(x, nil)
	m.OneOf("FitAlgorithm", m.FitAlgorithm, "lars", "cd")
	k := v.Cols
	if n, ok := learn.OptInt(m.NComponents); ok {
		k = n
	}
	if k < 1 {
		m.Fail("NComponents is %d; want 1 or more", k)
	}
	a := alternation{
		alpha: m.Alpha, tol: m.Tol, rounds: m.MaxIter, positive: m.PositiveDict, seed: m.RandomState, poll: m.Poll,
		encoding: EncodeOptions{
			Algorithm: "lasso_" + m.FitAlgorithm, Alpha: m.Alpha, MaxIter: m.TransformMaxIter, Positive: m.PositiveCode,
		},
	}
	if c := m.CodeInit; c != nil && c.Rows != v.Rows {
		m.Fail("CodeInit has %d rows, X has %d; want the same number", c.Rows, v.Rows)
	}
	m.mustWide(m.DictInit, v.Cols)
	var code *learn.Matrix
	code, m.Components = a.start(v, k, m.CodeInit, m.DictInit)
	code, m.NIter = a.run(m.Name(), v, code, m.Components)
	m.Errors = a.errors
	m.Done()
	return code, nil
}

// mustWide checks the features of atoms that are given.
func (c *coder) mustWide(atoms *learn.Matrix, features int) {
	if atoms != nil && atoms.Cols != features {
		learn.Fail("decomposition", "DictInit has %d features, X has %d; want the same number", atoms.Cols, features)
	}
}

// Transform returns codes by the atoms.
func (m *DictionaryLearning) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.code(m.Name(), m.Ready(x), m.Components, m.Alpha), nil
}

// InverseTransform returns code · atoms.
func (m *DictionaryLearning) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.restore(m.Name(), x, m.Components), nil
}

// alternation improves codes and atoms in turn.
type alternation struct {
	alpha, tol float64
	rounds     int
	positive   bool
	seed       int64
	encoding   EncodeOptions
	poll       func()
	errors     []float64
}

// start returns k atoms and codes from the singular vectors, or those given.
func (a *alternation) start(x *learn.Matrix, k int, code, atoms *learn.Matrix) (_, _ *learn.Matrix) {
	if code == nil || atoms == nil {
		u, s, vt := learn.SVD(x)
		signsByColumns(u, vt)
		for i := range vt.Rows {
			for j := range vt.Row(i) {
				vt.Row(i)[j] *= s[i]
			}
		}
		code, atoms = u, vt
	}
	c, d := learn.NewMatrix(x.Rows, k), learn.NewMatrix(k, x.Cols)
	for i := range c.Rows {
		copy(c.Row(i), code.Row(i))
	}
	copy(d.Data, atoms.Data)
	return c, d
}

// signsByColumns makes the entry of each column of u with the largest size positive, with vt's rows.
func signsByColumns(u, vt *learn.Matrix) {
	for c := range min(u.Cols, vt.Rows) {
		at := 0
		for i := range u.Rows {
			if math.Abs(u.At(i, c)) > math.Abs(u.At(at, c)) {
				at = i
			}
		}
		if u.At(at, c) >= 0 {
			continue
		}
		for i := range u.Rows {
			u.Set(i, c, -u.At(i, c))
		}
		for j, v := range vt.Row(c) {
			vt.Row(c)[j] = -v
		}
	}
}

// run improves code and atoms until the error falls by less than tol of itself.
func (a *alternation) run(where string, x, code, atoms *learn.Matrix) (_ *learn.Matrix, rounds int) {
	r := random.New(a.seed)
	for rounds = 1; rounds <= a.rounds; rounds++ {
		a.poll()
		a.encoding.Start = code
		code = encode(where, x, atoms, a.encoding)
		updateAtoms(atoms, x, code, learn.TMul(code, code), learn.TMul(x, code), r, a.positive)
		a.errors = append(a.errors, codingError(x, code, atoms, a.alpha))
		if n := len(a.errors); n > 1 && a.errors[n-2]-a.errors[n-1] < a.tol*a.errors[n-1] {
			break
		}
	}
	return code, min(rounds, a.rounds)
}

// codingError is ½‖x − code·atoms‖² + alpha·‖code‖₁.
func codingError(x, code, atoms *learn.Matrix, alpha float64) float64 {
	e := residual(x, code, atoms)
	e = e * e / 2
	for _, v := range code.Data {
		e += alpha * math.Abs(v)
	}
	return e
}

// updateAtoms improves one atom after the other for a = codeᵀcode and b = xᵀcode; one that no code uses becomes a
// row of x with noise.
func updateAtoms(atoms, x, code, a, b *learn.Matrix, r *random.State, positive bool) {
	for k := range atoms.Rows {
		atom := atoms.Row(k)
		if a.At(k, k) > 1e-6 {
			along := learn.Mul(&learn.Matrix{Rows: 1, Cols: a.Cols, Data: a.Row(k)}, atoms).Data
			for j := range atom {
				atom[j] += (b.At(j, k) - along[j]) / a.At(k, k)
			}
		} else {
			copy(atom, x.Row(r.Intn(x.Rows)))
			noise := 0.01 * deviation(atom)
			if noise == 0 {
				noise = 0.01
			}
			for j := range atom {
				atom[j] += r.Normal(0, noise)
			}
			for i := range code.Rows {
				code.Set(i, k, 0)
			}
		}
		if positive {
			for j := range atom {
				atom[j] = max(atom[j], 0)
			}
		}
		f := 1 / max(length(atom), 1)
		for j := range atom {
			atom[j] *= f
		}
	}
}

func deviation(v []float64) float64 {
	m, s := average(v), 0.0
	for _, x := range v {
		s += (x - m) * (x - m)
	}
	return math.Sqrt(s / float64(len(v)))
}
