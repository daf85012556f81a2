package compose_test

import (
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/linear"
)

func TestAFrozenEstimatorStays(t *testing.T) {
	x := learn.FromRows([][]float64{{0}, {1}, {2}, {3}})
	y := learn.FromRows([][]float64{{1}, {3}, {5}, {7}})
	inner := linear.NewLinearRegression()
	frozen := compose.NewFrozenEstimator(inner)
	if err := frozen.Fit(x, y); err == nil {
		t.Error("an estimator that is not fitted is accepted")
	}
	learn.Must(inner.Fit(x, y))
	p := compose.NewPipeline(learn.Step{Name: "model", Estimator: learn.Clone(frozen)})
	learn.Must(p.Fit(x, learn.FromRows([][]float64{{0}, {0}, {0}, {0}})))
	got, err := p.Predict(learn.FromRows([][]float64{{10}}))
	if err != nil || got.Data[0] < 20.999 || got.Data[0] > 21.001 {
		t.Errorf("predicts %v (%v), want 21, what it knew before", got, err)
	}
}
