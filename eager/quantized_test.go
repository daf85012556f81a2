package eager_test

import (
	"fmt"
	"testing"

	t "github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func ExampleTensor_Quantize() {
	q := t.New([]float32{-3, -0.26, 0.1, 5}).Quantize(0.25, 2, t.U8)
	fmt.Println(q.Bytes.Ints(), q.Dense().Float32s())
	// Output: [0 1 2 22] [-0.5 -0.25 0 5]
}

func TestQuantizedTensorsAgreeWithPyTorch(tt *testing.T) {
	// torch 2.15.0: fake_quantize_per_tensor_affine(x, .25, 2, 0, 7), and per channel, quantize_per_channel
	x := t.New([]float32{-3, -0.26, 0.1, 0.25, 0.38, 5}).SetRequiresGrad(true)
	y := x.FakeQuantize(0.25, 2, 0, 7)
	y.Sum().Backward()
	if got := fmt.Sprint(y.Float32s(), x.Grad().Ints()); got != "[-0.5 -0.25 0 0.25 0.5 1.25] [0 1 1 1 1 0]" {
		tt.Errorf("value and gradient are %s", got)
	}
	m, scale, zero := x.Detach().Reshape(2, 3), t.New([]float32{0.25, 0.5}), t.New([]int{2, 0})
	if got := fmt.Sprint(m.FakeQuantizeAxis(0, scale, zero, 0, 7).Float32s()); got != "[-0.5 -0.25 0 0 0.5 3.5]" {
		tt.Errorf("by channel the values are %s", got)
	}
	q := m.QuantizeAxis(0, scale, zero, t.U8)
	if got := fmt.Sprint(q.Bytes.Ints(), q.Dense().Float32s()); got != "[0 1 2 0 1 10] [-0.5 -0.25 0 0 0.5 5]" {
		tt.Errorf("bytes by channel are %s", got)
	}
	if err := engine.Catch(func() { x.FakeQuantize(0, 0, 0, 7) }); err == nil {
		tt.Error("a scale of 0 gave no error")
	}
}

func TestCastsAndPromotionAreThoseOfPyTorch(tt *testing.T) {
	for _, c := range []struct {
		from, to engine.DType
		want     bool
	}{
		{t.F32, t.I64, false},
		{t.I64, t.Bool, false},
		{t.F32, t.Bool, false},
		{t.Bool, t.F32, true},
		{engine.C64, t.F32, false},
		{t.I64, t.F16, true},
		{t.F64, t.F32, true},
		{t.U8, t.I8, true},
	} {
		if got := t.CanCast(c.from, c.to); got != c.want {
			tt.Errorf("CanCast(%v, %v) is %t", c.from, c.to, got)
		}
	}
	if d := t.ResultType(t.Ones(2).To(t.F16), 2.5); d != t.F16 {
		tt.Errorf("f16 and a Go number give %v", d)
	}
	if d := t.ResultType(t.New(1), t.PromoteTypes(t.U8, t.I8) == t.I16); d != t.I64 {
		tt.Errorf("i64 and a Go bool give %v", d)
	}
}

func TestForkRandomLeavesTheStreamAlone(tt *testing.T) {
	t.Seed(5)
	t.Rand(3)
	t.ForkRandom(func() { t.Seed(1); t.Rand(10) })
	a := t.Rand(4)
	t.Seed(5)
	t.Rand(3)
	if b := t.Rand(4); !t.AllClose(a, b, 0, 0) {
		tt.Errorf("drew %v, want %v", a, b)
	}
}

func TestHistogramOfRowsCountsBoxes(tt *testing.T) {
	x := t.New([][]float32{{0, 0}, {1, 2}, {0.5, 1}, {0.1, 0.2}, {9, 9}})
	edges := []*t.Tensor{t.New([]float32{0, 0.5, 1}), t.New([]float32{0, 1, 2})}
	if h := x.HistogramDD(edges, nil, false); fmt.Sprint(h.Ints()) != "[2 0 0 2]" {
		tt.Errorf("counts are %v", h)
	}
	if h := x.HistogramDD(edges, nil, true); h.At(0, 0) != 1 {
		tt.Errorf("densities are %v", h)
	}
}
