package eager

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// Printing follows NumPy and PyTorch: values aligned, large tensors summarised to their edges.
const (
	printThreshold = 1000 // elements above which only edges are shown
	printEdge      = 3    // items shown at each end of a summarised axis
)

// String returns the values of x with its type: "[[1 2] [3 4]] f32[2 2]", aligned over lines.
func (x *Tensor) String() string {
	if x == nil {
		return "nil tensor"
	}
	if x.arr.DType == engine.Invalid {
		return "empty tensor"
	}
	p := printer{x: x, summarise: x.Numel() > printThreshold}
	p.collect(x.arr)
	p.layout()
	var b strings.Builder
	p.write(&b, x.arr, 1)
	fmt.Fprintf(&b, " %v", x.arr)
	if x.tracked() {
		b.WriteString(" requires grad")
	}
	return b.String()
}

type printer struct {
	x         *Tensor
	summarise bool
	values    []float64 // shown values, in order
	next      int
	width     int
	format    func(float64) string
}

// rows calls f for every shown index of the leading axis, and gap where some are left out.
func (p *printer) rows(a engine.Array, f func(engine.Array), gap func()) {
	n := a.Shape[0]
	for i := 0; i < n; i++ {
		if p.summarise && n > 2*printEdge && i == printEdge {
			gap()
			i = n - printEdge
		}
		s := a.Slice(0, i, i+1, 1)
		s.Shape, s.Strides = s.Shape[1:], s.Strides[1:]
		f(s)
	}
}

func (p *printer) collect(a engine.Array) {
	if len(a.Shape) == 0 {
		if x := wrap(a); a.DType.IsComplex() {
			v := x.Complex128s()[0]
			p.values = append(p.values, real(v), imag(v))
		} else {
			p.values = append(p.values, x.Float64s()[0])
		}
		return
	}
	p.rows(a, p.collect, func() {})
}

// layout chooses one format for all shown values.
func (p *printer) layout() {
	lo, hi, whole := math.Inf(1), 0.0, true
	for _, v := range p.values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		m := math.Abs(v)
		whole = whole && v == math.Trunc(v)
		hi = math.Max(hi, m)
		if m > 0 {
			lo = math.Min(lo, m)
		}
	}
	switch d := p.x.arr.DType; {
	case d == Bool:
		p.format = func(v float64) string { return strconv.FormatBool(v != 0) }
	case d.IsInt() || whole && hi < 1e8:
		p.format = func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }
	case hi >= 1e8 || lo < 1e-4 || hi/lo > 1e6:
		p.format = func(v float64) string { return strconv.FormatFloat(v, 'e', 4, 64) }
	default:
		p.format = func(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }
	}
	if !p.x.arr.DType.IsInt() && p.x.arr.DType != Bool && whole && hi < 1e8 {
		p.format = func(v float64) string {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return strconv.FormatFloat(v, 'f', 0, 64)
			}
			return strconv.FormatFloat(v, 'f', 0, 64) + "."
		}
	}
	for p.next < len(p.values) {
		p.width = max(p.width, len(p.element()))
	}
	p.next = 0
}

// element is the text of the next shown element: "1.5+2i" of complex numbers.
func (p *printer) element() string {
	s := p.format(p.values[p.next])
	p.next++
	if !p.x.arr.DType.IsComplex() {
		return s
	}
	im := p.format(p.values[p.next])
	p.next++
	if im[0] != '-' && im[0] != '+' {
		im = "+" + im
	}
	return s + im + "i"
}

func (p *printer) write(b *strings.Builder, a engine.Array, indent int) {
	if len(a.Shape) == 0 {
		s := p.element()
		if len(p.x.arr.Shape) > 0 {
			b.WriteString(strings.Repeat(" ", p.width-len(s)))
		}
		b.WriteString(s)
		return
	}
	sep := " "
	if len(a.Shape) > 1 {
		sep = strings.Repeat("\n", len(a.Shape)-1) + strings.Repeat(" ", indent)
	}
	b.WriteByte('[')
	first := true
	sepOnce := func() {
		if !first {
			b.WriteString(sep)
		}
		first = false
	}
	p.rows(a, func(s engine.Array) {
		sepOnce()
		p.write(b, s, indent+1)
	}, func() {
		sepOnce()
		b.WriteString("…")
	})
	b.WriteByte(']')
}
