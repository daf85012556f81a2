package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// GridOptions are the options of GridSample; the zero value is the default.
type GridOptions struct {
	Mode         string // "bilinear" (or ""; trilinear in three axes), "nearest" or "bicubic"
	Padding      string // outside x: "zeros" (or ""), "border" or "reflection"
	AlignCorners bool   // −1 and 1 are the centres of the corner elements, not their outer edges
}

// GridSample reads x [n c h w] at the points of grid [n oh ow 2], which are (x, y) with −1…1 across the image
// → [n c oh ow]; or x [n c d h w] at (x, y, z) of grid [n od oh ow 3] → [n c od oh ow].
// Agrees with torch.nn.functional.grid_sample.
func GridSample(x, grid *eager.Tensor, o ...GridOptions) *eager.Tensor {
	const where = "nn.GridSample"
	present(where, "x", x)
	present(where, "grid", grid)
	g := gridSampler{x: x, axes: x.Rank() - 2}
	if len(o) > 0 {
		g.o = o[0]
	}
	if g.axes < 2 || g.axes > 3 || grid.Rank() != x.Rank() || grid.Size(-1) != g.axes || grid.Size(0) != x.Size(0) {
		engine.Fail(where, "x %v and grid %v; want [n c h w] and [n oh ow 2], or [n c d h w] and [n od oh ow 3]",
			x.Array(), grid.Array())
	}
	if g.o.Padding != "" && g.o.Padding != "zeros" && g.o.Padding != "border" && g.o.Padding != "reflection" {
		engine.Fail(where, "Padding %q is unknown; known: zeros, border, reflection", g.o.Padding)
	}
	at := make([]*eager.Tensor, g.axes) // positions along each spatial axis, in elements
	for k := range at {
		v := grid.Slice(-1, g.axes-1-k, g.axes-k).Squeeze(-1)
		n := float64(x.Size(2 + k))
		if g.o.AlignCorners {
			at[k] = v.Add(1).Mul((n - 1) / 2)
		} else {
			at[k] = v.Add(1).Mul(n).Sub(1).Div(2)
		}
	}
	switch g.o.Mode {
	case "", "bilinear":
		for k := range at {
			at[k] = g.inside(at[k], k)
		}
		return g.weighted(at, 0, 2, func(part *eager.Tensor, i int) *eager.Tensor {
			if i == 0 {
				return part.Neg().Add(1)
			}
			return part
		}, false)
	case "nearest":
		for k := range at {
			at[k] = g.inside(at[k], k).Detach().Round()
		}
		return g.read(at)
	case "bicubic":
		if g.axes != 2 {
			engine.Fail(where, "Mode bicubic is for x [n c h w], got %v", x.Array())
		}
		return g.weighted(at, -1, 4, cubicShare, true)
	}
	engine.Fail(where, "Mode %q is unknown; known: bilinear, nearest, bicubic", g.o.Mode)
	return nil
}

type gridSampler struct {
	x    *eager.Tensor
	axes int
	o    GridOptions
}

// inside moves positions along axis k into the image as Padding says; positions that are moved to an end
// have no gradient.
func (g *gridSampler) inside(v *eager.Tensor, k int) *eager.Tensor {
	n := float64(g.x.Size(2 + k))
	if g.o.Padding == "reflection" {
		lo, span := -0.5, n
		if g.o.AlignCorners {
			lo, span = 0, n-1
		}
		if span == 0 {
			v = v.Mul(0)
		} else {
			d := v.Sub(lo).Abs()
			turns := d.Detach().Div(span).Floor()
			rest := d.Sub(turns.Mul(span))
			v = eager.Where(turns.Mod(2).Eq(0), rest, rest.Neg().Add(span)).Add(lo)
		}
	}
	if g.o.Padding == "" || g.o.Padding == "zeros" {
		return v
	}
	v = eager.Where(v.Gt(0), v, 0) // NaN becomes 0
	return eager.Where(v.Lt(n-1), v, n-1)
}

// weighted sums the elements first … first+count−1 around each position, with shares of the fraction of the
// position on each axis.
func (g *gridSampler) weighted(
	at []*eager.Tensor, first, count int, share func(part *eager.Tensor, i int) *eager.Tensor, each bool,
) *eager.Tensor {
	floor, part := make([]*eager.Tensor, g.axes), make([]*eager.Tensor, g.axes)
	total := 1
	for k, v := range at {
		floor[k] = v.Detach().Floor()
		part[k] = v.Sub(floor[k])
		total *= count
	}
	var y *eager.Tensor
	corner := make([]*eager.Tensor, g.axes)
	for c := range total {
		var w *eager.Tensor
		for k, rest := 0, c; k < g.axes; k, rest = k+1, rest/count {
			i := rest % count
			corner[k] = floor[k].Add(float64(first + i))
			if each {
				corner[k] = g.inside(corner[k], k)
			}
			if s := share(part[k], i); w == nil {
				w = s
			} else {
				w = w.Mul(s)
			}
		}
		term := g.read(corner).Mul(w.Unsqueeze(1))
		if y == nil {
			y = term
		} else {
			y = y.Add(term)
		}
	}
	return y
}

// read returns x at whole positions, 0 outside.
func (g *gridSampler) read(at []*eager.Tensor) *eager.Tensor {
	s := g.x.Shape()
	var flat, within *eager.Tensor
	for k, v := range at {
		n := s[2+k]
		ok := v.Ge(0).And(v.Lt(float64(n)))
		i := eager.Where(ok, v, 0).To(eager.I64)
		if flat == nil {
			flat, within = i, ok
		} else {
			flat, within = flat.Mul(n).Add(i), within.And(ok)
		}
	}
	out := flat.Shape()
	rows := flat.Reshape(s[0], 1, -1).Expand(s[0], s[1], out[1:].Numel())
	y := g.x.Reshape(s[0], s[1], s[2:].Numel()).Gather(2, rows)
	y = y.Reshape(append([]int{s[0], s[1]}, out[1:]...)...)
	return eager.Where(within.Unsqueeze(1), y, 0)
}

// cubicShare is the weight of element i−1 around a position whose fraction is part.
// Source: Keys 1981, a = −0.75.
func cubicShare(part *eager.Tensor, i int) *eager.Tensor {
	const a = -0.75
	outer := func(d *eager.Tensor) *eager.Tensor { // 1 ≤ d < 2
		return d.Sub(5).Mul(d).Add(8).Mul(d).Sub(4).Mul(a)
	}
	inner := func(d *eager.Tensor) *eager.Tensor { // d < 1
		return d.Mul(a + 2).Sub(a + 3).Mul(d).Mul(d).Add(1)
	}
	switch i {
	case 0:
		return outer(part.Add(1))
	case 1:
		return inner(part)
	case 2:
		return inner(part.Neg().Add(1))
	}
	return outer(part.Neg().Add(2))
}

// AffineGrid returns the grid for GridSample that maps the points of a result of the given shape, [n c h w]
// or [n c d h w], by the matrices theta [n 2 3] or [n 3 4]. Agrees with torch.nn.functional.affine_grid.
func AffineGrid(theta *eager.Tensor, shape []int, alignCorners bool) *eager.Tensor {
	const where = "nn.AffineGrid"
	present(where, "theta", theta)
	k := len(shape) - 2
	if k < 2 || k > 3 || theta.Rank() != 3 || theta.Size(0) != shape[0] || theta.Size(1) != k || theta.Size(2) != k+1 {
		engine.Fail(where, "theta %v for shape %v; want [n 2 3] for [n c h w] or [n 3 4] for [n c d h w]",
			theta.Array(), shape)
	}
	extents(where, shape)
	axes := make([]*eager.Tensor, k)
	for i, n := range shape[2:] {
		v := make([]float64, n)
		for j := range v {
			if alignCorners {
				v[j] = -1 + 2*float64(j)/float64(max(n-1, 1))
			} else {
				v[j] = -1 + (2*float64(j)+1)/float64(n)
			}
			if alignCorners && n == 1 {
				v[j] = 0
			}
		}
		axes[i] = eager.FromFloat64s(v, n).To(theta.DType())
	}
	mesh := eager.Meshgrid(axes...)
	points := make([]*eager.Tensor, 0, k+1)
	for i := range mesh {
		points = append(points, mesh[k-1-i].Reshape(-1))
	}
	points = append(points, eager.OnesLike(points[0]))
	base := eager.Stack(1, points...) // [points k+1]
	y := base.MatMul(theta.T())
	return y.Reshape(append(append([]int{shape[0]}, shape[2:]...), k)...)
}
