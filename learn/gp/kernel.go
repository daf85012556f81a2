package gp

import (
	"fmt"
	"math"
	"strings"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// Kernel is a covariance function of rows, with parameters that Fit tunes by the marginal likelihood. It is made by RBF,
// Matern, RationalQuadratic, ExpSineSquared, DotProduct, White or Constant, and joined by Add, Mul and Pow.
//
//	k := gp.Constant(1).Mul(gp.RBF(2)).Add(gp.White(0.1))
//	m.Kernel = k
type Kernel struct {
	Kind   string      // rbf, matern, rational, sine, dot, white, constant, add, mul or pow
	Values []float64   // parameters, above 0
	Limits [][]float64 // least and greatest value of each; nil: fixed
	Nu     float64     // matern: smoothness; pow: the exponent
	Parts  []*Kernel   // of add, mul and pow
}

func newKernel(kind string, values ...float64) *Kernel {
	k := &Kernel{Kind: kind, Values: values}
	for _, v := range values {
		if !(v > 0) || math.IsInf(v, 0) {
			learn.Fail("gp."+kind, "parameter is %g; want finite numbers above 0", v)
		}
		k.Limits = append(k.Limits, []float64{1e-5, 1e5})
	}
	return k
}

// RBF is exp(−‖(a−b)/ℓ‖²/2), with one length for all columns or one for each.
func RBF(length ...float64) *Kernel { return newKernel("rbf", orOne(length)...) }

// Matern generalizes RBF by the smoothness nu: 0.5 (continuous), 1.5 and 2.5 (once and twice differentiable) or +Inf
// (RBF).
func Matern(nu float64, length ...float64) *Kernel {
	if nu != 0.5 && nu != 1.5 && nu != 2.5 && !math.IsInf(nu, 1) {
		learn.Fail("gp.Matern", "nu is %g; want 0.5, 1.5, 2.5 or +Inf", nu)
	}
	k := newKernel("matern", orOne(length)...)
	k.Nu = nu
	return k
}

// RationalQuadratic is (1 + ‖a−b‖²/2αℓ²)^−α: a mixture of RBF of many lengths.
func RationalQuadratic(length, alpha float64) *Kernel { return newKernel("rational", length, alpha) }

// ExpSineSquared is exp(−2·sin²(π‖a−b‖/p)/ℓ²): functions of period p.
func ExpSineSquared(length, period float64) *Kernel { return newKernel("sine", length, period) }

// DotProduct is σ² + a·b: linear functions.
func DotProduct(sigma float64) *Kernel { return newKernel("dot", sigma) }

// White is noise of that variance: only a row with itself.
func White(variance float64) *Kernel { return newKernel("white", variance) }

// Constant is the same for all rows; a factor or a summand of others.
func Constant(value float64) *Kernel { return newKernel("constant", value) }

func orOne(v []float64) []float64 {
	if len(v) == 0 {
		return []float64{1}
	}
	return v
}

// Add returns the sum of two kernels.
func (k *Kernel) Add(o *Kernel) *Kernel { return &Kernel{Kind: "add", Parts: []*Kernel{k, o}} }

// Mul returns the product of two kernels.
func (k *Kernel) Mul(o *Kernel) *Kernel { return &Kernel{Kind: "mul", Parts: []*Kernel{k, o}} }

// Pow returns the kernel to a power.
func (k *Kernel) Pow(exponent float64) *Kernel {
	return &Kernel{Kind: "pow", Parts: []*Kernel{k}, Nu: exponent}
}

// Within sets the bounds of parameter i (0: the first) and returns k.
func (k *Kernel) Within(i int, low, high float64) *Kernel {
	if i < 0 || i >= len(k.Values) || !(low > 0) || low > high {
		learn.Fail("gp.Within", "parameter %d of %d in [%g, %g]; want one of them and 0 < low ≤ high", i, len(k.Values), low,
			high)
	}
	k.Limits[i] = []float64{low, high}
	return k
}

// Fixed keeps all parameters of k, not of its parts, as they are and returns k.
func (k *Kernel) Fixed() *Kernel {
	for i := range k.Limits {
		k.Limits[i] = nil
	}
	return k
}

// CloneOption copies the tree.
func (k *Kernel) CloneOption() any {
	if k == nil {
		return k
	}
	c := *k
	c.Values = append([]float64(nil), k.Values...)
	c.Limits = append([][]float64(nil), k.Limits...)
	c.Parts = nil
	for _, p := range k.Parts {
		c.Parts = append(c.Parts, p.CloneOption().(*Kernel))
	}
	return &c
}

// String writes the kernel as scikit-learn does.
func (k *Kernel) String() string {
	switch k.Kind {
	case "add":
		return fmt.Sprintf("%v + %v", k.Parts[0], k.Parts[1])
	case "mul":
		return fmt.Sprintf("%s * %s", k.Parts[0].factor(), k.Parts[1].factor())
	case "pow":
		return fmt.Sprintf("%s ** %g", k.Parts[0].factor(), k.Nu)
	case "rbf":
		return fmt.Sprintf("RBF(length_scale=%s)", k.lengths())
	case "matern":
		return fmt.Sprintf("Matern(length_scale=%s, nu=%g)", k.lengths(), k.Nu)
	case "rational":
		return fmt.Sprintf("RationalQuadratic(alpha=%.3g, length_scale=%.3g)", k.Values[1], k.Values[0])
	case "sine":
		return fmt.Sprintf("ExpSineSquared(length_scale=%.3g, periodicity=%.3g)", k.Values[0], k.Values[1])
	case "dot":
		return fmt.Sprintf("DotProduct(sigma_0=%.3g)", k.Values[0])
	case "white":
		return fmt.Sprintf("WhiteKernel(noise_level=%.3g)", k.Values[0])
	}
	return fmt.Sprintf("%.3g**2", math.Sqrt(k.Values[0]))
}

func (k *Kernel) factor() string {
	if k.Kind == "add" {
		return "(" + k.String() + ")"
	}
	return k.String()
}

func (k *Kernel) lengths() string {
	var parts []string
	for _, v := range k.Values {
		parts = append(parts, fmt.Sprintf("%.3g", v))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// tuned returns pointers to the parameters that are not fixed, and their bounds, in the order of gradients.
func (k *Kernel) tuned() (values []*float64, limits [][]float64) {
	for i := range k.Values {
		if k.Limits[i] != nil {
			values, limits = append(values, &k.Values[i]), append(limits, k.Limits[i])
		}
	}
	for _, p := range k.Parts {
		v, l := p.tuned()
		values, limits = append(values, v...), append(limits, l...)
	}
	return values, limits
}

// Matrix returns the covariances of the rows of a with those of b; nil means a itself, where White is not 0.
func (k *Kernel) Matrix(a, b *learn.Matrix) *learn.Matrix {
	m, _ := k.eval(a, b, false)
	return m
}

// diagonal returns the covariance of each row with itself.
func (k *Kernel) diagonal(a *learn.Matrix) []float64 {
	out := make([]float64, a.Rows)
	for i := range out {
		row := &learn.Matrix{Rows: 1, Cols: a.Cols, Data: a.Row(i)}
		out[i] = k.Matrix(row, nil).Data[0]
	}
	return out
}

// eval returns the matrix and, for b = nil, its derivatives by the logarithms of the tuned parameters.
func (k *Kernel) eval(a, b *learn.Matrix, slopes bool) (m *learn.Matrix, d []*learn.Matrix) {
	switch k.Kind {
	case "add", "mul":
		return k.join(a, b, slopes)
	case "pow":
		m, d = k.Parts[0].eval(a, b, slopes)
		out := learn.NewMatrix(m.Rows, m.Cols)
		for i, v := range m.Data {
			out.Data[i] = math.Pow(v, k.Nu)
			for _, s := range d {
				s.Data[i] *= k.Nu * math.Pow(v, k.Nu-1)
			}
		}
		return out, d
	case "white", "constant":
		return k.flat(a, b, slopes)
	case "dot":
		return k.dot(a, b, slopes)
	}
	return k.stationary(a, b, slopes)
}

func (k *Kernel) join(a, b *learn.Matrix, slopes bool) (*learn.Matrix, []*learn.Matrix) {
	p, dp := k.Parts[0].eval(a, b, slopes)
	q, dq := k.Parts[1].eval(a, b, slopes)
	out := learn.NewMatrix(p.Rows, p.Cols)
	for i, v := range p.Data {
		w := q.Data[i]
		if k.Kind == "add" {
			out.Data[i] = v + w
			continue
		}
		out.Data[i] = v * w
		for _, s := range dp {
			s.Data[i] *= w
		}
		for _, s := range dq {
			s.Data[i] *= v
		}
	}
	return out, append(dp, dq...)
}

// flat is White and Constant.
func (k *Kernel) flat(a, b *learn.Matrix, slopes bool) (m *learn.Matrix, d []*learn.Matrix) {
	cols := a.Rows
	if b != nil {
		cols = b.Rows
	}
	m = learn.NewMatrix(a.Rows, cols)
	for i := range m.Rows {
		for j := range m.Row(i) {
			if k.Kind == "constant" || b == nil && i == j {
				m.Set(i, j, k.Values[0])
			}
		}
	}
	if slopes && k.Limits[0] != nil {
		d = append(d, m.Clone())
	}
	return m, d
}

func (k *Kernel) dot(a, b *learn.Matrix, slopes bool) (m *learn.Matrix, d []*learn.Matrix) {
	other, s2 := b, k.Values[0]*k.Values[0]
	if b == nil {
		other = a
	}
	m = learn.MulT(a, other)
	for i := range m.Data {
		m.Data[i] += s2
	}
	if slopes && k.Limits[0] != nil {
		g := learn.NewMatrix(m.Rows, m.Cols)
		for i := range g.Data {
			g.Data[i] = 2 * s2
		}
		d = append(d, g)
	}
	return m, d
}

// scaled divides columns by the lengths.
func (k *Kernel) scaled(x *learn.Matrix) *learn.Matrix {
	if len(k.Values) != 1 && len(k.Values) != x.Cols {
		learn.Fail("gp", "%v has %d lengths for %d columns; want one, or one for each", k, len(k.Values), x.Cols)
	}
	out := x.Clone()
	for i := range out.Rows {
		for j := range out.Row(i) {
			out.Row(i)[j] /= k.Values[j%len(k.Values)]
		}
	}
	return out
}

// stationary is the kernels of distances.
func (k *Kernel) stationary(a, b *learn.Matrix, slopes bool) (m *learn.Matrix, d []*learn.Matrix) {
	scale := k.Kind == "rbf" || k.Kind == "matern"
	p, q := a, b
	if q == nil {
		q = a
	}
	if scale {
		p, q = k.scaled(p), k.scaled(q)
	}
	r2 := metric.SquaredDistances(p, q)
	m = learn.NewMatrix(r2.Rows, r2.Cols)
	f := k.profile()
	for i, v := range r2.Data {
		m.Data[i], _, _ = f(max(v, 0))
	}
	if !slopes {
		return m, nil
	}
	for which := range k.Values {
		if k.Limits[which] == nil {
			continue
		}
		g := learn.NewMatrix(m.Rows, m.Cols)
		for i := range g.Rows {
			for j := range g.Row(i) {
				v := max(r2.At(i, j), 0)
				_, first, second := f(v)
				switch {
				case !scale && which == 0:
					g.Set(i, j, first)
				case !scale:
					g.Set(i, j, second)
				case len(k.Values) == 1:
					g.Set(i, j, -2*v*first)
				default:
					e := p.At(i, which) - q.At(j, which)
					g.Set(i, j, -2*e*e*first)
				}
			}
		}
		d = append(d, g)
	}
	return m, d
}

// profile returns the kernel as a function of the squared distance. For rbf and matern, whose distance is in lengths, the
// second result is the derivative by it; for the others the second and third are those by the logarithms of the two
// parameters.
func (k *Kernel) profile() func(r2 float64) (v, first, second float64) {
	switch k.Kind {
	case "rational":
		l, a := k.Values[0], k.Values[1]
		return func(r2 float64) (v, first, second float64) {
			base := 1 + r2/(2*a*l*l)
			v = math.Pow(base, -a)
			return v, r2 * v / (l * l * base), v * (-a*math.Log(base) + r2/(2*l*l*base))
		}
	case "sine":
		l, p := k.Values[0], k.Values[1]
		return func(r2 float64) (v, first, second float64) {
			arg := math.Pi * math.Sqrt(r2) / p
			s, c := math.Sincos(arg)
			v = math.Exp(-2 * s * s / (l * l))
			return v, 4 / (l * l) * s * s * v, 4 * arg / (l * l) * c * s * v
		}
	case "matern":
		return matern(k.Nu)
	}
	return matern(math.Inf(1))
}

func matern(nu float64) func(r2 float64) (v, slope, _ float64) {
	return func(r2 float64) (float64, float64, float64) {
		r := math.Sqrt(r2)
		switch nu {
		case 0.5:
			v := math.Exp(-r)
			if r == 0 {
				return v, 0, 0 // times a squared difference of 0
			}
			return v, -v / (2 * r), 0
		case 1.5:
			e := math.Exp(-math.Sqrt(3) * r)
			return (1 + math.Sqrt(3)*r) * e, -1.5 * e, 0
		case 2.5:
			s := math.Sqrt(5) * r
			e := math.Exp(-s)
			return (1 + s + s*s/3) * e, -5. / 6 * (1 + s) * e, 0
		}
		v := math.Exp(-r2 / 2)
		return v, -v / 2, 0
	}
}
