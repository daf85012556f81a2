package manifold

import (
	"testing"

	dataset "github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/learn"
)

// TestTSNEKeepsNeighbourhoods compares with what scikit-learn reaches on iris: 0.987 … 0.995.
func TestTSNEKeepsNeighbourhoods(t *testing.T) {
	x, _ := learn.FromTable(dataset.Iris())
	for _, method := range []string{"barnes_hut", "exact"} {
		m := NewTSNE()
		m.Method, m.MaxIter = method, 500
		e, err := m.FitTransform(x, nil)
		if err != nil {
			t.Fatal(err)
		}
		if v := Trustworthiness(x, e.(*learn.Matrix), 5); v < 0.98 {
			t.Errorf("%s: trustworthiness %g", method, v)
		}
		if m.KLDivergence < 0.05 || m.KLDivergence > 0.4 {
			t.Errorf("%s: divergence %g", method, m.KLDivergence)
		}
	}
}

// TestTheTreeRepelsAsAllPairsDo compares the tree with angle 0 to the sum over all pairs.
func TestTheTreeRepelsAsAllPairsDo(t *testing.T) {
	x, _ := learn.FromTable(dataset.Iris())
	y := x.TakeCols([]int{0, 1}) // many rows at one place
	want, sums := learn.NewMatrix(y.Rows, 2), make([]float64, y.Rows)
	exactRepulsion(y, want, sums)
	tree := newQuad(y)
	for i := range y.Rows {
		f := make([]float64, 2)
		s := tree.repulsion(y.At(i, 0), y.At(i, 1), 0, f)
		if d := s - sums[i]; d > 1e-9 || d < -1e-9 {
			t.Fatalf("row %d: %g, want %g", i, s, sums[i])
		}
		for c := range f {
			if d := f[c] - want.At(i, c); d > 1e-9 || d < -1e-9 {
				t.Fatalf("row %d: force %v, want %v", i, f, want.Row(i))
			}
		}
	}
}
