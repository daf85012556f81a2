package eager_test

import (
	"slices"
	"testing"

	t "github.com/lathe-ml/lathe/eager"
)

func TestSmallRowsAndColumnsRepeatAsLargeOnesDo(tt *testing.T) {
	x := t.Arange(0, 24, 1).To(t.F32).Reshape(2, 3, 4).SetRequiresGrad(true)
	shapes := [][]int{
		{4}, {1, 4}, {3, 4}, {1, 3, 4}, {2, 1, 1}, {2, 3, 1}, {1}, {1, 1, 1}, {}, {3, 1},
	}
	for _, s := range shapes {
		n := 1
		for _, d := range s {
			n *= d
		}
		y := t.Arange(0, float64(n), 1).To(t.F32).Add(2).Reshape(s...).SetRequiresGrad(true)
		whole := y.Expand(2, 3, 4).Contiguous()
		for name, f := range map[string]func(x, y *t.Tensor) *t.Tensor{
			"Sub": func(x, y *t.Tensor) *t.Tensor { return x.Sub(y) },
			"Div": func(x, y *t.Tensor) *t.Tensor { return x.Div(y) },
			"Pow": func(x, y *t.Tensor) *t.Tensor { return x.Pow(y) },
		} {
			got, want := f(x, y), f(x, whole)
			if !slices.Equal(got.Shape(), want.Shape()) || !slices.Equal(got.Float32s(), want.Float32s()) {
				tt.Errorf("%s of %v: %v, want %v", name, s, got, want)
			}
			g, w := gradient(got, y), gradient(want, y)
			if !t.AllClose(g, w, 1e-5, 0) {
				tt.Errorf("gradient of %s of %v: %v, want %v", name, s, g, w)
			}
		}
	}
}

func gradient(z, y *t.Tensor) *t.Tensor {
	return t.Grad([]*t.Tensor{z.Sum()}, []*t.Tensor{y}, t.GradOptions{})[0]
}
