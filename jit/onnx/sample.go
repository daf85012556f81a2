package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("GridSample", 16, gridSample)
	add("AffineGrid", 20, affineGrid)
	add("DeformConv", 19, deformConv)
	add("RoiAlign", 10, roiAlign)
	add("MaxRoiPool", 1, maxRoiPool)
}

// sampler reads one plane of any number of axes between its elements.
type sampler struct {
	shape, strides []int
	padding        string // zeros, border, reflection
	cubic          bool
	corners        bool
}

// element returns the place of an element, or −1 where the padding gives 0.
func (s *sampler) element(at []int) int {
	p := 0
	for i, k := range at {
		n := s.shape[i]
		if k < 0 || k >= n {
			switch s.padding {
			case "border":
				k = min(max(k, 0), n-1)
			case "reflection":
				k = s.reflect(k, n)
			default:
				return -1
			}
		}
		p += k * s.strides[i]
	}
	return p
}

func (s *sampler) reflect(k, n int) int {
	lo, hi := -0.5, float64(n)-0.5
	if s.corners {
		lo, hi = 0, float64(n-1)
	}
	return int(min(max(reflected(float64(k), lo, hi), 0), float64(n-1)))
}

func reflected(x, lo, hi float64) float64 {
	if hi <= lo {
		return lo
	}
	span := hi - lo
	d := math.Abs(x - lo)
	turns := math.Floor(d / span)
	r := d - turns*span
	if int64(turns)%2 == 0 {
		return lo + r
	}
	return hi - r
}

// coefficients returns the weights of the elements from ⌊x⌋ (linear) or ⌊x⌋ − 1 (cubic) on.
func (s *sampler) coefficients(x float64) (first int, w []float64) {
	f := math.Floor(x)
	d := x - f
	if s.cubic {
		return int(f) - 1, []float64{cubic(d+1, -0.75), cubic(d, -0.75), cubic(1-d, -0.75), cubic(2-d, -0.75)}
	}
	return int(f), []float64{1 - d, d}
}

// each calls f for every element that contributes at x, with its place and weight.
func (s *sampler) each(x []float64, f func(p int, w float64)) {
	at := make([]int, len(x))
	var walk func(i int, w float64)
	walk = func(i int, w float64) {
		if i == len(x) {
			if p := s.element(at); p >= 0 {
				f(p, w)
			}
			return
		}
		first, ws := s.coefficients(x[i])
		for k, v := range ws {
			if v != 0 {
				at[i] = first + k
				walk(i+1, w*v)
			}
		}
	}
	walk(0, 1)
}

// gridSample reads x: [N C d1 …] at grid: [N o1 … r], whose last axis counts from the last spatial axis.
func gridSample(c *call) []Value {
	x, grid := c.numeric(0), c.numeric(1)
	spatial := spatialOf(x)
	r := len(spatial)
	gs := grid.Shape()
	if len(gs) != r+2 || gs[r+1] != r || gs[0] != x.Shape()[0] {
		fail("grid %s for %s, want [N o1 … %d]", grid.describe(), x.describe(), r)
	}
	mode := c.string("mode", "linear")
	s := &sampler{
		shape: spatial, strides: engine.Shape(spatial).Strides(), corners: c.flag("align_corners"),
		padding: c.oneOf("padding_mode", "zeros", "border", "reflection"),
		cubic:   mode == "cubic" || mode == "bicubic",
	}
	n, channels := x.Shape()[0], x.Shape()[1]
	plane, points := engine.Shape(spatial).Numel(), engine.Shape(gs[1:r+1]).Numel()
	v, g := x.Data.Float64s(), grid.Data.Float64s()
	out := list[float64](n * channels * points)
	engine.Parallel(n*points, 64, func(lo, hi int) {
		at := make([]float64, r)
		for q := lo; q < hi; q++ {
			for i := range at {
				at[i] = s.denormal(g[q*r+r-1-i], spatial[i])
			}
			b, p := q/points, q%points
			if mode == "nearest" {
				for i, a := range at {
					at[i] = math.RoundToEven(a)
				}
			} else if s.padding != "zeros" {
				s.inside(at)
			}
			s.each(at, func(e int, w float64) {
				for ch := range channels {
					out[(b*channels+ch)*points+p] += w * v[(b*channels+ch)*plane+e]
				}
			})
		}
	})
	return one(fromFloats(x.Type, out, slices.Concat(x.Shape()[:2], gs[1:r+1])))
}

// denormal maps [−1, 1] to the elements of an axis of extent n.
func (s *sampler) denormal(v float64, n int) float64 {
	if s.corners {
		return (v + 1) / 2 * float64(n-1)
	}
	return ((v+1)*float64(n) - 1) / 2
}

// inside brings coordinates beyond the border back, as the padding mode says.
func (s *sampler) inside(at []float64) {
	for i, a := range at {
		n := float64(s.shape[i])
		switch {
		case math.IsNaN(a) || math.IsInf(a, 0):
			at[i] = -100
		case s.padding == "border":
			at[i] = min(max(a, 0), n-1)
		case s.corners:
			at[i] = reflectedOutside(a, 0, n-1)
		default:
			at[i] = reflectedOutside(a, -0.5, n-0.5)
		}
	}
}

func reflectedOutside(a, lo, hi float64) float64 {
	if a >= lo && a <= hi {
		return a
	}
	return reflected(a, lo, hi)
}

func affineGrid(c *call) []Value {
	theta, size := c.numeric(0), c.inputInts(1)
	r := len(size) - 2
	if _, err := shapeOf(int64s(size)); err != nil {
		fail("size: %v", err)
	}
	if (r != 2 && r != 3) || !theta.Shape().Equal(engine.Shape{size[0], r, r + 1}) {
		fail("theta %s for size %v", theta.describe(), size)
	}
	spatial := engine.Shape(size[2:])
	corners := c.flag("align_corners")
	points := spatial.Numel()
	base := list[float64](points * (r + 1))[:0] // x, y, (z,) 1
	strides := spatial.Strides()
	for p := range points {
		for k := r - 1; k >= 0; k-- {
			i, n := p/strides[k]%spatial[k], float64(spatial[k])
			v := (2*float64(i)+1)/n - 1
			if corners {
				v = 2*float64(i)/(n-1) - 1
			}
			base = append(base, v)
		}
		base = append(base, 1)
	}
	b := eager.FromFloat64s(base, points, r+1)
	y := b.MatMul(theta.Data.To(engine.F64).Permute(0, 2, 1))
	return one(number(theta.Type, y.Reshape(slices.Concat([]int{size[0]}, spatial, []int{r})...)))
}

// deformConv is a convolution whose samples are moved by offsets and weighted by a mask.
func deformConv(c *call) []Value {
	x, w, offset := c.numeric(0), c.numeric(1), c.numeric(2)
	spatial := spatialOf(x)
	kernel := c.ints("kernel_shape")
	if kernel == nil {
		kernel = spatialOf(w)
	}
	win := windowOf(c, spatial, kernel)
	r, taps := len(spatial), engine.Shape(kernel).Numel()
	os := offset.Shape()
	groups := c.int("offset_group", 1)
	n, channels := x.Shape()[0], x.Shape()[1]
	if len(os) != r+2 || groups < 1 || channels%groups != 0 || os[1] != groups*taps*r {
		fail("offsets %s for %s with kernel %v and %d groups", offset.describe(), x.describe(), kernel, groups)
	}
	out := engine.Shape(os[2:])
	points, plane := out.Numel(), engine.Shape(spatial).Numel()
	s := &sampler{shape: spatial, strides: engine.Shape(spatial).Strides(), padding: "zeros"}
	v, move := x.Data.Float64s(), offset.Data.Float64s()
	var mask []float64
	if c.has(4) {
		mask = c.numeric(4).Data.Float64s()
	}
	kStrides, oStrides := engine.Shape(kernel).Strides(), out.Strides()
	perGroup := channels / groups
	cols := list[float64](n * channels * taps * points) // [N, C·taps, points]
	engine.Parallel(n*groups*taps, 1, func(lo, hi int) {
		at := make([]float64, r)
		for q := lo; q < hi; q++ {
			b, g, t := q/(groups*taps), q/taps%groups, q%taps
			for p := range points {
				for i := range r {
					k, o := t/kStrides[i]%kernel[i], p/oStrides[i]%out[i]
					at[i] = float64(o*win.stride[i]-win.lo[i]+k*win.dilation[i]) +
						move[((b*groups+g)*taps*r+t*r+i)*points+p]
				}
				scale := 1.0
				if mask != nil {
					scale = mask[((b*groups+g)*taps+t)*points+p]
				}
				s.each(at, func(e int, wt float64) {
					for ch := g * perGroup; ch < (g+1)*perGroup; ch++ {
						cols[((b*channels+ch)*taps+t)*points+p] += scale * wt * v[(b*channels+ch)*plane+e]
					}
				})
			}
		}
	})
	g := c.int("group", 1)
	ws := w.Shape()
	if g < 1 || channels%g != 0 || ws[0]%g != 0 {
		fail("weights %s with %d groups", w.describe(), g)
	}
	mat := eager.FromArray(engine.Of(engine.Shape{n, g, channels / g * taps, points}, cols))
	y := w.Data.To(engine.F64).Reshape(g, ws[0]/g, ws[1]*taps).MatMul(mat)
	y = y.Reshape(slices.Concat([]int{n, ws[0]}, out)...)
	if c.has(3) {
		y = y.Add(perChannel(c.numeric(3).Data.To(engine.F64), r+2))
	}
	return one(number(x.Type, y))
}

// roiAlign pools regions, sampled between elements.
func roiAlign(c *call) []Value {
	x, rois, batch := c.numeric(0), c.numeric(1), c.inputInts(2)
	s := x.Shape()
	if len(s) != 4 || len(rois.Shape()) != 2 || rois.Shape()[1] != 4 || rois.Shape()[0] != len(batch) {
		fail("%s with regions %s and %d batch indices", x.describe(), rois.describe(), len(batch))
	}
	ph, pw := c.int("output_height", 1), c.int("output_width", 1)
	scale, ratio := c.float("spatial_scale", 1), c.int("sampling_ratio", 0)
	half := c.version >= 16 && c.oneOf("coordinate_transformation_mode", "half_pixel", "output_half_pixel") == "half_pixel"
	largest := c.oneOf("mode", "avg", "max") == "max"
	v, box := x.Data.Float64s(), rois.Data.Float64s()
	h, w := s[2], s[3]
	if ph < 1 || pw < 1 || ph > 1<<16 || pw > 1<<16 || ratio > 1<<10 {
		fail("bins of %d×%d with %d samples", ph, pw, ratio)
	}
	out := list[float64](len(batch) * s[1] * ph * pw)
	for k, b := range batch {
		if b < 0 || b >= s[0] {
			fail("batch index %d is outside %d", b, s[0])
		}
		shift := 0.0
		if half {
			shift = 0.5
		}
		x0, y0 := box[4*k]*scale-shift, box[4*k+1]*scale-shift
		rw, rh := box[4*k+2]*scale-shift-x0, box[4*k+3]*scale-shift-y0
		if !half {
			rw, rh = max(rw, 1), max(rh, 1)
		}
		bh, bw := rh/float64(ph), rw/float64(pw)
		gh, gw := ratio, ratio
		if ratio <= 0 {
			gh, gw = int(math.Ceil(bh)), int(math.Ceil(bw))
		}
		for p := range ph * pw {
			best := make([]float64, s[1])
			first := true
			for g := range gh * gw {
				yy := y0 + float64(p/pw)*bh + (float64(g/gw)+0.5)*bh/float64(gh)
				xx := x0 + float64(p%pw)*bw + (float64(g%gw)+0.5)*bw/float64(gw)
				at, wt := corners(yy, xx, h, w)
				for ch := range s[1] {
					plane := v[(b*s[1]+ch)*h*w:]
					sum, top := 0.0, math.Inf(-1)
					for i := range at {
						sum += wt[i] * plane[at[i]]
						top = max(top, wt[i]*plane[at[i]])
					}
					switch {
					case !largest:
						best[ch] += sum / float64(max(gh*gw, 1))
					case first || top > best[ch]:
						best[ch] = top
					}
				}
				first = false
			}
			for ch := range s[1] {
				out[(k*s[1]+ch)*ph*pw+p] = best[ch]
			}
		}
	}
	return one(fromFloats(x.Type, out, engine.Shape{len(batch), s[1], ph, pw}))
}

// corners returns the four elements around a point of an h×w plane and their weights.
func corners(y, x float64, h, w int) (at [4]int, wt [4]float64) {
	if y < -1 || y > float64(h) || x < -1 || x > float64(w) {
		return at, wt
	}
	y, x = max(y, 0), max(x, 0)
	y0, x0 := min(int(y), h-1), min(int(x), w-1)
	y1, x1 := min(y0+1, h-1), min(x0+1, w-1)
	if y0 == h-1 {
		y = float64(y0)
	}
	if x0 == w-1 {
		x = float64(x0)
	}
	dy, dx := y-float64(y0), x-float64(x0)
	at = [4]int{y0*w + x0, y0*w + x1, y1*w + x0, y1*w + x1}
	wt = [4]float64{(1 - dy) * (1 - dx), (1 - dy) * dx, dy * (1 - dx), dy * dx}
	return at, wt
}

// maxRoiPool takes the largest element of each bin of regions (batch, x1, y1, x2, y2).
func maxRoiPool(c *call) []Value {
	x, rois := c.numeric(0), c.numeric(1)
	s, pooled := x.Shape(), c.ints("pooled_shape")
	if len(s) != 4 || len(pooled) != 2 || len(rois.Shape()) != 2 || rois.Shape()[1] != 5 {
		fail("%s with regions %s and bins %v", x.describe(), rois.describe(), pooled)
	}
	scale := c.float("spatial_scale", 1)
	v, box := x.Data.Float64s(), rois.Data.Float64s()
	h, w, n := s[2], s[3], rois.Shape()[0]
	if pooled[0] < 1 || pooled[1] < 1 || pooled[0] > 1<<16 || pooled[1] > 1<<16 {
		fail("pooled_shape is %v", pooled)
	}
	out := list[float64](n * s[1] * pooled[0] * pooled[1])[:0]
	for k := range n {
		r := box[5*k : 5*k+5]
		b := int(r[0])
		if b < 0 || b >= s[0] {
			fail("batch index %d is outside %d", b, s[0])
		}
		x0, y0 := int(math.Round(r[1]*scale)), int(math.Round(r[2]*scale))
		rw := max(int(math.Round(r[3]*scale))-x0+1, 1)
		rh := max(int(math.Round(r[4]*scale))-y0+1, 1)
		bin := func(i, extent, bins, from, limit int) (lo, hi int) {
			size := float64(extent) / float64(bins)
			lo = int(math.Floor(float64(i)*size)) + from
			hi = int(math.Ceil(float64(i+1)*size)) + from
			return min(max(lo, 0), limit), min(max(hi, 0), limit)
		}
		for ch := range s[1] {
			plane := v[(b*s[1]+ch)*h*w:]
			for p := range pooled[0] * pooled[1] {
				ya, yb := bin(p/pooled[1], rh, pooled[0], y0, h)
				xa, xb := bin(p%pooled[1], rw, pooled[1], x0, w)
				best := math.Inf(-1)
				for i := ya; i < yb; i++ {
					for j := xa; j < xb; j++ {
						best = max(best, plane[i*w+j])
					}
				}
				if math.IsInf(best, -1) {
					best = 0
				}
				out = append(out, best)
			}
		}
	}
	return one(fromFloats(x.Type, out, engine.Shape{n, s[1], pooled[0], pooled[1]}))
}
