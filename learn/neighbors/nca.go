package neighbors

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/decomposition"
	"github.com/lathe-ml/lathe/learn/discriminant"
	"github.com/lathe-ml/lathe/learn/minimize"
	"github.com/lathe-ml/lathe/learn/random"
)

// NeighborhoodComponentsAnalysis learns a linear map under which rows are near to rows of their class: it maximizes
// the expected accuracy of a stochastic nearest-neighbour rule on the rows of Fit (Goldberger et al. 2004).
type NeighborhoodComponentsAnalysis struct {
	learn.TransformerBase
	NComponents any     `param:"n_components=None"` // nil: the number of features
	Init        any     `param:"init=auto"`         // auto, pca, lda, identity, random or a *learn.Matrix
	WarmStart   bool    `param:"warm_start=false"`
	MaxIter     int     `param:"max_iter=50"`
	Tol         float64 `param:"tol=1e-05"`
	RandomState int64   `param:"random_state=0"`

	Components *learn.Matrix `fit:"components_"` // [components features]
	NIter      int           `fit:"n_iter_"`
}

// NewNeighborhoodComponentsAnalysis returns one with scikit-learn's defaults.
func NewNeighborhoodComponentsAnalysis() *NeighborhoodComponentsAnalysis {
	m := &NeighborhoodComponentsAnalysis{}
	learn.Init(m)
	return m
}

// Fit learns the map from the classes of y.
func (m *NeighborhoodComponentsAnalysis) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	warm := m.WarmStart && m.Fitted()
	d := m.Begin(x, y)
	t := learn.Target(m.Name(), y)
	codes := learn.Codes(learn.Distinct(t), t)
	if d.Rows < 2 {
		m.Fail("X has one row; want at least 2")
	}
	var start *learn.Matrix
	if warm {
		if start = m.Components; start.Cols != d.Cols {
			m.Fail("X has %d features, the map that was learned %d; set WarmStart to false", d.Cols, start.Cols)
		}
	} else {
		start = m.first(d, y, codes)
	}
	f := func(a, grad []float64) float64 {
		m.Poll()
		return accuracy(d, &learn.Matrix{Rows: start.Rows, Cols: d.Cols, Data: a}, codes, grad)
	}
	r := minimize.LBFGS(f, start.Data, minimize.Options{MaxIter: m.MaxIter, GradTol: m.Tol, ValueTol: m.Tol})
	m.Components = &learn.Matrix{Rows: start.Rows, Cols: d.Cols, Data: r.X}
	m.NIter = r.Iterations
	m.Done()
	return nil
}

// Transform returns X·Componentsᵀ.
func (m *NeighborhoodComponentsAnalysis) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return learn.MulT(m.Ready(x), m.Components), nil
}

// first returns the map to start from.
func (m *NeighborhoodComponentsAnalysis) first(d, y *learn.Matrix, codes []int) *learn.Matrix {
	k := d.Cols
	if n, ok := learn.OptInt(m.NComponents); ok {
		if k = n; n < 1 || n > d.Cols {
			m.Fail("NComponents is %d; want 1 … %d, the features", n, d.Cols)
		}
	}
	if given, ok := m.Init.(*learn.Matrix); ok {
		if given.Cols != d.Cols || given.Rows > d.Cols {
			m.Fail("Init is [%d %d]; want %d columns and no more rows", given.Rows, given.Cols, d.Cols)
		}
		return given
	}
	how, _ := m.Init.(string)
	m.OneOf("Init", how, "auto", "pca", "lda", "identity", "random")
	if how == "auto" {
		classes := 0
		for _, c := range codes {
			classes = max(classes, c+1)
		}
		switch {
		case k <= min(d.Cols, classes-1):
			how = "lda"
		case k < min(d.Cols, d.Rows):
			how = "pca"
		default:
			how = "identity"
		}
	}
	switch how {
	case "random":
		return &learn.Matrix{Rows: k, Cols: d.Cols, Data: random.New(m.RandomState).Normals(k * d.Cols)}
	case "pca":
		p := decomposition.NewPCA()
		p.NComponents = k
		learn.Must(p.Fit(d, nil))
		return p.Components.Components
	case "lda":
		l := discriminant.NewLinearDiscriminantAnalysis()
		learn.Must(l.Fit(d, y))
		s := l.Scalings.T()
		return s.Take(span(min(k, s.Rows)))
	}
	eye := learn.NewMatrix(k, d.Cols)
	for i := range k {
		eye.Set(i, i, 1)
	}
	return eye
}

func span(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// accuracy returns minus the expected number of rows whose neighbour is of their class under the map a, and its
// gradient.
func accuracy(x, a *learn.Matrix, codes []int, grad []float64) float64 {
	z := learn.MulT(x, a)
	n := x.Rows
	weights := learn.MulT(z, z)
	norm := make([]float64, n)
	for i := range norm {
		norm[i] = weights.At(i, i)
	}
	total := 0.0
	for i := range n {
		row := weights.Row(i)
		least := math.Inf(1)
		for j := range row {
			row[j] = max(norm[i]+norm[j]-2*row[j], 0)
			if j != i {
				least = min(least, row[j])
			}
		}
		sum, same := 0.0, 0.0
		for j := range row {
			if row[j] = math.Exp(least - row[j]); j == i {
				row[j] = 0
			}
			sum += row[j]
		}
		for j := range row {
			row[j] /= sum
			if codes[j] == codes[i] {
				same += row[j]
			}
		}
		total += same
		for j, p := range row {
			row[j] = -p * same
			if codes[j] == codes[i] {
				row[j] += p
			}
		}
	}
	columns := make([]float64, n)
	for i := range n {
		for j, v := range weights.Row(i) {
			columns[j] += v
		}
	}
	both := learn.NewMatrix(n, n)
	for i := range n {
		for j := range n {
			both.Set(i, j, weights.At(i, j)+weights.At(j, i))
		}
		both.Set(i, i, -columns[i])
	}
	for i, g := range learn.Mul(learn.TMul(z, both), x).Data {
		grad[i] = -2 * g
	}
	return -total
}
