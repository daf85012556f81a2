package exact

import (
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// slice compiles x[lo:hi:max].
func (c *compiler) slice(in *ssa.Slice) op {
	d, x, t := c.off(in), c.off(in.X), c.typeOf(in.X)
	part := func(v ssa.Value) func(P) int {
		if v == nil {
			return nil
		}
		return c.indexOf(v)
	}
	lo, hi, end := part(in.Low), part(in.High), part(in.Max)
	signed := func(v ssa.Value) bool { return v == nil || !c.unsignedWord(v) }
	if t.Kind() == reflect.String {
		return func(fp P) {
			s := load[string](fp, x)
			l, h := 0, len(s)
			if lo != nil {
				l = lo(fp)
			}
			if hi != nil {
				h = hi(fp)
			}
			if uint(l) > uint(h) || uint(h) > uint(len(s)) {
				e := slicing{n: len(s), signed: [3]bool{signed(in.Low), signed(in.High)}}
				e.complain(native.Slice{Len: len(s), Cap: len(s)}, l, h, len(s))
			}
			store(fp, d, s[l:h])
		}
	}
	made := false // go/ssa writes make([]T, n) with constant capacity so
	if a, ok := in.X.(*ssa.Alloc); ok {
		made = a.Comment == "makeslice"
	}
	s := slicing{lo: lo, hi: hi, end: end, made: made, n: -1}
	s.signed = [3]bool{signed(in.Low), signed(in.High), signed(in.Max)}
	if t.Kind() == reflect.Slice {
		s.size = t.Elem().Size()
		return func(fp P) { s.do(fp, d, *(*native.Slice)(unsafe.Add(fp, x))) }
	}
	s.n, s.size = t.Elem().Len(), t.Elem().Elem().Size()
	return func(fp P) {
		p := load[P](fp, x)
		if p == nil {
			nilPanic()
		}
		s.do(fp, d, native.Slice{Data: p, Len: s.n, Cap: s.n})
	}
}

// slicing is a slice expression over a slice, or over an array of n elements.
type slicing struct {
	lo, hi, end func(fp P) int
	made        bool
	n           int
	size        uintptr
	signed      [3]bool // the bounds are of signed types
}

func (e *slicing) do(fp P, d uintptr, s native.Slice) {
	l, h, m := 0, s.Len, s.Cap
	if e.lo != nil {
		l = e.lo(fp)
	}
	if e.hi != nil {
		h = e.hi(fp)
	}
	if e.end != nil {
		m = e.end(fp)
	}
	if uint(l) > uint(h) || uint(h) > uint(m) || uint(m) > uint(s.Cap) {
		e.complain(s, l, h, m)
	}
	p := s.Data
	if m-l > 0 { // a pointer must not leave its object
		p = unsafe.Add(p, uintptr(l)*e.size)
	}
	*(*native.Slice)(unsafe.Add(fp, d)) = native.Slice{Data: p, Len: h - l, Cap: m - l}
}

// complain panics as the expression does in compiled code.
func (e *slicing) complain(s native.Slice, l, h, m int) {
	negative := -1
	switch {
	case e.made && uint(h) > uint(s.Cap) && h >= 0:
		_ = make([]int, 0, negative)
	case e.made && uint(h) > uint(s.Cap):
		_ = make([]int, negative)
	}
	var array [1]struct{}
	a, some, two := &array, array[:], 2
	bounds := func(x, y, of int, sample func()) { native.BoundsPanic(int64(x), y, e.signed[of], sample) }
	switch {
	case e.end != nil && uint(m) > uint(s.Cap) && e.n >= 0:
		bounds(m, s.Cap, 2, func() { _ = a[0:0:two] })
	case e.end != nil && uint(m) > uint(s.Cap):
		bounds(m, s.Cap, 2, func() { _ = some[0:0:two] })
	case e.end != nil && uint(h) > uint(m):
		bounds(h, m, 1, func() { _ = some[0:two:1] })
	case e.end != nil:
		bounds(l, h, 0, func() { _ = some[two:1:1] })
	case uint(h) > uint(s.Cap) && e.n >= 0:
		bounds(h, s.Cap, 1, func() { _ = a[:two] })
	case uint(h) > uint(s.Cap):
		bounds(h, s.Cap, 1, func() { _ = some[:two] })
	}
	bounds(l, h, 0, func() { _ = some[two:1] })
}
