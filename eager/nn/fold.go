package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// FoldOptions are the options of NewUnfold and NewFold, each for rows and columns or once for both; the
// zero value is the default.
type FoldOptions struct {
	Stride, Padding, Dilation []int // nil: 1, 0, 1
}

// windows are the places of a kernel on an image.
type windows struct {
	kernel, stride, padding, dilation [2]int
}

func newWindows(where string, kernel []int, o []FoldOptions) windows {
	var opt FoldOptions
	if len(o) > 0 {
		opt = o[0]
	}
	both := func(what string, v []int, otherwise, least int) (r [2]int) {
		switch len(v) {
		case 0:
			r = [2]int{otherwise, otherwise}
		case 1:
			r = [2]int{v[0], v[0]}
		case 2:
			r = [2]int{v[0], v[1]}
		default:
			engine.Fail(where, "%s %v; want one or two numbers", what, v)
		}
		atLeast(where, what, min(r[0], r[1]), least)
		return r
	}
	return windows{
		both("kernel", kernel, 0, 1), both("Stride", opt.Stride, 1, 1), both("Padding", opt.Padding, 0, 0),
		both("Dilation", opt.Dilation, 1, 1),
	}
}

// count is how many windows fit along each axis of an image.
func (w windows) count(where string, image [2]int) (n [2]int) {
	for i := range n {
		n[i] = (image[i]+2*w.padding[i]-w.dilation[i]*(w.kernel[i]-1)-1)/w.stride[i] + 1
		if image[i]+2*w.padding[i] < w.dilation[i]*(w.kernel[i]-1)+1 {
			engine.Fail(where, "image %v is smaller than the window %v", image, w.kernel)
		}
	}
	return n
}

// slice selects, of a padded image [n c rows columns], the elements that all windows have at (i, j).
func (w windows) slice(batch, channels, i, j int, n [2]int) op.SliceAttrs {
	a := op.SliceAttrs{Start: []int{0, 0, i * w.dilation[0], j * w.dilation[1]}, Step: []int{1, 1, w.stride[0], w.stride[1]}}
	a.Stop = []int{batch, channels, a.Start[2] + (n[0]-1)*w.stride[0] + 1, a.Start[3] + (n[1]-1)*w.stride[1] + 1}
	return a
}

// Unfold lists the elements of each window of an image. x: [n c rows columns] or without n →
// [n c·kernel windows].
type Unfold struct {
	Base
	w windows
}

// NewUnfold returns the layer for a kernel of one or two extents. Agrees with torch.nn.Unfold.
func NewUnfold(kernel []int, o ...FoldOptions) *Unfold {
	return &Unfold{w: newWindows("nn.NewUnfold", kernel, o)}
}

// Forward returns the elements of each window.
func (u *Unfold) Forward(x *eager.Tensor) *eager.Tensor {
	const where = "nn.Unfold"
	ready(where, "nn.NewUnfold", u != nil && u.w.kernel[0] > 0, x)
	image := x
	if single := x.Rank() == 3; single {
		image = x.Unsqueeze(0)
	}
	if image.Rank() != 4 {
		engine.Fail(where, "input %v; want [n c rows columns]", x.Array())
	}
	s, p := image.Shape(), u.w.padding
	n := u.w.count(where, [2]int{s[2], s[3]})
	if p != [2]int{} {
		image = image.Pad([]int{0, 0, p[0], p[1]}, []int{0, 0, p[0], p[1]}, 0)
	}
	var parts []*eager.Tensor
	for i := range u.w.kernel[0] {
		for j := range u.w.kernel[1] {
			y := eager.Apply(op.Slice, u.w.slice(s[0], s[1], i, j, n), image)[0]
			parts = append(parts, y.Reshape(s[0], s[1], n[0]*n[1]))
		}
	}
	y := eager.Stack(2, parts...).Reshape(s[0], s[1]*len(parts), n[0]*n[1])
	if x.Rank() == 3 {
		y = y.Squeeze(0)
	}
	return u.Done(x, y)
}

// Fold adds windows up to an image. x: [n c·kernel windows] or without n → [n c rows columns].
type Fold struct {
	Base
	size [2]int
	w    windows
}

// NewFold returns the layer for images of the given rows and columns. Agrees with torch.nn.Fold.
func NewFold(rows, columns int, kernel []int, o ...FoldOptions) *Fold {
	atLeast("nn.NewFold", "rows", rows, 1)
	atLeast("nn.NewFold", "columns", columns, 1)
	return &Fold{size: [2]int{rows, columns}, w: newWindows("nn.NewFold", kernel, o)}
}

// Forward returns the sum of the windows.
func (f *Fold) Forward(x *eager.Tensor) *eager.Tensor {
	const where = "nn.Fold"
	ready(where, "nn.NewFold", f != nil && f.w.kernel[0] > 0, x)
	blocks := x
	if x.Rank() == 2 {
		blocks = x.Unsqueeze(0)
	}
	n, k, p := f.w.count(where, f.size), f.w.kernel[0]*f.w.kernel[1], f.w.padding
	if blocks.Rank() != 3 || blocks.Size(1)%k != 0 || blocks.Size(2) != n[0]*n[1] {
		engine.Fail(where, "input %v; want [n c·%d %d]", x.Array(), k, n[0]*n[1])
	}
	batch, c := blocks.Size(0), blocks.Size(1)/k
	blocks = blocks.Reshape(batch, c, k, n[0], n[1])
	padded := engine.Shape{batch, c, f.size[0] + 2*p[0], f.size[1] + 2*p[1]}
	var sum *eager.Tensor
	for i := range f.w.kernel[0] {
		for j := range f.w.kernel[1] {
			part := blocks.Slice(2, i*f.w.kernel[1]+j, i*f.w.kernel[1]+j+1).Squeeze(2)
			a := op.UnsliceAttrs{SliceAttrs: f.w.slice(batch, c, i, j, n), Shape: padded}
			part = eager.Apply(op.Unslice, a, part)[0]
			if sum == nil {
				sum = part
			} else {
				sum = sum.Add(part)
			}
		}
	}
	y := sum.Slice(2, p[0], p[0]+f.size[0]).Slice(3, p[1], p[1]+f.size[1])
	if x.Rank() == 2 {
		y = y.Squeeze(0)
	}
	return f.Done(x, y)
}

// ChannelShuffle mixes the channels of groups: channel j of group i becomes channel i of group j.
// x: [n c spatial…] → the same.
type ChannelShuffle struct {
	Base
	groups int
}

// NewChannelShuffle returns the layer; groups divides the channels.
// Source: Zhang et al. 2017; agrees with torch.nn.ChannelShuffle.
func NewChannelShuffle(groups int) *ChannelShuffle {
	atLeast("nn.NewChannelShuffle", "groups", groups, 1)
	return &ChannelShuffle{groups: groups}
}

// Forward returns x with its channels mixed.
func (l *ChannelShuffle) Forward(x *eager.Tensor) *eager.Tensor {
	const where = "nn.ChannelShuffle"
	ready(where, "nn.NewChannelShuffle", l != nil && l.groups > 0, x)
	if x.Rank() < 3 || x.Size(1)%l.groups != 0 {
		engine.Fail(where, "input %v; want [n c spatial…] with c divisible by %d", x.Array(), l.groups)
	}
	s := x.Shape()
	split := append([]int{s[0], l.groups, s[1] / l.groups}, s[2:]...)
	return l.Done(x, x.Reshape(split...).Transpose(1, 2).Reshape(s...))
}
