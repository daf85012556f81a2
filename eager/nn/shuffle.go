package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// PixelShuffle moves channels into space. x: [… c·f² h w] → [… c h·f w·f].
type PixelShuffle struct {
	Base
	factor int
}

// NewPixelShuffle returns the layer. Source: Shi et al. 2016; agrees with torch.nn.PixelShuffle.
func NewPixelShuffle(factor int) *PixelShuffle {
	atLeast("nn.NewPixelShuffle", "factor", factor, 1)
	return &PixelShuffle{factor: factor}
}

// Forward returns x with channels moved into space.
func (l *PixelShuffle) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.PixelShuffle", "nn.NewPixelShuffle", l != nil && l.factor > 0, x)
	f := l.factor
	if x.Rank() < 3 || x.Size(-3)%(f*f) != 0 {
		engine.Fail("nn.PixelShuffle", "input %v with factor %d: want [… c·%d h w]", x.Array(), f, f*f)
	}
	c, h, w := x.Size(-3)/(f*f), x.Size(-2), x.Size(-1)
	y := x.Reshape(x.Shape()[:x.Rank()-3].Numel(), c, f, f, h, w).Permute(0, 1, 4, 2, 5, 3)
	return l.Done(x, y.Reshape(like(x, c, h*f, w*f)...))
}

// like returns x's shape with the last three extents replaced.
func like(x *eager.Tensor, c, h, w int) []int {
	n := x.Rank() - 3
	return append(x.Shape()[:n:n], c, h, w)
}

// PixelUnshuffle moves space into channels. x: [… c h·f w·f] → [… c·f² h w].
type PixelUnshuffle struct {
	Base
	factor int
}

// NewPixelUnshuffle returns the layer. Agrees with torch.nn.PixelUnshuffle.
func NewPixelUnshuffle(factor int) *PixelUnshuffle {
	atLeast("nn.NewPixelUnshuffle", "factor", factor, 1)
	return &PixelUnshuffle{factor: factor}
}

// Forward returns x with space moved into channels.
func (l *PixelUnshuffle) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.PixelUnshuffle", "nn.NewPixelUnshuffle", l != nil && l.factor > 0, x)
	f := l.factor
	if x.Rank() < 3 || x.Size(-2)%f != 0 || x.Size(-1)%f != 0 {
		engine.Fail("nn.PixelUnshuffle", "input %v: want extents that divide by %d", x.Array(), f)
	}
	c, h, w := x.Size(-3), x.Size(-2)/f, x.Size(-1)/f
	y := x.Reshape(x.Shape()[:x.Rank()-3].Numel(), c, h, f, w, f).Permute(0, 1, 3, 5, 2, 4)
	return l.Done(x, y.Reshape(like(x, c*f*f, h, w)...))
}
