package main

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// caffeNetShapes are the convolutions of Caffe's reference ImageNet network.
var caffeNetShapes = []convShape{
	{"caffenet1", 3, 227, 96, 11, 4, 0, 1},
	{"caffenet2", 96, 27, 256, 5, 1, 2, 2},
	{"caffenet3", 256, 13, 384, 3, 1, 1, 1},
	{"caffenet4", 384, 13, 384, 3, 1, 1, 2},
	{"caffenet5", 384, 13, 256, 3, 1, 1, 2},
}

// quantised are 8-bit convolutions and linear layers with ReLU, results in bytes, weights packed before, as
// the peer's are: conv_int8/SHAPE_N and linear_int8/MxNxK.
func quantised() []benchCase {
	var all []benchCase
	for _, s := range append(append([]convShape{}, convShapes...), caffeNetShapes...) {
		for _, n := range []int{1, 8} {
			all = append(all, benchCase{
				fmt.Sprintf("conv_int8/%s_N%d", s.name, n), s.work(n),
				func() func() { return s.quantised(n) },
			})
		}
	}
	for _, s := range [][3]int{{8, 4096, 9216}, {32, 4096, 9216}, {1024, 1024, 1024}} {
		all = append(all, benchCase{
			fmt.Sprintf("linear_int8/%dx%dx%d", s[0], s[1], s[2]), 2 * float64(s[0]*s[1]*s[2]),
			func() func() {
				x, y := engine.Shape{s[0], s[2]}, engine.Shape{s[0], s[1]}
				return quantisedLayer(cpu.ConvSpec{}, engine.Zeros(engine.U8, x), engine.Zeros(engine.U8, y), s[1], s[2])
			},
		})
	}
	return all
}

func (s convShape) quantised(n int) func() {
	spec := cpu.ConvSpec{Stride: []int{s.stride, s.stride}, Padding: []int{s.padding, s.padding}, Groups: s.grp}
	w := []int{s.out, s.in / s.grp, s.kernel, s.kernel}
	in := engine.Shape{n, s.in, s.extent, s.extent}
	out, err := spec.Out(in, w)
	must(err)
	return quantisedLayer(spec, cpu.NewChannelsLast(engine.U8, in), cpu.NewChannelsLast(engine.U8, out), w...)
}

func quantisedLayer(spec cpu.ConvSpec, x, y engine.Array, weight ...int) func() {
	w := engine.Zeros(engine.I8, weight)
	must(cpu.Fill(w, 1))
	must(cpu.Fill(x, 65))
	p, err := cpu.PackQuant(w, spec)
	must(err)
	l, err := p.Layer(cpu.Requant{XZero: 64, Scale: []float32{0.01}, Clamp: true, High: 255, Zero: 0})
	must(err)
	return func() { must(l.Run(y, x, engine.Array{})) }
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
