package jit

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// family are the segments of one sequence of operators in all shapes that it was met with: batches of another size,
// longer texts. Which values somebody holds on to is a matter of the sequence, so that a new shape needs no calls that
// find it out. Program plans are of one shape each; those met longest ago are forgotten.
type family struct {
	kept     map[int]bool // stores that somebody held on to after a call
	observed int          // calls after which kept was looked for
	shapes   []*segment   // the one met last is last
	dropped  int
	built    int // programs
}

// known reports whether kept can be relied on.
func (m *family) known() bool { return m.observed >= trusted }

// calls is the number of calls with a shape before it gets a program, once the sequence is known: one, and one more for every
// four programs that were made. Making one takes as long as many calls; where shapes never settle, few are made.
func (m *family) calls() int { return 1 + m.built/4 }

// met makes seg the last of the shapes and returns one that has to go, or nil.
func (m *family) met(seg *segment, most int) *segment {
	if n := len(m.shapes); n > 0 && m.shapes[n-1] == seg {
		return nil
	}
	if i := slices.Index(m.shapes, seg); i >= 0 {
		m.shapes = slices.Delete(m.shapes, i, i+1)
	}
	m.shapes = append(m.shapes, seg)
	if len(m.shapes) <= most {
		return nil
	}
	old := m.shapes[0]
	m.shapes = slices.Delete(m.shapes, 0, 1)
	m.dropped++
	return old
}

// sequence is what the signatures of a family have in common: operators with their parameters but extents, element types,
// numbers of axes, and which operand lies in which storage.
func (s *session) sequence() string {
	b := slices.Clone(s.prefix)
	for i := range s.events {
		e := &s.events[i]
		b = append(b, byte(e.kind), byte(len(e.in)), byte(len(e.out)))
		if e.dev != nil {
			b = append(b, e.dev.String()...)
		}
		b = binary.LittleEndian.AppendUint64(b, uint64(uintptr(unsafe.Pointer(e.Def))))
		b = appendAttrs(b, e.Def, withoutExtents(e.Attrs))
		for k := range e.in {
			b = binary.AppendUvarint(b, uint64(e.in[k]))
			b = append(b, byte(e.In[k].DType), byte(len(e.In[k].Shape)))
		}
		for k := range e.out {
			b = binary.AppendUvarint(b, uint64(e.out[k]))
			b = append(b, byte(e.Out[k].DType), byte(len(e.Out[k].Shape)))
		}
	}
	return string(b)
}

// withoutExtents is a without what follows the shapes of operands.
func withoutExtents(a op.Attrs) op.Attrs {
	switch a.(type) {
	case nil:
		return nil
	case op.ShapeAttrs, op.SliceAttrs, op.StridedAttrs, op.PadAttrs:
		return nil
	}
	v := reflect.ValueOf(a)
	if v.Kind() != reflect.Struct || !v.FieldByName("Shape").IsValid() {
		return a
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	c.FieldByName("Shape").SetZero()
	return c.Interface()
}

// specialised lists what seg reads that has another shape elsewhere in the family; "" where nothing has.
func (m *family) specialised(seg *segment) string {
	if seg.program == nil {
		return ""
	}
	var parts []string
	types := operandTypes(seg.program.l)
	for i, t := range types {
		differs := slices.ContainsFunc(m.shapes, func(o *segment) bool {
			if o.program == nil {
				return false
			}
			other := operandTypes(o.program.l)
			return i < len(other) && !other[i].Shape.Equal(t.Shape)
		})
		if differs {
			parts = append(parts, fmt.Sprintf("%v%v", t.DType, t.Shape))
		}
	}
	if len(parts) > 4 {
		parts = append(parts[:4], "…")
	}
	return strings.Join(parts, ", ")
}

// operandTypes are the types of inputs and states.
func operandTypes(l *lowered) []op.Type {
	var types []op.Type
	add := func(v graph.Value) { types = append(types, l.g.Types[v]) }
	for _, x := range l.g.Inputs {
		add(x.Value)
	}
	for _, x := range l.g.States {
		add(x.In)
	}
	return types
}
