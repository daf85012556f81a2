package caffe

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// fill makes a weight by the rule of a FillerParameter: constant, uniform, gaussian, positive_unitball, xavier, msra or
// bilinear.
func fill(f *Message, shape engine.Shape) *eager.Tensor {
	n := shape.Numel()
	fanIn, fanOut := n, n
	if len(shape) > 0 && shape[0] > 0 {
		fanIn = n / shape[0]
	}
	if len(shape) > 1 && shape[1] > 0 {
		fanOut = n / shape[1]
	}
	fan := float64(fanIn)
	switch f.Text("variance_norm", "FAN_IN") {
	case "FAN_OUT":
		fan = float64(fanOut)
	case "AVERAGE":
		fan = float64(fanIn+fanOut) / 2
	}
	switch kind := f.Text("type", "constant"); kind {
	case "constant":
		return eager.Full(f.Float("value", 0), shape...)
	case "uniform":
		return eager.Uniform(f.Float("min", 0), f.Float("max", 1), shape...)
	case "gaussian":
		return gaussian(f, shape)
	case "positive_unitball":
		x := eager.Rand(shape...)
		rows := x.Reshape(shape[0], n/max(shape[0], 1))
		return rows.Div(rows.SumKeep(1)).Reshape(shape...)
	case "xavier":
		scale := math.Sqrt(3 / fan)
		return eager.Uniform(-scale, scale, shape...)
	case "msra":
		return eager.Normal(0, math.Sqrt(2/fan), shape...)
	case "bilinear":
		return bilinear(shape)
	default:
		fail("filler %q is unknown; known: constant, uniform, gaussian, positive_unitball, xavier, msra, bilinear", kind)
	}
	return nil
}

// gaussian draws normal numbers; with sparse ≥ 0, about that many inputs of each output are not zero.
func gaussian(f *Message, shape engine.Shape) *eager.Tensor {
	x := eager.Normal(f.Float("mean", 0), f.Float("std", 1), shape...)
	if sparse := f.Int("sparse", -1); sparse >= 0 && len(shape) > 0 {
		keep := float64(sparse) / float64(max(shape[0], 1))
		x = x.Mul(eager.Bernoulli(min(keep, 1), shape...))
	}
	return x
}

// bilinear is the kernel that upsamples when a deconvolution starts with it.
func bilinear(shape engine.Shape) *eager.Tensor {
	if len(shape) != 4 || shape[2] != shape[3] {
		fail("a bilinear filler needs a square kernel, the weight is %v", shape)
	}
	k := shape[3]
	f := math.Ceil(float64(k) / 2)
	c := (2*f - 1 - math.Mod(f, 2)) / (2 * f)
	out := make([]float32, shape.Numel())
	for i := range out {
		x, y := float64(i%k), float64(i/k%k)
		out[i] = float32((1 - math.Abs(x/f-c)) * (1 - math.Abs(y/f-c)))
	}
	return eager.FromFloat32s(out, shape...)
}
