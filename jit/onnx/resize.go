package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("Resize", 10, resize)
	add("Upsample", 1, upsample)
}

// sampling says how Resize reads along one axis.
type sampling struct {
	mode, transform, nearest string
	cubicA                   float64
	antialias, excludes      bool
	lo, hi                   float64 // region of interest of tf_crop_and_resize
}

func resize(c *call) []Value {
	x := c.numeric(0)
	s := x.Shape()
	axes := c.ints("axes")
	if axes == nil {
		for i := range s {
			axes = append(axes, i)
		}
	}
	for i, a := range axes {
		axes[i] = axisOf(a, len(s))
	}
	scalesAt, sizesAt := 2, 3
	if c.version < 11 {
		scalesAt, sizesAt = 1, 3
	}
	sizes, scales := c.extents(x, axes, scalesAt, sizesAt)
	k := sampling{
		mode:      c.oneOf("mode", "nearest", "linear", "cubic"),
		transform: c.string("coordinate_transformation_mode", "half_pixel"),
		nearest:   c.oneOf("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
		cubicA:    c.float("cubic_coeff_a", -0.75), antialias: c.flag("antialias"), excludes: c.flag("exclude_outside"),
	}
	if c.version < 11 {
		k.transform, k.nearest = "asymmetric", "floor"
	}
	var roi []float64
	if k.transform == "tf_crop_and_resize" {
		roi = c.numeric(1).Data.Float64s()
		if len(roi) != 2*len(axes) {
			fail("the region has %d numbers for %d axes", len(roi), len(axes))
		}
	}
	outside := c.float("extrapolation_value", 0)
	y := widenedAny(x, func(t *eager.Tensor) *eager.Tensor {
		for i, a := range axes {
			ki := k
			if roi != nil {
				ki.lo, ki.hi = roi[i], roi[len(axes)+i]
			}
			t = resampled(t, a, sizes[i], scales[i], ki, outside)
		}
		return t
	})
	return one(y)
}

// widenedAny is widened, with integers as f32 and rounded towards zero.
func widenedAny(x *Tensor, f unaryFunc) *Tensor {
	if x.Type.isInt() {
		return convert(FromTensor(f(x.Data.To(engine.F32))), x.Type, true, "up")
	}
	return widened(x, f)
}

// extents returns the wanted extent and the scale of each axis.
func (c *call) extents(x *Tensor, axes []int, scalesAt, sizesAt int) (sizes []int, scales []float64) {
	s := x.Shape()
	if c.has(scalesAt) && c.numeric(scalesAt).Numel() > 0 {
		scales = c.numeric(scalesAt).Data.Float64s()
		if len(scales) != len(axes) {
			fail("%d scales for %d axes", len(scales), len(axes))
		}
		for i, a := range axes {
			if !(scales[i] > 0) || float64(s[a])*scales[i] > maxElements {
				fail("scale %v of axis %d", scales[i], a)
			}
			sizes = append(sizes, int(math.Floor(float64(s[a])*scales[i])))
		}
		return sizes, scales
	}
	sizes = slices.Clone(c.inputInts(sizesAt))
	if len(sizes) != len(axes) {
		fail("%d sizes for %d axes", len(sizes), len(axes))
	}
	for i, a := range axes {
		scales = append(scales, float64(sizes[i])/float64(s[a]))
	}
	policy := c.oneOf("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller")
	if policy != "stretch" {
		scale := slices.Min(scales)
		if policy == "not_smaller" {
			scale = slices.Max(scales)
		}
		for i, a := range axes {
			scales[i] = scale
			sizes[i] = int(math.Floor(scale*float64(s[a]) + 0.5))
		}
	}
	return sizes, scales
}

// resampled resizes one axis: every result is a weighted sum of a few elements.
func resampled(t *eager.Tensor, axis, size int, scale float64, k sampling, outside float64) *eager.Tensor {
	n := t.Size(axis)
	if size == n && scale == 1 && k.transform != "tf_crop_and_resize" {
		return t
	}
	if n == 0 || size < 0 {
		fail("axis %d of extent %d cannot become %d", axis, n, size)
	}
	index := make([][]int, 0, 4) // of each tap
	weight := make([][]float64, 0, 4)
	beyond := list[bool](size)
	anyBeyond := false
	for i := range size {
		x, out := k.coordinate(i, n, size, scale)
		beyond[i] = out
		anyBeyond = anyBeyond || out
		at, w := k.taps(x, n, scale)
		for len(index) < len(at) {
			index, weight = append(index, list[int](size)), append(weight, list[float64](size))
		}
		for j := range at {
			index[j][i], weight[j][i] = at[j], w[j]
		}
	}
	shape := make([]int, t.Rank())
	for i := range shape {
		shape[i] = 1
	}
	shape[axis] = size
	var y *eager.Tensor
	for j := range index {
		part := t.IndexSelect(axis, eager.FromInts(index[j], size))
		if k.mode != "nearest" {
			part = part.Mul(eager.FromFloat64s(weight[j], size).To(t.DType()).Reshape(shape...))
		}
		if y == nil {
			y = part
		} else {
			y = y.Add(part)
		}
	}
	if anyBeyond {
		mask := eager.FromArray(engine.Of(engine.Shape{size}, beyond)).Reshape(shape...)
		y = eager.Where(mask, eager.FullLike(y, outside), y)
	}
	return y
}

// coordinate returns where result i lies on the axis of n elements, and whether that is outside of it.
func (k sampling) coordinate(i, n, size int, scale float64) (x float64, outside bool) {
	length := scale * float64(n)
	switch k.transform {
	case "align_corners":
		if length == 1 {
			return 0, false
		}
		return float64(i) * float64(n-1) / (length - 1), false
	case "asymmetric":
		return float64(i) / scale, false
	case "tf_crop_and_resize":
		if length == 1 {
			x = (k.hi - k.lo) * float64(n-1) / 2
		} else {
			x = float64(i) * (k.hi - k.lo) * float64(n-1) / (length - 1)
		}
		x += k.lo * float64(n-1)
		return x, x < 0 || x > float64(n-1)
	case "pytorch_half_pixel":
		if length == 1 {
			return -0.5, false
		}
		return (float64(i)+0.5)/scale - 0.5, false
	case "tf_half_pixel_for_nn":
		return (float64(i) + 0.5) / scale, false
	case "half_pixel_symmetric":
		adjust := float64(size) / length
		center := float64(n) / 2
		return center*(1-adjust) + (float64(i)+0.5)/scale - 0.5, false
	case "half_pixel":
		return (float64(i)+0.5)/scale - 0.5, false
	}
	fail("coordinate_transformation_mode %q is unknown", k.transform)
	return 0, false
}

// taps returns the elements around x and their weights; elements beyond the ends are those at the ends.
func (k sampling) taps(x float64, n int, scale float64) (at []int, w []float64) {
	floor := math.Floor(x)
	if k.mode == "nearest" {
		return []int{clampIndex(k.round(x, floor), n)}, []float64{1}
	}
	reach, f := 1.0, triangle
	if k.mode == "cubic" {
		reach, f = 2, func(d float64) float64 { return cubic(d, k.cubicA) }
	}
	stretch := 1.0
	if k.antialias && scale < 1 {
		stretch = scale
	}
	lo, hi := int(floor-math.Ceil(reach/stretch))+1, int(floor+math.Ceil(reach/stretch))
	sum := 0.0
	for i := lo; i <= hi; i++ {
		v := f((float64(i) - x) * stretch)
		if k.excludes && (i < 0 || i >= n) {
			v = 0
		}
		at, w = append(at, clampIndex(float64(i), n)), append(w, v)
		sum += v
	}
	if k.excludes || stretch != 1 {
		for i := range w {
			w[i] /= sum
		}
	}
	return at, w
}

func (k sampling) round(x, floor float64) float64 {
	switch k.nearest {
	case "floor":
		return floor
	case "ceil":
		return math.Ceil(x)
	case "round_prefer_ceil":
		return math.Floor(x + 0.5)
	}
	return math.Ceil(x - 0.5)
}

func clampIndex(i float64, n int) int { return int(min(max(i, 0), float64(n-1))) }

func triangle(d float64) float64 { return max(0, 1-math.Abs(d)) }

// cubic is Keys's kernel with parameter a.
func cubic(d, a float64) float64 {
	d = math.Abs(d)
	switch {
	case d <= 1:
		return ((a+2)*d-(a+3))*d*d + 1
	case d < 2:
		return ((a*d-5*a)*d+8*a)*d - 4*a
	}
	return 0
}

// upsample is Resize of version 10 with scales as attribute (before 9) or input.
func upsample(c *call) []Value {
	x := c.numeric(0)
	scales := c.floats("scales")
	switch {
	case c.version >= 9:
		scales = c.numeric(1).Data.Float64s()
	case c.version < 7:
		scales = []float64{1, 1, c.float("height_scale", 1), c.float("width_scale", 1)}
	}
	if len(scales) != len(x.Shape()) {
		fail("%d scales for %s", len(scales), x.describe())
	}
	mode := c.oneOf("mode", "nearest", "linear", "bilinear")
	k := sampling{mode: "nearest", transform: "asymmetric", nearest: "floor"}
	if mode != "nearest" {
		k.mode = "linear"
	}
	return one(widenedAny(x, func(t *eager.Tensor) *eager.Tensor {
		for i, s := range scales {
			if !(s > 0) {
				fail("scale %v of axis %d", s, i)
			}
			t = resampled(t, i, int(math.Floor(float64(t.Size(i))*s)), s, k, 0)
		}
		return t
	}))
}
