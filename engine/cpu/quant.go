package cpu

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// QuantWeights are 8-bit weights of a convolution or a linear layer, packed once in the order in which
// products of bytes read them. They may be used by several goroutines.
type QuantWeights struct {
	spec      ConvSpec
	shape     engine.Shape // [co ci kernel…]
	g, ci, co int          // ci, co for each group
	kh, kw    int
	merged    bool // the taps of a kernel row are contiguous and act as one
	values    int  // bytes of one tap that are read, a multiple of 4
	strips    int  // of one group
	size      int  // bytes of a strip
	packed    []int8
	sums      []int32 // of each output channel's weights: [g][strips · 32]
	byFours   []int8  // where each channel has filters of its own: packed again for depthRun
	blocks    int     // of byFours
	filter    int     // among depthFilters, for which byQuads are
	byQuads   []int8
}

// quantum is the number of bytes whose products with bytes are summed at once.
const quantum = 4

// PackQuant packs I8 weights [co ci/groups] of a linear layer or [co ci/groups k…] of a convolution over
// one or two axes, whose zero points are 0.
func PackQuant(w engine.Array, s ConvSpec) (*QuantWeights, error) {
	if w.DType != engine.I8 || len(w.Shape) < 2 || len(w.Shape) > 4 {
		return nil, fmt.Errorf("PackQuant: weight %v; want i8 [co ci] or [co ci k…] with up to two axes", w)
	}
	q := &QuantWeights{spec: s, shape: w.Shape.Clone(), g: max(s.Groups, 1), ci: w.Shape[1], kh: 1, kw: 1}
	if w.Shape[0]%q.g != 0 || w.Numel() == 0 {
		return nil, fmt.Errorf("PackQuant: weight %v in %d groups; want as many output channels in each", w, q.g)
	}
	q.co = w.Shape[0] / q.g
	dilation := 1
	if r := len(w.Shape) - 2; r > 0 {
		q.kw, dilation = w.Shape[r+1], or1(s.Dilation, r-1)
		if r > 1 {
			q.kh = w.Shape[2]
		}
	}
	q.merged = q.g == 1 && dilation == 1
	if q.depthwise() {
		q.packDepthwise(w)
		return q, nil
	}
	q.values = q.ci
	if q.merged {
		q.values *= q.kw
	}
	q.values = (q.values + quantum - 1) / quantum * quantum
	q.strips = (q.co + strip - 1) / strip
	q.size = q.taps() * q.values * strip
	q.pack(w)
	return q, nil
}

// depthwise reports whether every channel has filters of its own.
func (q *QuantWeights) depthwise() bool { return q.g > 1 && q.ci == 1 && q.co == 1 }

// taps is the number of taps that the products visit.
func (q *QuantWeights) taps() int {
	if q.merged {
		return q.kh
	}
	return q.kh * q.kw
}

// Outputs returns the number of output channels.
func (q *QuantWeights) Outputs() int { return q.shape[0] }

// pack writes [group][strip][tap][quantum of values][column][value] and sums the columns.
func (q *QuantWeights) pack(w engine.Array) {
	src := flatSlice[int8](ptr(lasting(w)))
	q.packed = make([]int8, q.g*q.strips*q.size)
	q.sums = make([]int32, q.g*q.strips*strip)
	kk := q.kh * q.kw
	engine.Parallel(q.g*q.co, max(1, grain/(q.ci*kk)), func(lo, hi int) {
		for o := lo; o < hi; o++ {
			g, c := o/q.co, o%q.co
			s := g*q.strips + c/strip
			d := q.packed[s*q.size:]
			for i, v := range src[o*q.ci*kk:][:q.ci*kk] {
				tap, value := i%kk, i/kk
				if q.merged {
					tap, value = i%kk/q.kw, i%kk%q.kw*q.ci+i/kk
				}
				at := tap*q.values + value/quantum*quantum
				d[at*strip+c%strip*quantum+value%quantum] = v
				q.sums[s*strip+c%strip] += int32(v)
			}
		}
	})
}

// packDepthwise writes [tap][channel].
func (q *QuantWeights) packDepthwise(w engine.Array) {
	src := flatSlice[int8](ptr(lasting(w)))
	kk := q.kh * q.kw
	q.strips = (q.g + strip - 1) / strip
	q.packed = make([]int8, kk*q.g+strip)
	q.sums = make([]int32, q.strips*strip)
	for c := range q.g {
		for t := range kk {
			v := src[c*kk+t]
			q.packed[t*q.g+c] = v
			q.sums[c] += int32(v)
		}
	}
	q.packFours(src)
	q.packQuads(src)
}

// Requant says what becomes of the sums of products of a quantised layer: for output channel j
//
//	y = bound((sum + Bias[j])·Scale[j] + Shift[j] + (r − ResidualZero)·ResidualScale)
//
// and, for a result of bytes, round half to even, plus Zero, bounded by the type. Sums are those of
// (x − XZero)·w. For a result of I32 only Bias counts.
type Requant struct {
	XZero         int       // zero point of the input
	Bias          []int32   // one for each output channel; nil: none
	Scale         []float32 // one, or one for each output channel; nil: 1
	Shift         []float32 // one for each output channel; nil: none
	ResidualScale float32
	ResidualZero  int
	Zero          int // zero point of a result of bytes
	Clamp         bool
	Low, High     float32 // bounds of y where Clamp is set
}

// QuantLayer is a quantised convolution or linear layer: packed weights and what becomes of the sums. It
// may be used by several goroutines.
type QuantLayer struct {
	w            *QuantWeights
	r            Requant
	xZero        int
	bias         []int32 // less what the zero point adds, [g][strips · 32]
	scale, shift []float32
	small        bool   // scaled sums lie within 32 bits
	placed       placed // the same in the order of blocks, where channels have filters of their own
}

// Layer joins weights with what becomes of the sums; it costs little beside one run.
func (q *QuantWeights) Layer(r Requant) (*QuantLayer, error) {
	n := q.Outputs()
	for name, have := range map[string]int{"Bias": len(r.Bias), "Shift": len(r.Shift), "Scale": len(r.Scale)} {
		if have != 0 && have != n && (name != "Scale" || have != 1) {
			return nil, fmt.Errorf("Layer: %s has %d numbers for %d output channels", name, have, n)
		}
	}
	if r.Clamp && !(r.Low <= r.High) {
		return nil, fmt.Errorf("Layer: bounds %g and %g; want the lower one first", r.Low, r.High)
	}
	l := &QuantLayer{w: q, r: r, xZero: r.XZero}
	l.bias = make([]int32, len(q.sums))
	l.scale, l.shift = make([]float32, len(q.sums)), make([]float32, len(q.sums))
	for j := range n {
		at := q.column(j)
		l.bias[at] = -int32(r.XZero) * q.sums[at]
		l.scale[at] = 1
		if r.Bias != nil {
			l.bias[at] += r.Bias[j]
		}
		switch len(r.Scale) {
		case 0:
		case 1:
			l.scale[at] = r.Scale[0]
		default:
			l.scale[at] = r.Scale[j]
		}
		if r.Shift != nil {
			l.shift[at] = r.Shift[j]
		}
		l.shift[at] -= r.ResidualScale * float32(r.ResidualZero)
	}
	l.small = l.isSmall()
	l.place()
	return l, nil
}

// isSmall reports whether all numbers that sums become are below 2³⁰, whatever the input is.
func (l *QuantLayer) isSmall() bool {
	q, most := l.w, 0.0
	products := 2 * 255 * 128 * float64(q.ci*q.kh*q.kw) // and what a move of signed bytes adds to the bias
	for i, s := range l.scale {
		most = max(most, (products+math.Abs(float64(l.bias[i])))*math.Abs(float64(s))+math.Abs(float64(l.shift[i])))
	}
	return most+2*255*math.Abs(float64(l.r.ResidualScale)) < 1<<30
}

// column is the place of output channel j among padded columns.
func (q *QuantWeights) column(j int) int {
	if q.depthwise() {
		return j
	}
	return j/q.co*q.strips*strip + j%q.co
}

// forSigned returns the layer for an input whose bytes have been moved up by 128.
func (l *QuantLayer) forSigned() *QuantLayer {
	s := *l
	s.xZero += 128
	s.bias = make([]int32, len(l.bias))
	for i, v := range l.bias {
		s.bias[i] = v - 128*l.w.sums[i]
	}
	s.place()
	return &s
}

// bounds returns the limits of scaled sums for a result of type t. What lies between them becomes a byte as it is:
// kernels bound numbers, not bytes, so limits beyond all bytes become the nearest one.
func (l *QuantLayer) bounds(t engine.DType) (lo, hi float32) {
	lo, hi = -maxFloat32, maxFloat32
	if l.r.Clamp {
		lo, hi = l.r.Low, l.r.High
	}
	var least, most float32
	switch t {
	case engine.U8:
		least, most = 0, 255
	case engine.I8:
		least, most = -128, 127
	default:
		return lo, hi
	}
	least, most = least-float32(l.r.Zero), most-float32(l.r.Zero)
	return min(max(lo, least), most), min(max(hi, least), most)
}

const maxFloat32 = 0x1.fffffep127

// bytesAt returns the address of element i of an array.
func bytesAt(a *engine.Array, i int) unsafe.Pointer {
	return unsafe.Pointer(&a.Buf.Bytes()[(a.Offset+i)*a.DType.Size()])
}
