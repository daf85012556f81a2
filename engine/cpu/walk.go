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

// cursor is a position of a walk that moves from row to row without divisions.
type cursor struct {
	w     *walk
	index [8]int // along each axis but the last
	pos   [maxOperands]int
	left  int // elements to the end of the row
}

// at returns the cursor of element p.
func (w *walk) at(p int) cursor {
	c := cursor{w: w, pos: w.off}
	last := len(w.axes) - 1
	for i := last; i >= 0; i-- {
		ax := &w.axes[i]
		k := p % ax.n
		p /= ax.n
		if i == last {
			c.left = ax.n - k
		} else {
			c.index[i] = k
		}
		for j := range c.pos {
			c.pos[j] += k * ax.s[j]
		}
	}
	return c
}

// skip moves n elements ahead within the row, or to the start of the next.
func (c *cursor) skip(n int) {
	last := len(c.w.axes) - 1
	ax := &c.w.axes[last]
	for j := range c.pos {
		c.pos[j] += n * ax.s[j]
	}
	if c.left -= n; c.left > 0 {
		return
	}
	for j := range c.pos {
		c.pos[j] -= ax.n * ax.s[j]
	}
	c.left = ax.n
	for i := last - 1; i >= 0; i-- {
		ax := &c.w.axes[i]
		for j := range c.pos {
			c.pos[j] += ax.s[j]
		}
		if c.index[i]++; c.index[i] < ax.n {
			return
		}
		for j := range c.pos {
			c.pos[j] -= ax.n * ax.s[j]
		}
		c.index[i] = 0
	}
}

// gather copies the elements p, p+1 … of operand op to buf.
func gather[T any](buf, all []T, w *walk, op, p int) {
	s := w.inner().s[op]
	for c := w.at(p); len(buf) > 0; {
		n, pos := min(c.left, len(buf)), c.pos[op]
		switch s {
		case 1:
			copy(buf[:n], all[pos:pos+n])
		case 0:
			fillSlice(buf[:n], all[pos])
		default:
			for i := range buf[:n] {
				buf[i] = all[pos]
				pos += s
			}
		}
		buf = buf[n:]
		c.skip(n)
	}
}

// scatter copies buf to the elements p, p+1 … of operand op.
func scatter[T any](buf, all []T, w *walk, op, p int) {
	s := w.inner().s[op]
	for c := w.at(p); len(buf) > 0; {
		n, pos := min(c.left, len(buf)), c.pos[op]
		if s == 1 {
			copy(all[pos:pos+n], buf)
		} else {
			for _, v := range buf[:n] {
				all[pos] = v
				pos += s
			}
		}
		buf = buf[n:]
		c.skip(n)
	}
}

// shortRow is the length below which rows of a walk are gathered into blocks instead of visited one
// by one.
const shortRow = 48

// chunk is the number of elements that go through scratch memory at once; three operands of 8 bytes
// fit the first-level cache.
const chunk = 1024

// scratch is the working memory of one chunk.
type scratch struct{ b [maxOperands][chunk * 16]byte } // complex128 is the longest

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

// fillSlice sets all elements; beyond a few it doubles what is filled already.
func fillSlice[T any](d []T, v T) {
	n := min(len(d), 16)
	for i := range d[:n] {
		d[i] = v
	}
	for ; n < len(d); n *= 2 {
		copy(d[n:], d[:n])
	}
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}
