package gp

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/lathe-ml/lathe/learn"
)

func kernels() map[string]*Kernel {
	return map[string]*Kernel{
		"rbf":                RBF(1.5),
		"rbf of two lengths": RBF(1.5, 3),
		"matern 0.5":         Matern(0.5, 2),
		"matern 1.5":         Matern(1.5, 2, 1),
		"matern 2.5":         Matern(2.5, 2),
		"rational":           RationalQuadratic(1.2, 0.7),
		"sine":               ExpSineSquared(1.3, 5),
		"dot":                DotProduct(0.8),
		"sum":                Constant(2).Mul(RBF(1.5)).Add(White(0.05)),
		"power":              DotProduct(0.8).Pow(2).Add(Constant(0.5).Mul(Matern(1.5, 1))),
	}
}

func data() (x, y, q *learn.Matrix) {
	x = learn.FromRows([][]float64{{0, 1}, {1, 0.5}, {2, 2}, {3, 0}, {4, 1.5}, {5, 3}, {6, 2.5}, {7, 0.2}})
	y = learn.NewMatrix(8, 1)
	for i := range y.Data {
		y.Data[i] = math.Sin(x.At(i, 0)) + 0.3*x.At(i, 1)
	}
	return x, y, learn.FromRows([][]float64{{0.5, 1}, {3.3, 2}, {8, 1}})
}

// sumOf adds slopes up: the parameters of one kernel come in another order in scikit-learn.
func sumOf(v []float64) (s float64) {
	for _, e := range v {
		s += e
	}
	return s
}

// What testdata/record.py wrote down with scikit-learn.
func TestKernelsAgreeWithScikitLearns(t *testing.T) {
	text, err := os.ReadFile("testdata/kernels.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct {
		LL, Tuned         float64
		Slopes, Mean, Std []float64
		Kernel            string
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	x, y, q := data()
	near := func(name, what string, got, want, tol float64) {
		if math.Abs(got-want) > tol*max(1, math.Abs(want)) {
			t.Errorf("%s: %s is %.12g, want %.12g", name, what, got, want)
		}
	}
	for name, k := range kernels() {
		w, ok := want[name]
		if !ok {
			t.Fatalf("no record of %s", name)
		}
		m := NewGaussianProcessRegressor()
		m.Kernel, m.Optimizer, m.Alpha = k, nil, 1e-3
		if name == "sine" {
			m.Alpha = 0.9
		}
		learn.Must(m.Fit(x, y))
		near(name, "likelihood", m.LogMarginalLikelihood, w.LL, 1e-9)
		_, g := m.posterior(y, true)
		near(name, "sum of slopes", sumOf(g), sumOf(w.Slopes), 1e-7)
		mean, sd, err := m.PredictStd(q)
		learn.Must(err)
		for i := range mean.Data {
			near(name, "mean", mean.Data[i], w.Mean[i], 1e-8)
			near(name, "deviation", sd.Data[i], w.Std[i], 1e-7)
		}
		if k.String() != w.Kernel {
			t.Errorf("%s is written %s, want %s", name, k, w.Kernel)
		}
		m.Optimizer = "fmin_l_bfgs_b"
		learn.Must(m.Fit(x, y))
		if m.LogMarginalLikelihood < w.Tuned-1e-3*math.Abs(w.Tuned) {
			t.Errorf("%s: tuned to %g with likelihood %g; scikit-learn finds %g", name, m.LogMarginalLikelihood, w.LL, w.Tuned)
		}
		if m.Kernel.String() != w.Kernel {
			t.Errorf("%s: Fit changed the option to %v", name, m.Kernel)
		}
	}
}

func TestSlopesAreThoseOfTheLikelihood(t *testing.T) {
	x, y, _ := data()
	for name, k := range kernels() {
		m := NewGaussianProcessRegressor()
		m.Kernel, m.Optimizer, m.Alpha = k, nil, 0.9
		learn.Must(m.Fit(x, y))
		_, g := m.posterior(y, true)
		values, _ := m.Tuned.tuned()
		for i, v := range values {
			const h = 1e-6
			old := *v
			*v = old * math.Exp(h)
			up, _ := m.posterior(y, false)
			*v = old * math.Exp(-h)
			down, _ := m.posterior(y, false)
			*v = old
			if d := (up - down) / (2 * h); math.Abs(d-g[i]) > 1e-5*max(1, math.Abs(d)) {
				t.Errorf("%s: slope %d is %g, the difference quotient %g", name, i, g[i], d)
			}
		}
	}
}
