package eager_test

import (
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

func TestArrangementsAreAsInPyTorch(t *testing.T) {
	x := eager.Arange(0, 6, 1).Reshape(2, 3)
	rows, cols := eager.FromInts([]int{1, 0}), eager.FromInts([]int{2, -1})
	mask := x.Gt(2)
	for _, c := range []struct {
		name string
		got  *eager.Tensor
		want []int
	}{
		{"Diagonal", x.Diagonal(1, 0, 1), []int{1, 5}},
		{"Roll", x.Roll([]int{1}, []int{1}), []int{2, 0, 1, 5, 3, 4}},
		{"Rot90", x.Rot90(1, 0, 1), []int{2, 5, 1, 4, 0, 3}},
		{"Repeat", eager.FromInts([]int{1, 2}).Repeat(2), []int{1, 2, 1, 2}},
		{"RepeatInterleave", eager.FromInts([]int{1, 2}).RepeatInterleave(0, 2), []int{1, 1, 2, 2}},
		{"Tril", x.Tril(0), []int{0, 0, 0, 3, 4, 0}},
		{"Unfold", eager.FromInts([]int{1, 2, 3}).Unfold(0, 2, 1), []int{1, 2, 2, 3}},
		{"Pick", x.Pick(rows, cols), []int{5, 2}},
		{"MaskedSelect", x.MaskedSelect(mask), []int{3, 4, 5}},
		{"NonZero", mask.NonZero(), []int{1, 0, 1, 1, 1, 2}},
		{"Einsum", eager.Einsum("ij,kj->ik", x, x), []int{5, 14, 14, 50}},
		{"TensorDot", eager.TensorDot(x, x, []int{0, 1}, []int{0, 1}), []int{55}},
		{"IsIn", x.IsIn(cols).To(eager.I64), []int{0, 0, 1, 0, 0, 0}},
	} {
		if got := c.got.Ints(); !slices.Equal(got, c.want) {
			t.Errorf("%s is %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAssignmentToAPartChangesTheWhole(t *testing.T) {
	x := eager.Zeros(2, 3)
	x.SetIndex(1, 0)
	x.SetIndex(2, 1, 1)
	x.SetSlice(5, 1, 2, 3)
	x.SetMask(9, x.Eq(2))
	if got, want := x.Ints(), []int{1, 1, 5, 0, 9, 5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUniqueGivesBackTheTensor(t *testing.T) {
	x := eager.FromInts([]int{3, 1, 3, 2}, 2, 2)
	v, inverse, counts := x.Unique()
	if !slices.Equal(v.Ints(), []int{1, 2, 3}) || !slices.Equal(counts.Ints(), []int{1, 1, 2}) {
		t.Errorf("values %v, counts %v", v, counts)
	}
	if got := v.IndexSelect(0, inverse).Ints(); !slices.Equal(got, x.Ints()) {
		t.Errorf("inverse gives %v, want %v", got, x)
	}
}
