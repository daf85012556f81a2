package sparse_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/sparse"
)

func TestSparseFunctionsAgreeWithPyTorch(t *testing.T) {
	// torch 2.15.0: torch.sparse.softmax(a, 1), log_softmax(a, 0), spdiags, sampled_addmm
	values := eager.New([]float64{1, 2, 3, -1, 4}).SetRequiresGrad(true)
	a := sparse.New(eager.New([][]int{{0, 0, 1, 1, 2}, {0, 2, 1, 1, 0}}), values, 3, 3)
	check := func(what string, got *eager.Tensor, want ...float64) {
		t.Helper()
		if w := eager.New(want).Reshape(got.Shape()...); !eager.AllClose(got, w, 1e-5, 1e-6) {
			t.Errorf("%s is %v, want %v", what, got, w)
		}
	}
	check("Softmax", a.Softmax(1).Dense(), 0.268941, 0, 0.731059, 0, 1, 0, 1, 0, 0)
	check("LogSoftmax", a.LogSoftmax(0).Values(), -3.04859, 0, 0, -0.0485874)
	d := sparse.Diagonals(eager.Arange(1, 9, 1).To(eager.F64).Reshape(2, 4), []int{0, -1}, 3, 4)
	check("Diagonals", d.Dense(), 1, 0, 0, 0, 5, 2, 0, 0, 0, 6, 3, 0)
	x, y := eager.Arange(0, 6, 1).To(eager.F64).Reshape(3, 2), eager.Arange(0, 6, 1).To(eager.F64).Reshape(2, 3)
	check("SampledAddMM", a.SampledAddMM(x, y, 0.5, 2).Dense(), 6.5, 0, 11, 0, 29, 0, 32, 0, 0)
	check("Mask", a.Mask(eager.Arange(0, 9, 1).To(eager.F64).Reshape(3, 3)).Values(), 0, 2, 4, 6)

	dense := func(v *eager.Tensor) *eager.Tensor {
		return sparse.New(a.Indices(), v, 3, 3).LogSoftmax(1).Values().Square().Sum()
	}
	if err := eager.GradCheck(func(in ...*eager.Tensor) *eager.Tensor { return dense(in[0]) },
		[]*eager.Tensor{values}); err != nil {
		t.Error(err)
	}
}
