package pixel

import "math"

// Filter is how pixels between samples are computed.
type Filter int

// The filters, with the support of Pillow's.
const (
	Bilinear Filter = iota
	Bicubic
	Box
	Lanczos
)

func (f Filter) support() float64 { return [...]float64{1, 2, 0.5, 3}[f] }

func (f Filter) at(x float64) float64 {
	x0 := x
	x = math.Abs(x)
	switch f {
	case Bilinear:
		return max(0, 1-x)
	case Bicubic:
		return cubic(x, -0.5)
	case Box:
		if x0 > -0.5 && x0 <= 0.5 {
			return 1
		}
	case Lanczos:
		if x0 >= -3 && x0 < 3 {
			return sinc(x0) * sinc(x0/3)
		}
	}
	return 0
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

// filter holds the taps of every result along one axis.
type filter struct {
	from, n int
	size    int     // taps between the coefs of two results
	span    []int32 // first tap and number of taps, for each result
	coef    []int32 // 22 fraction bits
	weight  []float64
}

// newFilter computes the taps that turn from samples into n.
func newFilter(from, n int, kind Filter) *filter {
	scale := float64(from) / float64(n)
	stretch := max(scale, 1)
	support := kind.support() * stretch
	f := &filter{from: from, n: n, size: int(math.Ceil(support))*2 + 1}
	f.span, f.coef = make([]int32, 2*n), make([]int32, n*f.size)
	f.weight = make([]float64, n*f.size)
	for i := range n {
		center := (float64(i) + 0.5) * scale
		first := max(int(center-support+0.5), 0)
		last := min(int(center+support+0.5), from)
		first = min(first, from-1)
		last = max(last, first+1)
		w, sum := f.weight[i*f.size:][:last-first], 0.0
		for k := range w {
			w[k] = kind.at((float64(k+first) - center + 0.5) / stretch)
			sum += w[k]
		}
		for k := range w {
			if sum != 0 {
				w[k] /= sum
			}
			f.coef[i*f.size+k] = int32(math.Copysign(0.5, w[k]) + w[k]*(1<<22))
		}
		f.span[2*i], f.span[2*i+1] = int32(first), int32(len(w))
	}
	return f
}

// Resizer changes the size of images of one size to another. It may be used by several goroutines.
type Resizer struct {
	w, h, ow, oh int
	x, y         *filter
}

// NewPointResizer is NewResizer with a filter that does not grow with the reduction: it looks at the
// nearest samples, and repeats those at the edges (PyTorch's rule without antialias; its cubic has a = −0.75).
func NewPointResizer(w, h, ow, oh int, kind Filter) *Resizer {
	r := &Resizer{w: w, h: h, ow: ow, oh: oh}
	if w != ow {
		r.x = pointFilter(w, ow, kind)
	}
	if h != oh {
		r.y = pointFilter(h, oh, kind)
	}
	return r
}

func pointFilter(from, n int, kind Filter) *filter {
	taps := 2
	if kind == Bicubic {
		taps = 4
	}
	f := &filter{from: from, n: n, size: taps}
	f.span, f.coef, f.weight = make([]int32, 2*n), make([]int32, n*taps), make([]float64, n*taps)
	for i := range n {
		at := (float64(i)+0.5)*float64(from)/float64(n) - 0.5
		low := int(math.Floor(at)) - taps/2 + 1
		first := min(max(low, 0), max(from-taps, 0))
		for k := range taps {
			x := math.Abs(at - float64(low+k))
			w := 1 - x
			if kind == Bicubic {
				w = cubic(x, -0.75)
			}
			f.weight[i*taps+min(max(low+k, 0), from-1)-first] += w
		}
		f.span[2*i], f.span[2*i+1] = int32(first), int32(min(taps, from))
		for k, w := range f.weight[i*taps:][:taps] {
			f.coef[i*taps+k] = int32(math.Copysign(0.5, w) + w*(1<<22))
		}
	}
	return f
}

// cubic is the convolution kernel of Keys with parameter a, for x ≥ 0.
func cubic(x, a float64) float64 {
	switch {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return (((x-5)*x+8)*x - 4) * a
	}
	return 0
}

// NewResizer returns the Resizer from w×h to ow×oh, with a filter as wide as the reduction is (Pillow's
// rule) so that details do not alias.
func NewResizer(w, h, ow, oh int, kind Filter) *Resizer {
	r := &Resizer{w: w, h: h, ow: ow, oh: oh}
	if ow != w {
		r.x = newFilter(w, ow, kind)
	}
	if oh != h {
		r.y = newFilter(h, oh, kind)
	}
	return r
}

// Resize writes planes images of ow×oh to dst from as many of w×h at src, one after the other.
func (r *Resizer) Resize(dst, src []byte, planes int) {
	if r.x == nil && r.y == nil {
		copy(dst, src[:planes*r.w*r.h])
		return
	}
	lo, hi := 0, r.h // rows that the second pass reads
	if r.y != nil {
		lo = int(r.y.span[0])
		hi = int(r.y.span[2*r.oh-2] + r.y.span[2*r.oh-1])
	}
	mid, stride := src, r.w*r.h
	if r.x != nil {
		mid, stride = dst, r.ow*r.oh
		if r.y != nil {
			stride = r.ow * (hi - lo)
			mid = make([]byte, planes*stride)
		}
		for p := range planes {
			r.x.rows(mid[p*stride:][:r.ow*(hi-lo)], src[p*r.w*r.h+lo*r.w:][:(hi-lo)*r.w], hi-lo)
		}
		if r.y == nil {
			return
		}
	} else {
		mid = src[lo*r.w:]
	}
	for p := range planes {
		r.y.columns(dst[p*r.ow*r.oh:][:r.ow*r.oh], mid[p*stride:], r.ow, lo)
	}
}

// rows resizes h rows along themselves.
func (f *filter) rows(dst, src []byte, h int) {
	if !simd || h < 16 || f.from < 16 || f.n < 16 {
		f.rowsGo(dst, src, h)
		return
	}
	wide, narrow := make([]byte, 16*f.from), make([]byte, 16*f.n)
	for y := 0; y < h; y += 16 {
		y := min(y, h-16) // the last strip overlaps the one before
		in, out := src[y*f.from:], dst[y*f.n:]
		transposeSIMD(wide, in, 16, f.from, 256, 16, f.from/16)
		if last := f.from - 16; f.from%16 != 0 {
			transposeSIMD(wide[16*last:], in[last:], 16, f.from, 256, 16, 1)
		}
		acrossSIMD(narrow, wide, f)
		transposeSIMD(out, narrow, f.n, 16, 16, 256, f.n/16)
		if last := f.n - 16; f.n%16 != 0 {
			transposeSIMD(out[last:], narrow[16*last:], f.n, 16, 16, 256, 1)
		}
	}
}

func (f *filter) rowsGo(dst, src []byte, h int) {
	for y := range h {
		in, out := src[y*f.from:][:f.from], dst[y*f.n:][:f.n]
		for x := range out {
			first, n := f.span[2*x], f.span[2*x+1]
			taps := in[first : first+n]
			sum := int32(1 << 21)
			for k, c := range f.coef[x*f.size:][:n] {
				sum += c * int32(taps[k])
			}
			out[x] = clamp(sum >> 22)
		}
	}
}

// columns resizes rows of w across; the first row of src is row lo.
func (f *filter) columns(dst, src []byte, w, lo int) {
	for y := range f.n {
		first, n := int(f.span[2*y])-lo, int(f.span[2*y+1])
		taps, in, out := f.coef[y*f.size:][:n], src[first*w:], dst[y*w:][:w]
		if !simd || w < 16 {
			columnsGo(out, in, w, taps)
			continue
		}
		downSIMD(out, in, w, taps, w&^15)
		if last := w - 16; w%16 != 0 {
			downSIMD(out[last:], in[last:], w, taps, 16)
		}
	}
}

func columnsGo(dst, src []byte, stride int, taps []int32) {
	for x := range dst {
		sum := int32(1 << 21)
		for k, c := range taps {
			sum += c * int32(src[k*stride+x])
		}
		dst[x] = clamp(sum >> 22)
	}
}
