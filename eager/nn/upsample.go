package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// UpsampleOptions are the options of Interpolate and NewUpsample. Size or Scale is given.
type UpsampleOptions struct {
	Size         []int     // spatial extents of the result; one number stands for all axes
	Scale        []float64 // factors of the spatial extents; one number stands for all axes
	Mode         string    // "nearest" (or ""), "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"
	AlignCorners bool      // linear and cubic: corner elements keep their values
	Antialias    bool      // bilinear and bicubic: widen the filter when the result is smaller
	Recompute    bool      // use the rounded extents rather than Scale to place elements
}

// Interpolate changes the spatial extents of x [n c spatial…].
// Agrees with torch.nn.functional.interpolate.
func Interpolate(x *eager.Tensor, o UpsampleOptions) *eager.Tensor {
	return interpolate("nn.Interpolate", x, o)
}

// Upsample is Interpolate as a layer. x: [n c spatial…] → [n c spatial…].
type Upsample struct {
	Base
	o UpsampleOptions
}

// NewUpsample returns the layer. Agrees with torch.nn.Upsample.
func NewUpsample(o UpsampleOptions) *Upsample {
	if (len(o.Size) > 0) == (len(o.Scale) > 0) {
		engine.Fail("nn.NewUpsample", "Size %v and Scale %v; want one of them", o.Size, o.Scale)
	}
	return &Upsample{o: o}
}

// Forward returns x with other spatial extents.
func (u *Upsample) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Upsample", "nn.NewUpsample", u != nil && len(u.o.Size)+len(u.o.Scale) > 0, x)
	return u.Done(x, interpolate("nn.Upsample", x, u.o))
}

// spatialRank is the number of spatial axes that a mode is for; 0: any.
var spatialRank = map[string]int{
	"": 0, "nearest": 0, "nearest-exact": 0, "area": 0, "linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3,
}

func interpolate(where string, x *eager.Tensor, o UpsampleOptions) *eager.Tensor {
	present(where, "x", x)
	floating(where, x)
	want, known := spatialRank[o.Mode]
	n := x.Rank() - 2
	switch {
	case !known:
		engine.Fail(where, "Mode %q is unknown; known: nearest nearest-exact area linear bilinear bicubic trilinear",
			o.Mode)
	case n < 1 || want > 0 && n != want:
		engine.Fail(where, "input %v for mode %q; want [n c spatial…] with %d spatial axes", x.Array(), o.Mode,
			max(want, 1))
	case (len(o.Size) > 0) == (len(o.Scale) > 0):
		engine.Fail(where, "Size %v and Scale %v; want one of them", o.Size, o.Scale)
	case len(o.Size) > 1 && len(o.Size) != n || len(o.Scale) > 1 && len(o.Scale) != n:
		engine.Fail(where, "Size %v and Scale %v for %d spatial axes", o.Size, o.Scale, n)
	}
	for i := range n {
		in := x.Size(2 + i)
		r := resampling{in: in, mode: o.Mode, align: o.AlignCorners, antialias: o.Antialias}
		if len(o.Size) > 0 {
			r.out = o.Size[min(i, len(o.Size)-1)]
			r.scale = float64(in) / float64(r.out)
		} else {
			s := o.Scale[min(i, len(o.Scale)-1)]
			r.out = int(math.Floor(float64(in) * s))
			r.scale = 1 / s
			if o.Recompute {
				r.scale = float64(in) / float64(r.out)
			}
		}
		atLeast(where, "a spatial extent of the result", r.out, 1)
		atLeast(where, "a spatial extent of the input", in, 1)
		x = r.apply(x, 2+i)
	}
	return x
}

// resampling is the change of one axis from in to out elements.
type resampling struct {
	in, out          int
	scale            float64 // input elements for each of the output
	mode             string
	align, antialias bool
}

func (r resampling) apply(x *eager.Tensor, axis int) *eager.Tensor {
	if r.mode == "" || r.mode == "nearest" || r.mode == "nearest-exact" {
		return x.IndexSelect(axis, eager.FromInts(r.nearest(), r.out))
	}
	w := make([]float64, r.out*r.in) // weight of each input element in each of the output
	for i := range r.out {
		row := w[i*r.in:][:r.in]
		switch {
		case r.mode == "area":
			r.area(row, i)
		case r.antialias:
			r.filter(row, i)
		case r.mode == "bicubic":
			r.cubic(row, i)
		default:
			r.linear(row, i)
		}
	}
	m := eager.FromFloat64s(w, r.out, r.in).To(x.DType())
	last := x.Rank() - 1
	return x.Transpose(axis, last).MatMul(m.T()).Transpose(axis, last)
}

func (r resampling) nearest() []int {
	index := make([]int, r.out)
	for i := range index {
		at := float64(i)
		if r.mode == "nearest-exact" {
			at += 0.5
		}
		index[i] = min(int(at*r.scale), r.in-1)
	}
	return index
}

// area averages the elements that output i covers.
func (r resampling) area(row []float64, i int) {
	from, to := i*r.in/r.out, ((i+1)*r.in+r.out-1)/r.out
	for j := from; j < to; j++ {
		row[j] = 1 / float64(to-from)
	}
}

// source is the place of output i among the inputs.
func (r resampling) source(i int) float64 {
	if !r.align {
		return r.scale*(float64(i)+0.5) - 0.5
	}
	if r.out == 1 {
		return 0
	}
	return float64(i) * float64(r.in-1) / float64(r.out-1)
}

func (r resampling) linear(row []float64, i int) {
	s := max(r.source(i), 0)
	j := min(int(s), r.in-1)
	f := s - float64(j)
	row[j] += 1 - f
	row[min(j+1, r.in-1)] += f
}

// cubic is the convolution of Keys 1981 with a = −¾.
func (r resampling) cubic(row []float64, i int) {
	s := r.source(i)
	j := math.Floor(s)
	for k := -1; k <= 2; k++ {
		at := min(max(int(j)+k, 0), r.in-1)
		row[at] += keys(s-j-float64(k), -0.75)
	}
}

func keys(x, a float64) float64 {
	x = math.Abs(x)
	switch {
	case x <= 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return ((a*x-5*a)*x+8*a)*x - 4*a
	}
	return 0
}

// filter is linear or cubic with a support that grows with the scale.
func (r resampling) filter(row []float64, i int) {
	scale := r.scale
	if r.align && r.out > 1 {
		scale = float64(r.in-1) / float64(r.out-1)
	}
	wide := max(scale, 1)
	support, kernel := wide, func(x float64) float64 { return max(1-math.Abs(x), 0) }
	if r.mode == "bicubic" {
		support, kernel = 2*wide, func(x float64) float64 { return keys(x, -0.5) }
	}
	centre := scale * (float64(i) + 0.5)
	from, to := max(int(centre-support+0.5), 0), min(int(centre+support+0.5), r.in)
	sum := 0.0
	for j := from; j < to; j++ {
		row[j] = kernel((float64(j) - centre + 0.5) / wide)
		sum += row[j]
	}
	for j := from; j < to; j++ {
		row[j] /= sum
	}
}
