package metric

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// KernelOptions are settings of kernels. Gamma 0 means 1 / columns (1 for chi2), Degree 0 means 3; Coef0
// is used as it is, and scikit-learn's functions use 1.
type KernelOptions struct {
	Gamma, Degree, Coef0 float64
}

// Kernel returns the kernel of each row of x with each row of y: linear, polynomial (poly), rbf, laplacian,
// sigmoid, cosine, chi2 or additive_chi2. y nil means x.
func Kernel(x, y *learn.Matrix, name string, o ...KernelOptions) *learn.Matrix {
	opt := KernelOptions{Coef0: 1}
	if len(o) > 0 {
		opt = o[0]
	}
	if y == nil {
		y = x
	}
	if x.Cols != y.Cols {
		learn.Fail("metric.Kernel", "rows have %d and %d columns; want the same", x.Cols, y.Cols)
	}
	gamma := opt.Gamma
	if gamma == 0 {
		gamma = 1 / float64(x.Cols)
		if name == "chi2" {
			gamma = 1
		}
	}
	degree := opt.Degree
	if degree == 0 {
		degree = 3
	}
	switch name {
	case "linear":
		return learn.MulT(x, y)
	case "poly", "polynomial":
		return each(learn.MulT(x, y), func(v float64) float64 {
			return Power(gamma*v+opt.Coef0, degree)
		})
	case "sigmoid":
		return each(learn.MulT(x, y), func(v float64) float64 { return math.Tanh(gamma*v + opt.Coef0) })
	case "rbf":
		return each(SquaredDistances(x, y), func(v float64) float64 { return math.Exp(-gamma * v) })
	case "laplacian":
		return each(Distances(x, y, "manhattan"), func(v float64) float64 { return math.Exp(-gamma * v) })
	case "cosine":
		return learn.MulT(unit(x), unit(y))
	case "additive_chi2":
		return chi2(x, y)
	case "chi2":
		return each(chi2(x, y), func(v float64) float64 { return math.Exp(gamma * v) })
	}
	learn.Fail("metric.Kernel", "kernel %q is unknown; known: linear, poly, rbf, laplacian, sigmoid, "+
		"cosine, chi2, additive_chi2", name)
	return nil
}

// Power is math.Pow with whole powers multiplied out.
func Power(x, p float64) float64 {
	switch p {
	case 1:
		return x
	case 2:
		return x * x
	case 3:
		return x * x * x
	}
	return math.Pow(x, p)
}

func each(m *learn.Matrix, f func(v float64) float64) *learn.Matrix {
	for i, v := range m.Data {
		m.Data[i] = f(v)
	}
	return m
}

func unit(x *learn.Matrix) *learn.Matrix {
	u := x.Clone()
	for i, n := range norms(x) {
		if n == 0 {
			continue
		}
		row := u.Row(i)
		for j := range row {
			row[j] /= math.Sqrt(n)
		}
	}
	return u
}

func chi2(x, y *learn.Matrix) *learn.Matrix {
	k := learn.NewMatrix(x.Rows, y.Rows)
	for i := range x.Rows {
		for j := range y.Rows {
			s := 0.0
			for c, a := range x.Row(i) {
				b := y.At(j, c)
				if a < 0 || b < 0 {
					learn.Fail("metric.Kernel", "chi2 has a negative value; want values of 0 or more")
				}
				if a+b != 0 {
					s -= (a - b) * (a - b) / (a + b)
				}
			}
			k.Data[i*k.Cols+j] = s
		}
	}
	return k
}
