package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// FractionalOptions are the options of fractional pooling: Sizes or Ratios, and a place for each window.
type FractionalOptions struct {
	Sizes   []int         // extents of the output
	Ratios  []float64     // or: output extents as parts of the input's, 0 … 1
	Samples *eager.Tensor // [n c axes] in [0, 1): where windows lie; nil: drawn anew in each call
}

// FractionalMaxPool takes the largest element of windows that lie at random, overlapping places, so that the
// output may have any extents. x: [n c spatial…] or [c spatial…] → the same with the wanted extents.
type FractionalMaxPool struct {
	Base
	name    string
	kernels []int
	o       FractionalOptions
}

// NewFractionalMaxPool2D returns a layer with windows of height × width.
// Source: Graham 2014; agrees with torch.nn.FractionalMaxPool2d.
func NewFractionalMaxPool2D(height, width int, o FractionalOptions) *FractionalMaxPool {
	return newFractional("nn.FractionalMaxPool2D", o, height, width)
}

// NewFractionalMaxPool3D returns a layer with windows of depth × height × width.
// Source: Graham 2014; agrees with torch.nn.FractionalMaxPool3d.
func NewFractionalMaxPool3D(depth, height, width int, o FractionalOptions) *FractionalMaxPool {
	return newFractional("nn.FractionalMaxPool3D", o, depth, height, width)
}

func newFractional(name string, o FractionalOptions, kernels ...int) *FractionalMaxPool {
	for _, k := range kernels {
		atLeast(name, "the window", k, 1)
	}
	if (len(o.Sizes) == len(kernels)) == (len(o.Ratios) == len(kernels)) || len(o.Sizes)*len(o.Ratios) > 0 {
		engine.Fail(name, "Sizes %v and Ratios %v; want one of them, with %d numbers", o.Sizes, o.Ratios, len(kernels))
	}
	for _, r := range o.Ratios {
		if !(r > 0 && r < 1) {
			engine.Fail(name, "Ratios %v; want numbers between 0 and 1", o.Ratios)
		}
	}
	return &FractionalMaxPool{name: name, kernels: kernels, o: o}
}

// Forward returns the pooled x.
func (p *FractionalMaxPool) Forward(x *eager.Tensor) *eager.Tensor {
	y, _ := p.ForwardIndex(x)
	return p.Done(x, y)
}

// ForwardIndex returns the pooled x and where in the row-major spatial axes each element comes from.
func (p *FractionalMaxPool) ForwardIndex(x *eager.Tensor) (y, index *eager.Tensor) {
	ready("nn.FractionalMaxPool", "nn.NewFractionalMaxPool2D or its kin", p != nil && len(p.kernels) > 0, x)
	axes := len(p.kernels)
	in, single := batched(p.name, x, axes, -1)
	extents := in.Shape()[2:]
	sizes := p.sizes(extents)
	n, c := in.Size(0), in.Size(1)
	samples := p.o.Samples
	if samples == nil {
		samples = eager.Rand(n, c, axes)
	}
	if !samples.Shape().Equal(engine.Shape{n, c, axes}) {
		engine.Fail(p.name, "Samples are %v; want [%d %d %d]", samples.Array(), n, c, axes)
	}
	at := p.largest(in.Detach().Float64s(), samples.Float64s(), n*c, extents, sizes)
	flat := eager.FromInts(at, n, c, sizes.Numel())
	shape := append([]int{n, c}, sizes...)
	y = in.Reshape(n, c, -1).Gather(2, flat).Reshape(shape...)
	if index = flat.Reshape(shape...); single {
		return y.Squeeze(0), index.Squeeze(0)
	}
	return y, index
}

// sizes are the extents of the output for an input.
func (p *FractionalMaxPool) sizes(in engine.Shape) engine.Shape {
	out := make(engine.Shape, len(in))
	for i, n := range in {
		if p.o.Ratios != nil {
			out[i] = int(float64(n) * p.o.Ratios[i])
		} else {
			out[i] = p.o.Sizes[i]
		}
		if out[i] < 1 || out[i]+p.kernels[i]-1 > n {
			engine.Fail(p.name, "extents %v pooled to %v with windows %v; want at least %d on axis %d", in, out[:i+1],
				p.kernels, out[i]+p.kernels[i]-1, i)
		}
	}
	return out
}

// largest returns the places of the largest elements of all windows; NaN counts as the largest.
func (p *FractionalMaxPool) largest(v, samples []float64, planes int, in, out engine.Shape) []int {
	axes := len(in)
	inStrides, size := in.Strides(), in.Numel()
	var at []int
	for plane := range planes {
		starts := make([][]int, axes)
		for a := range axes {
			s := samples[plane*axes+a]
			if axes == 2 {
				s = samples[plane*axes+1-a] // PyTorch's order of the two
			}
			starts[a] = windowStarts(s, in[a], out[a], p.kernels[a])
		}
		of := v[plane*size:][:size]
		eachIndex(out, func(window []int) {
			best := -1
			eachIndex(p.kernels, func(k []int) {
				pos := 0
				for a := range axes {
					pos += (starts[a][window[a]] + k[a]) * inStrides[a]
				}
				if best < 0 || of[pos] > of[best] || of[pos] != of[pos] && of[best] == of[best] {
					best = pos
				}
			})
			at = append(at, best)
		})
	}
	return at
}

// windowStarts are the starts of out windows in n elements for a place u in [0, 1).
func windowStarts(u float64, n, out, kernel int) []int {
	starts := make([]int, out)
	if out > 1 {
		alpha := float64(n-kernel) / float64(out-1)
		for i := range out - 1 {
			starts[i] = int((float64(i)+u)*alpha) - int(u*alpha)
		}
	}
	starts[out-1] = n - kernel
	return starts
}

// eachIndex calls f with every index of a shape in row-major order; f must not keep it.
func eachIndex(s []int, f func(index []int)) {
	index := make([]int, len(s))
	if engine.Shape(s).Numel() == 0 {
		return
	}
	for {
		f(index)
		a := len(s) - 1
		for ; a >= 0; a-- {
			if index[a]++; index[a] < s[a] {
				break
			}
			index[a] = 0
		}
		if a < 0 {
			return
		}
	}
}
