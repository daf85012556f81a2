package neural_test

import (
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/neural"
)

func TestOneClassIsPredictedForSure(t *testing.T) {
	x := learn.FromRows([][]float64{{3, -7}, {50, 2}, {-9, 40}})
	for seed := range int64(20) {
		m := neural.NewMLPClassifier()
		m.RandomState, m.MaxIter = seed, 1
		learn.Must(m.Fit(x, learn.Column([]float64{4, 4, 4})))
		y, err := m.Predict(x)
		if err != nil || y.Data[0] != 4 || y.Data[2] != 4 {
			t.Fatalf("seed %d: %v, %v", seed, y, err)
		}
		if p, err := m.PredictProba(x); err != nil || p.Cols != 1 || p.Data[1] != 1 {
			t.Fatalf("seed %d: probabilities %v, %v", seed, p, err)
		}
	}
}
