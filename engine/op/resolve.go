package op

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// Resolved says how operands are prepared for a kernel and what comes out.
type Resolved struct {
	DType []engine.DType // dtype that each operand is cast to
	Shape engine.Shape   // shape that every operand is broadcast to; only for Elementwise
	Out   []Type
}

// Resolve applies promotion, broadcasting and the type rule to operand types.
// The error names the operator and all operands.
func (d *Def) Resolve(a Attrs, in []Type) (Resolved, error) {
	var r Resolved
	err := d.ResolveIn(new(Room), &r, a, in)
	return r, err
}

// Room is memory for one Resolve that a caller on the hot path uses again: what Resolve returned is
// valid until the next use.
type Room struct {
	dtypes [4]engine.DType
	types  [4]Type
}

// ResolveIn is Resolve into r with memory that the caller provides.
func (d *Def) ResolveIn(m *Room, r *Resolved, a Attrs, in []Type) error {
	if err := d.resolve(m, r, a, in); err != nil {
		return &engine.Error{Where: d.Name, What: err.Error() + d.describe(in)}
	}
	return nil
}

func (d *Def) resolve(m *Room, r *Resolved, a Attrs, in []Type) error {
	if err := d.checkArity(len(in)); err != nil {
		return err
	}
	prepared := r.room(m, len(in))
	for i, t := range in {
		r.DType[i] = t.DType
	}
	d.promote(r.DType, in)
	for i, t := range r.DType {
		if k := d.takes(i); !k.Has(t) {
			return fmt.Errorf("%s is %v, want %v", d.operand(i), t, k)
		}
		prepared[i] = Type{DType: t, Shape: in[i].Shape}
	}
	if d.Elementwise {
		if err := d.broadcast(r, prepared); err != nil {
			return err
		}
	}
	if d.Rule == nil {
		r.Out = prepared[:1:1]
		return nil
	}
	var err error
	r.Out, err = d.Rule(a, prepared)
	return err
}

// room gives r and the rule space for n operands: m for the usual few.
func (r *Resolved) room(m *Room, n int) []Type {
	if n > len(m.types) {
		r.DType = make([]engine.DType, n)
		return make([]Type, n)
	}
	r.DType = m.dtypes[:n:n]
	return m.types[:n:n]
}

// promote sets to[i] to the dtype that operand i is cast to.
func (d *Def) promote(to []engine.DType, in []Type) {
	if d.Promote == KeepTypes {
		return
	}
	if d.Promote == TailToCommon {
		to, in = to[1:], in[1:]
	}
	common := in[0].DType
	for _, t := range in[1:] {
		if t.DType != common {
			common = CommonType(in)
			break
		}
	}
	if d.Promote == ToFloat && !common.IsFloat() && !common.IsComplex() {
		common = engine.F32
	}
	for i := range to {
		to[i] = common
	}
}

func (d *Def) takes(i int) Kinds {
	if len(d.Takes) == 0 {
		return AllKinds
	}
	return d.Takes[min(i, len(d.Takes)-1)]
}

// operand names operand i in errors and documentation.
func (d *Def) operand(i int) string {
	last := len(d.Inputs) - 1
	if i < last || i == last && !strings.HasSuffix(d.Inputs[last], "...") {
		return d.Inputs[i]
	}
	return fmt.Sprintf("%s[%d]", strings.TrimSuffix(d.Inputs[last], "..."), i-last)
}

func (d *Def) broadcast(r *Resolved, in []Type) error {
	same := true
	for _, t := range in[1:] {
		same = same && t.Shape.Equal(in[0].Shape)
	}
	if same {
		r.Shape = in[0].Shape
		return nil
	}
	shapes := make([]engine.Shape, len(in))
	for i, t := range in {
		shapes[i] = t.Shape
	}
	var err error
	if r.Shape, err = engine.Broadcast(shapes...); err != nil {
		return err
	}
	for i := range in {
		in[i].Shape = r.Shape
	}
	return nil
}

func (d *Def) variadic() bool {
	n := len(d.Inputs)
	return n > 0 && strings.HasSuffix(d.Inputs[n-1], "...")
}

func (d *Def) checkArity(n int) error {
	want := len(d.Inputs)
	if d.variadic() {
		if n < want {
			return fmt.Errorf("wants at least %d operands, got %d", want, n)
		}
		return nil
	}
	if n < want-d.Optional || n > want {
		if d.Optional > 0 {
			return fmt.Errorf("wants %d to %d operands, got %d", want-d.Optional, want, n)
		}
		return fmt.Errorf("wants %d operands, got %d", want, n)
	}
	return nil
}

// describe lists the operands for an error: " (x f32[2 3], y f32[4])".
func (d *Def) describe(in []Type) string {
	if len(in) == 0 {
		return ""
	}
	parts := make([]string, len(in))
	for i, t := range in {
		name := fmt.Sprintf("operand %d", i)
		if d.checkArity(len(in)) == nil {
			name = d.operand(i)
		}
		parts[i] = name + " " + t.String()
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// CommonType is PyTorch's result_type: tensors with axes decide; scalar tensors, and last Go numbers,
// only raise the category (bool < integer < float < complex).
func CommonType(in []Type) engine.DType {
	var best [3]engine.DType // by priority: with axes, scalar tensor, Go number
	for _, t := range in {
		p := 0
		if t.Weak {
			p = 2
		} else if len(t.Shape) == 0 {
			p = 1
		}
		best[p] = promoteAny(best[p], t.DType)
	}
	r := best[0]
	if category(best[1]) > category(r) {
		r = best[1]
	}
	if category(best[2]) > category(r) {
		if r == engine.Invalid {
			return best[2]
		}
		if r == engine.F64 { // a complex number beside it
			return engine.C128
		}
		return defaultOf(best[2])
	}
	return r
}

// defaultOf is the type that a Go number brings when it raises the category.
func defaultOf(d engine.DType) engine.DType {
	switch {
	case d.IsComplex():
		return engine.C64
	case d.IsFloat():
		return engine.F32
	case d.IsInt():
		return engine.I64
	}
	return d
}

func promoteAny(a, b engine.DType) engine.DType {
	if a == engine.Invalid {
		return b
	}
	return engine.Promote(a, b)
}

func category(d engine.DType) int {
	switch {
	case d == engine.Invalid:
		return 0
	case d == engine.Bool:
		return 1
	case d.IsInt():
		return 2
	case d.IsFloat():
		return 3
	}
	return 4
}

// Unbroadcast sums the gradient g down to the shape of operand t and casts it to t's dtype.
// It undoes what Resolve did to the operand.
func Unbroadcast(b Builder, g Value, t Type) Value {
	gt := g.Type()
	if !gt.Shape.Equal(t.Shape) {
		lead := len(gt.Shape) - len(t.Shape)
		var axes []int
		for i, n := range gt.Shape {
			if i < lead || t.Shape[i-lead] == 1 && n != 1 {
				axes = append(axes, i)
			}
		}
		g = One(b, Sum, ReduceAttrs{Axes: axes, Keep: true}, g)
		if lead > 0 {
			g = One(b, Reshape, ShapeAttrs{Shape: t.Shape}, g)
		}
	}
	if g.Type().DType != t.DType {
		g = One(b, Cast, CastAttrs{To: t.DType}, g)
	}
	return g
}
