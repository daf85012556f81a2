package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// MaxUnpool undoes a maximum pooling: it puts every element of x where index says, in zeros.
// x, index: [n c spatial…] → [n c size…]; index counts row-major positions in the spatial axes of the
// result, as op.MaxPool's second result does. Of elements with one position the last in memory stays.
// Agrees with torch.nn.functional.max_unpool1d, 2d and 3d.
func MaxUnpool(x, index *eager.Tensor, size ...int) *eager.Tensor {
	present("nn.MaxUnpool", "x", x)
	present("nn.MaxUnpool", "index", index)
	rank := len(size)
	if x.Rank() != rank+2 || !x.Shape().Equal(index.Shape()) {
		engine.Fail("nn.MaxUnpool", "x is %v and index %v for the extents %v; want [n c spatial…] with %d "+
			"spatial axes, both", x.Array(), index.Array(), size, rank)
	}
	planes, cells := x.Size(0)*x.Size(1), engine.Shape(size).Numel()
	flat := eager.Zeros(planes, cells).To(x.DType())
	y := flat.Scatter(1, index.Reshape(planes, -1), x.Reshape(planes, -1))
	return y.Reshape(append([]int{x.Size(0), x.Size(1)}, size...)...)
}
