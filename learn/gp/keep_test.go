package gp_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/gp"
	"github.com/lathe-ml/lathe/learn/persist"
)

func TestAProcessWithAKernelIsKept(t *testing.T) {
	x := learn.FromRows([][]float64{{0, 1}, {1, 0.5}, {2, 2}, {3, 0}, {4, 1.5}})
	y := learn.Column([]float64{0, 1, 1, 0, -1})
	q := learn.FromRows([][]float64{{0.5, 1}})
	m := gp.NewGaussianProcessRegressor()
	m.Kernel, m.Alpha = gp.Constant(1).Mul(gp.Matern(1.5, 2)).Add(gp.White(0.1).Within(0, 1e-3, 1)), 1e-6
	learn.Must(m.Fit(x, y))
	blob, err := persist.Marshal(m)
	learn.Must(err)
	back, err := persist.Unmarshal(blob)
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Predict(q)
	learn.Must(err)
	b, err := back.(*gp.GaussianProcessRegressor).Predict(q)
	if err != nil || math.Abs(a.Data[0]-b.Data[0]) > 1e-15 {
		t.Errorf("predicts %v (%v), before %v", b, err, a)
	}
	if c := learn.Clone(m).(*gp.GaussianProcessRegressor); c.Kernel == m.Kernel || c.Kernel.Parts[1] == m.Kernel.Parts[1] {
		t.Error("a clone shares the kernel")
	}
}
