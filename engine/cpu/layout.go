package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// The order of a tensor's axes in memory is a property of its strides. Logical [n c spatial…] data is
// channels-last when the channels of a pixel are neighbours in memory; convolutions and what surrounds
// them are fastest on it.

// ChannelsLast reports whether a [n c spatial…] lies in memory without gaps in the order n, spatial…,
// c, and that is not row-major order.
func ChannelsLast(a engine.Array) bool {
	r := len(a.Shape)
	if r < 3 || a.Strides[1] != 1 || a.Shape[1] < 2 || a.Shape[2:].Numel() < 2 {
		return false
	}
	step := a.Shape[1]
	for i := r - 1; i >= 2; i-- {
		if a.Strides[i] != step {
			return false
		}
		step *= a.Shape[i]
	}
	return a.Strides[0] == step
}

// NewChannelsLast returns a channels-last Array of unspecified contents. s has at least 3 axes.
func NewChannelsLast(t engine.DType, s engine.Shape) engine.Array {
	a := engine.NewArray(t, s)
	a.Strides = ChannelsLastStrides(s)
	return a
}

// ChannelsLastStrides returns the strides of a channels-last Array of shape s.
func ChannelsLastStrides(s engine.Shape) []int {
	st := make([]int, len(s))
	step := s[1]
	for i := len(s) - 1; i >= 2; i-- {
		st[i] = step
		step *= s[i]
	}
	st[0], st[1] = step, 1
	return st
}

// lastCopy returns a in channels-last order: a itself or a copy.
func lastCopy(a engine.Array) engine.Array {
	if ChannelsLast(a) {
		return a
	}
	d := NewChannelsLast(a.DType, a.Shape)
	must(Copy(d, a))
	return d
}

// ConvChannelsLast reports whether Conv computes a result of shape out best in channels-last order from
// x and w. wide is the number of channels below which a change of order costs more than it gives.
func ConvChannelsLast(x, w engine.Array, out engine.Shape, s ConvSpec) bool {
	const wide = 16
	r := len(out)
	if tiling == nil || x.DType != engine.F32 || r < 3 || r > 4 || out[1] < wide ||
		out[2:].Numel() < 2 {
		return false
	}
	if ChannelsLast(x) {
		return true
	}
	depthwise := w.Shape[1] == 1 && w.Shape[0] == s.Groups
	return (s.Groups <= 1 || depthwise) && w.Shape[2:].Numel() > 1
}

// floatsAt views n elements that lie a distance in bytes behind p.
func floatsAt(p *float32, distance, n int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(p), distance)), n)
}

// tapsAt views n taps.
func tapsAt(p *[2]int, n int) [][2]int { return unsafe.Slice(p, n) }
