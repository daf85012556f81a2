package nn

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// PoolOptions are the options of pooling layers; the zero value is the default. A number holds for every
// spatial axis; a list has one number for each and takes its place.
type PoolOptions struct {
	Stride     int  // step of the window; 0: the kernel's extent
	Padding    int  // elements added on both sides, at most half the kernel
	Dilation   int  // MaxPool: distance of window elements; 0: 1
	Ceil       bool // also windows that start inside and end beyond the input
	ExcludePad bool // AvgPool: divide by the number of elements that are not padding
	Divisor    int  // AvgPool: divide by this; 0: by the number of elements

	Kernels, Strides, Paddings, Dilations []int
}

type poolKind int

const (
	poolMax poolKind = iota
	poolAvg
	poolLP
)

// Pool combines the elements of each window over the trailing 1, 2 or 3 axes to one.
// x: [n c spatial…] or [c spatial…] → the same with each extent (s + 2·padding − dilation·(k−1) − 1)/stride
// + 1, rounded down (or up with Ceil).
type Pool struct {
	Base
	name  string
	kind  poolKind
	rank  int
	attrs op.PoolAttrs
	norm  float64 // of LPPool
}

// Pooling layers by kind and number of spatial axes.
type (
	MaxPool1D = Pool
	MaxPool2D = Pool
	MaxPool3D = Pool
	AvgPool1D = Pool
	AvgPool2D = Pool
	AvgPool3D = Pool
	LPPool1D  = Pool
	LPPool2D  = Pool
	LPPool3D  = Pool
)

// NewMaxPool1D returns the largest element of each window of [n c length]. Agrees with torch.nn.MaxPool1d.
func NewMaxPool1D(kernel int, o ...PoolOptions) *MaxPool1D {
	return newPool("nn.MaxPool1D", poolMax, 1, kernel, o)
}

// NewMaxPool2D returns the largest element of each window of [n c height width].
// Agrees with torch.nn.MaxPool2d.
func NewMaxPool2D(kernel int, o ...PoolOptions) *MaxPool2D {
	return newPool("nn.MaxPool2D", poolMax, 2, kernel, o)
}

// NewMaxPool3D returns the largest element of each window of [n c depth height width].
// Agrees with torch.nn.MaxPool3d.
func NewMaxPool3D(kernel int, o ...PoolOptions) *MaxPool3D {
	return newPool("nn.MaxPool3D", poolMax, 3, kernel, o)
}

// NewAvgPool1D returns the mean of each window of [n c length]. Agrees with torch.nn.AvgPool1d.
func NewAvgPool1D(kernel int, o ...PoolOptions) *AvgPool1D {
	return newPool("nn.AvgPool1D", poolAvg, 1, kernel, o)
}

// NewAvgPool2D returns the mean of each window of [n c height width]. Agrees with torch.nn.AvgPool2d.
func NewAvgPool2D(kernel int, o ...PoolOptions) *AvgPool2D {
	return newPool("nn.AvgPool2D", poolAvg, 2, kernel, o)
}

// NewAvgPool3D returns the mean of each window of [n c depth height width]. Agrees with torch.nn.AvgPool3d.
func NewAvgPool3D(kernel int, o ...PoolOptions) *AvgPool3D {
	return newPool("nn.AvgPool3D", poolAvg, 3, kernel, o)
}

// NewLPPool1D returns (Σ xᵖ)^(1/p) over each window of [n c length]. Agrees with torch.nn.LPPool1d.
func NewLPPool1D(p float64, kernel int, o ...PoolOptions) *LPPool1D {
	return newLPPool("nn.LPPool1D", 1, p, kernel, o)
}

// NewLPPool2D returns (Σ xᵖ)^(1/p) over each window of [n c height width]. Agrees with torch.nn.LPPool2d.
func NewLPPool2D(p float64, kernel int, o ...PoolOptions) *LPPool2D {
	return newLPPool("nn.LPPool2D", 2, p, kernel, o)
}

// NewLPPool3D returns (Σ xᵖ)^(1/p) over each window of [n c depth height width].
// Agrees with torch.nn.LPPool3d.
func NewLPPool3D(p float64, kernel int, o ...PoolOptions) *LPPool3D {
	return newLPPool("nn.LPPool3D", 3, p, kernel, o)
}

func newLPPool(name string, rank int, norm float64, kernel int, o []PoolOptions) *Pool {
	if !(norm > 0) {
		engine.Fail(name, "p is %v; want a number > 0", norm)
	}
	p := newPool(name, poolLP, rank, kernel, o)
	p.norm = norm
	return p
}

func newPool(name string, kind poolKind, rank, kernel int, o []PoolOptions) *Pool {
	var opt PoolOptions
	if len(o) > 0 {
		opt = o[0]
	}
	a := op.PoolAttrs{Ceil: opt.Ceil, ExcludePad: opt.ExcludePad, Divisor: opt.Divisor}
	a.Kernel = perAxis(name, "kernel", rank, kernel, opt.Kernels, 1)
	a.Stride = a.Kernel
	if opt.Stride != 0 || opt.Strides != nil {
		a.Stride = perAxis(name, "Stride", rank, opt.Stride, opt.Strides, 1)
	}
	a.Padding = perAxis(name, "Padding", rank, opt.Padding, opt.Paddings, 0)
	a.Dilation = perAxis(name, "Dilation", rank, orOne(opt.Dilation), opt.Dilations, 1)
	for i, k := range a.Kernel {
		if 2*a.Padding[i] > k {
			engine.Fail(name, "Padding %v is more than half of kernel %v", a.Padding, a.Kernel)
		}
	}
	return &Pool{name: name, kind: kind, rank: rank, attrs: a}
}

// input gives x a batch axis and refuses one that holds no window.
func (p *Pool) input(x *eager.Tensor) (in *eager.Tensor, single bool) {
	in, single = batched(p.name, x, p.rank, -1)
	for i, k := range p.attrs.Kernel {
		if a := p.attrs; in.Size(2+i)+2*a.Padding[i] < a.Dilation[i]*(k-1)+1 {
			engine.Fail(p.name, "input %v is smaller than the window: kernel %v, padding %v, dilation %v", x.Array(),
				a.Kernel, a.Padding, a.Dilation)
		}
	}
	return in, single
}

// Forward returns the pooled x.
func (p *Pool) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Pool", "nn.NewMaxPool2D or its kin", p != nil && p.rank > 0, x)
	in, single := p.input(x)
	var y *eager.Tensor
	switch p.kind {
	case poolMax:
		y = eager.First(op.MaxPool, p.attrs, in)
	case poolAvg:
		y = eager.First(op.AvgPool, p.attrs, in)
	case poolLP:
		n := engine.Shape(p.attrs.Kernel).Numel()
		y = eager.First(op.AvgPool, p.attrs, in.Pow(p.norm))
		y = y.Sign().Mul(y.Abs().ReLU()).Mul(float64(n)).Pow(1 / p.norm)
	}
	if single {
		y = y.Squeeze(0)
	}
	return p.Done(x, y)
}

// ForwardIndex returns the output of a MaxPool layer and where each element lies, as an I64 index into the
// spatial axes of its channel.
func (p *Pool) ForwardIndex(x *eager.Tensor) (y, index *eager.Tensor) {
	ready("nn.Pool", "nn.NewMaxPool2D or its kin", p != nil && p.rank > 0, x)
	if p.kind != poolMax {
		engine.Fail(p.name, "only MaxPool layers have an index")
	}
	in, single := p.input(x)
	r := eager.Apply(op.MaxPool, p.attrs, in)
	if single {
		return r[0].Squeeze(0), r[1].Squeeze(0)
	}
	return r[0], r[1]
}

// AdaptivePool pools to a given extent whatever the input's is: window i of an axis runs from ⌊i·n/out⌋ to
// ⌈(i+1)·n/out⌉.
// x: [n c spatial…] or [c spatial…] → the same with the wanted extents.
type AdaptivePool struct {
	Base
	name string
	avg  bool
	out  []int
}

// Adaptive pooling layers by kind and number of spatial axes.
type (
	AdaptiveAvgPool1D = AdaptivePool
	AdaptiveAvgPool2D = AdaptivePool
	AdaptiveAvgPool3D = AdaptivePool
	AdaptiveMaxPool1D = AdaptivePool
	AdaptiveMaxPool2D = AdaptivePool
	AdaptiveMaxPool3D = AdaptivePool
)

// NewAdaptiveAvgPool1D averages to extent out. Agrees with torch.nn.AdaptiveAvgPool1d.
func NewAdaptiveAvgPool1D(out int) *AdaptiveAvgPool1D {
	return newAdaptive("nn.AdaptiveAvgPool1D", true, out)
}

// NewAdaptiveAvgPool2D averages to [height width]; −1 keeps an extent. Agrees with
// torch.nn.AdaptiveAvgPool2d.
func NewAdaptiveAvgPool2D(height, width int) *AdaptiveAvgPool2D {
	return newAdaptive("nn.AdaptiveAvgPool2D", true, height, width)
}

// NewAdaptiveAvgPool3D averages to [depth height width]; −1 keeps an extent. Agrees with
// torch.nn.AdaptiveAvgPool3d.
func NewAdaptiveAvgPool3D(depth, height, width int) *AdaptiveAvgPool3D {
	return newAdaptive("nn.AdaptiveAvgPool3D", true, depth, height, width)
}

// NewAdaptiveMaxPool1D takes maxima to extent out. Agrees with torch.nn.AdaptiveMaxPool1d.
func NewAdaptiveMaxPool1D(out int) *AdaptiveMaxPool1D {
	return newAdaptive("nn.AdaptiveMaxPool1D", false, out)
}

// NewAdaptiveMaxPool2D takes maxima to [height width]; −1 keeps an extent. Agrees with
// torch.nn.AdaptiveMaxPool2d.
func NewAdaptiveMaxPool2D(height, width int) *AdaptiveMaxPool2D {
	return newAdaptive("nn.AdaptiveMaxPool2D", false, height, width)
}

// NewAdaptiveMaxPool3D takes maxima to [depth height width]; −1 keeps an extent. Agrees with
// torch.nn.AdaptiveMaxPool3d.
func NewAdaptiveMaxPool3D(depth, height, width int) *AdaptiveMaxPool3D {
	return newAdaptive("nn.AdaptiveMaxPool3D", false, depth, height, width)
}

func newAdaptive(name string, avg bool, out ...int) *AdaptivePool {
	for _, n := range out {
		if n < -1 || n == 0 {
			engine.Fail(name, "output extents %v: want numbers ≥ 1, or -1 to keep one", out)
		}
	}
	return &AdaptivePool{name: name, avg: avg, out: out}
}

// Forward returns the pooled x. Means over boxes are taken axis by axis; of equal largest elements the first
// gets the gradient.
func (p *AdaptivePool) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.AdaptivePool", "nn.NewAdaptiveAvgPool2D or its kin", p != nil && len(p.out) > 0, x)
	if !p.avg {
		y, _ := p.ForwardIndex(x)
		return p.Done(x, y)
	}
	y, single := batched(p.name, x, len(p.out), -1)
	if slices.Max(p.out) == 1 && slices.Min(p.out) == 1 { // one mean of all elements, in one pass
		axes := make([]int, len(p.out))
		for i := range axes {
			axes[i] = 2 + i
		}
		y = y.MeanKeep(axes...)
	}
	for i, n := range p.out {
		if axis := 2 + i; n > 0 && n != y.Size(axis) {
			y = p.axis(y, axis, n)
		}
	}
	if single {
		y = y.Squeeze(0)
	}
	return p.Done(x, y)
}

// axis averages one axis to extent n: the elements of each window become an axis of their own, in shorter
// windows the last one several times with its weight divided (times 0, ±Inf would be NaN).
func (p *AdaptivePool) axis(x *eager.Tensor, axis, n int) *eager.Tensor {
	in := x.Size(axis)
	lo := func(i int) int { return i * in / n }
	hi := func(i int) int { return ((i+1)*in + n - 1) / n }
	width := 0
	for i := range n {
		width = max(width, hi(i)-lo(i))
	}
	index := make([]int, 0, n*width)
	share := make([]float64, 0, n*width)
	for i := range n {
		for k := range width {
			index = append(index, min(lo(i)+k, hi(i)-1))
			w := 1 / float64(hi(i)-lo(i))
			if last := hi(i) - 1 - lo(i); k >= last {
				w /= float64(width - last)
			}
			share = append(share, w)
		}
	}
	windows := x.IndexSelect(axis, eager.FromInts(index, n, width))
	shape := make([]int, windows.Rank())
	for i := range shape {
		shape[i] = 1
	}
	shape[axis], shape[axis+1] = n, width
	return windows.Mul(eager.FromFloat64s(share, shape...).To(x.DType())).Sum(axis + 1)
}
