package cpu

import (
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// maxOperands is the largest number of arrays that one walk visits together.
const maxOperands = 4

// axis is one loop of a walk: its extent and the stride of each operand, in elements.
type axis struct {
	n int
	s [maxOperands]int
}

// walk visits the elements of several arrays that broadcast to the shape of the first. Axes of
// extent 1 are dropped, axes that are contiguous in every operand are merged, and the axes are
// ordered so that the first operand's smallest stride is innermost.
type walk struct {
	axes []axis
	n    int // elements
	off  [maxOperands]int
	// flat[i]: operand i is contiguous in the order of the walk.
	flat [maxOperands]bool
	room [8]axis
}

// init prepares w for the arrays ops; ops[0] has the full shape.
func (w *walk) init(ops ...*engine.Array) {
	dst := ops[0]
	w.axes = w.room[:0]
	w.n = dst.Numel()
	for i, a := range ops {
		w.off[i] = a.Offset
		if len(a.Shape) > len(dst.Shape) {
			panicShapes(ops)
		}
	}
	for i, d := range dst.Shape {
		ax := axis{n: d}
		for j, a := range ops {
			k := i - len(dst.Shape) + len(a.Shape)
			if k < 0 {
				continue
			}
			switch a.Shape[k] {
			case d:
				ax.s[j] = a.Strides[k]
			case 1:
			default:
				panicShapes(ops)
			}
		}
		if d != 1 {
			w.axes = append(w.axes, ax)
		}
	}
	w.sort()
	w.merge(len(ops))
	for j := range ops {
		w.flat[j] = w.isFlat(j)
	}
}

func panicShapes(ops []*engine.Array) {
	var s []string
	for _, a := range ops {
		s = append(s, a.Shape.String())
	}
	panic(fmt.Sprintf("cpu: shapes %v do not broadcast to the first", s))
}

// sort puts the axes with the largest strides of the first operand outermost; an operand that
// repeats (stride 0) does not take part, so the order of the shape decides.
func (w *walk) sort() {
	ordered := true
	for i := 1; i < len(w.axes); i++ {
		ordered = ordered && abs(w.axes[i-1].s[0]) >= abs(w.axes[i].s[0])
	}
	if !ordered {
		slices.SortStableFunc(w.axes, func(a, b axis) int { return abs(b.s[0]) - abs(a.s[0]) })
	}
}

func (w *walk) merge(ops int) {
	out := w.axes[:0]
	for _, ax := range w.axes {
		if k := len(out) - 1; k >= 0 {
			same := true
			for j := range ops {
				same = same && out[k].s[j] == ax.n*ax.s[j]
			}
			if same {
				out[k] = axis{n: out[k].n * ax.n, s: ax.s}
				continue
			}
		}
		out = append(out, ax)
	}
	if len(out) == 0 {
		ax := axis{n: w.n}
		for j := range ax.s {
			ax.s[j] = 1
		}
		out = append(out, ax)
	}
	w.axes = out
}

func (w *walk) isFlat(op int) bool {
	n := 1
	for i := len(w.axes) - 1; i >= 0; i-- {
		if w.axes[i].s[op] != n {
			return false
		}
		n *= w.axes[i].n
	}
	return true
}

// inner returns the innermost axis.
func (w *walk) inner() *axis { return &w.axes[len(w.axes)-1] }

// start returns the position of element p of the walk in operand op, and the number of elements
// from p to the end of its innermost row.
func (w *walk) start(op, p int) (pos, left int) {
	pos = w.off[op]
	in := w.inner()
	q := p % in.n
	pos += q * in.s[op]
	p /= in.n
	for i := len(w.axes) - 2; i >= 0 && p > 0; i-- {
		ax := &w.axes[i]
		pos += p % ax.n * ax.s[op]
		p /= ax.n
	}
	return pos, in.n - q
}

// gather copies the elements p, p+1 … of operand op to buf.
func gather[T any](buf, all []T, w *walk, op, p int) {
	s := w.inner().s[op]
	for len(buf) > 0 {
		pos, c := w.start(op, p)
		c = min(c, len(buf))
		switch s {
		case 1:
			copy(buf[:c], all[pos:pos+c])
		case 0:
			fillSlice(buf[:c], all[pos])
		default:
			for i := range buf[:c] {
				buf[i] = all[pos]
				pos += s
			}
		}
		buf = buf[c:]
		p += c
	}
}

// scatter copies buf to the elements p, p+1 … of operand op.
func scatter[T any](buf, all []T, w *walk, op, p int) {
	s := w.inner().s[op]
	for len(buf) > 0 {
		pos, c := w.start(op, p)
		c = min(c, len(buf))
		if s == 1 {
			copy(all[pos:pos+c], buf)
		} else {
			for _, v := range buf[:c] {
				all[pos] = v
				pos += s
			}
		}
		buf = buf[c:]
		p += c
	}
}

// step returns how many elements from p on to visit at once, at most limit: the rest of a long row,
// or a block that crosses short rows.
func (w *walk) step(p, limit int) int {
	n := w.inner().n
	if n < 48 {
		return limit
	}
	return min(limit, n-p%n)
}

// chunk is the number of elements that go through scratch memory at once; three operands of 8 bytes
// fit the first-level cache.
const chunk = 1024

// scratch is the working memory of one chunk.
type scratch struct{ b [maxOperands][chunk * 8]byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func part[T any](s *scratch, i int) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(&s.b[i])), chunk)
}

// whole returns all elements of a's buffer; index it with a.Offset and a.Strides.
func whole[T any](a *engine.Array) []T {
	b := a.Buf.Bytes()
	if len(b) == 0 {
		return nil
	}
	var z T
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/int(unsafe.Sizeof(z)))
}

// flatSlice returns the n elements of a contiguous array.
func flatSlice[T any](a *engine.Array) []T {
	n := a.Numel()
	if n == 0 {
		return nil
	}
	return whole[T](a)[a.Offset : a.Offset+n]
}

func fillSlice[T any](d []T, v T) {
	for i := range d {
		d[i] = v
	}
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}
