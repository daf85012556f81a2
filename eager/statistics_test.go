package eager_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

func TestStdOfEqualElementsHasGradientZero(t *testing.T) {
	x := eager.Ones(3).SetRequiresGrad(true)
	s := x.Std()
	s.Backward()
	for _, g := range x.Grad().Float64s() {
		if g != 0 {
			t.Errorf("gradient %v, want 0", g)
		}
	}
	if v := s.Item(); v != 0 {
		t.Errorf("std %v, want 0", v)
	}
}
