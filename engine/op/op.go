// Package op is the only place that knows an operator. One Def holds everything about it: its name,
// documentation, attributes, type rule, CPU kernel, gradient, tolerance and test cases. Eager mode, the
// graph compiler, exporters, generated methods, docs and the conformance harness (optest) read it.
//
//	d := op.MustLookup("Tanh")
//	r, err := d.Resolve(nil, []op.Type{{DType: engine.F32, Shape: engine.Shape{2, 3}}})
//	d.CPU(nil, []engine.Array{y}, []engine.Array{x}) // y has type r.Out[0]
//	dx := d.Grad(builder, &op.Call{In: in, Out: out, DOut: dy, Needs: []bool{true}})[0]
//
// A gradient is written against Builder: eager mode's builder runs it, a tracer's records it, so the
// traced gradient cannot disagree with the tape's. Broadcasting and promotion happen once, in Resolve,
// before a kernel runs; un-broadcasting happens once, in Unbroadcast, after a gradient rule. Rules and
// kernels therefore never mention either. Everything that can be composed of other operators is written
// over tensors in package eager and has no Def.
package op

import (
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

//go:generate go run ./gen ../../docs/ops.md

// Type is what a rule may know of a value: dtype and shape.
type Type struct {
	DType engine.DType
	Weak  bool // a Go number: takes part in promotion by its category only
	Shape engine.Shape
}

// String returns "f32[2 3]".
func (t Type) String() string { return t.DType.String() + t.Shape.String() }

// Value is a tensor (eager) or a node (graph).
type Value interface{ Type() Type }

// Type of a Type is itself: where a rule declared that it does not read a value, it gets its Type.
func (t Type) Type() Type { return t }

// Attrs are an operator's static parameters: nil or a struct of the type of Def.Attrs.
type Attrs any

// Builder applies operators. Eager mode implements it by running them, a tracer by recording them.
type Builder interface {
	// Apply applies d and returns its outputs.
	Apply(d *Def, a Attrs, in ...Value) []Value
	// Const returns a value of type t filled with x.
	Const(t Type, x float64) Value
}

// Call is one application of an operator as its gradient rule sees it.
type Call struct {
	Attrs Attrs
	In    []Value // operands before broadcasting and promotion; only their Type where Saves leaves them out
	Out   []Value // results; only their Type where Saves leaves them out
	DOut  []Value // gradients of the results; nil where none arrives
	Needs []bool  // operands whose gradient is wanted
}

// Wants reports whether the gradient of operand i is wanted.
func (c *Call) Wants(i int) bool { return c.Needs[i] }

// Saves says which values a gradient rule reads, so that a tape can let go of the others. Values combine
// with |: SaveIn1 | SaveOut1.
type Saves uint16

// What a gradient rule reads besides the gradients of the results.
const (
	SaveAll  Saves = 0       // operands and results
	SaveNone Saves = 1 << 15 // types only
	SaveIn   Saves = 0x00ff  // all operands
	SaveOut  Saves = 0x7f00  // all results
	SaveIn0  Saves = 1 << 0  // one operand
	SaveIn1  Saves = 1 << 1
	SaveIn2  Saves = 1 << 2
	SaveIn3  Saves = 1 << 3
	SaveOut0 Saves = 1 << 8 // one result
	SaveOut1 Saves = 1 << 9
	SaveOut2 Saves = 1 << 10
)

// In reports whether operand i is read.
func (s Saves) In(i int) bool { return s == SaveAll || s>>min(i, 7)&1 != 0 }

// Out reports whether result i is read.
func (s Saves) Out(i int) bool { return s == SaveAll || s>>(8+min(i, 6))&1 != 0 }

// Promotion says how operand dtypes are made equal before the kernel runs.
type Promotion uint8

// Promotion rules.
const (
	KeepTypes    Promotion = iota // operands are used as they come
	ToCommon                      // all operands take the common type (PyTorch's result_type)
	ToFloat                       // as ToCommon, and integers and bool become F32
	TailToCommon                  // as ToCommon for all operands but the first
)

// Kinds is a set of dtype categories.
type Kinds uint8

// Categories of dtypes, and the sets that operators take.
const (
	Bools Kinds = 1 << iota
	Ints
	Halves // f16 and bf16, which are storage formats
	Reals  // f32 and f64
	Complexes
	Bytes       // u8 and i8 that stand for real numbers
	SignedBytes // i8
	Floats      = Halves | Reals
	Numbers     = Ints | Floats
	Counts      = Bools | Ints
	AllKinds    = Bools | Numbers
	Everything  = AllKinds | Complexes // for what only moves elements
)

// Has reports whether d belongs to the set.
func (k Kinds) Has(d engine.DType) bool {
	switch {
	case d == engine.Bool:
		return k&Bools != 0
	case d == engine.U8 && k&Bytes != 0, d == engine.I8 && k&(Bytes|SignedBytes) != 0:
		return true
	case d.IsInt():
		return k&Ints != 0
	case d == engine.F16 || d == engine.BF16:
		return k&Halves != 0
	case d.IsFloat():
		return k&Reals != 0
	case d.IsComplex():
		return k&Complexes != 0
	}
	return false
}

// String lists the categories: "int, float".
func (k Kinds) String() string {
	var parts []string
	for _, n := range []struct {
		set  Kinds
		name string
	}{{Bools, "bool"}, {Ints, "int"}, {Floats, "float"}, {Complexes, "complex"}} {
		if k&n.set == n.set {
			parts = append(parts, n.name)
		}
	}
	if k&Bytes != 0 {
		parts = append(parts, "u8, i8")
	}
	if k&SignedBytes != 0 {
		parts = append(parts, "i8")
	}
	if k&Floats == Reals {
		parts = append(parts, "f32, f64")
	}
	return strings.Join(parts, ", ")
}

// Def is everything that Lathe knows about one operator.
type Def struct {
	Domain  string   // "" for Lathe's own; custom operators name their package or company
	Name    string   // "Conv2D"
	Doc     string   // one sentence, then formula, shapes, ranges and defaults, errors, source
	Inputs  []string // operand names; a last name that ends in "..." takes one or more
	Outputs []string // result names; empty means one result y
	// Optional is how many of the last operands may be left out, the last first.
	Optional int
	Attrs    Attrs  // zero value of the attribute struct; nil: no attributes
	Method   string // name of the generated Tensor method; "": none is generated

	Elementwise bool      // operands broadcast; result i depends on operand elements i only
	Promote     Promotion // how operand dtypes are made equal
	Takes       []Kinds   // dtypes of each operand after promotion; the last one repeats; nil: AllKinds
	// Rule gives the result types from operand types (promoted, and broadcast when Elementwise).
	// nil: one result of the first operand's type.
	Rule func(a Attrs, in []Type) ([]Type, error)

	// ChannelsLast reports whether CPU is to get a result of type out with its channels innermost in memory
	// instead of row-major; nil: results are row-major.
	ChannelsLast func(a Attrs, in []engine.Array, out Type) bool
	// CPU computes out (row-major or channels-last, contents unspecified) from in (promoted and broadcast,
	// any strides).
	// It panics with *engine.Error for values out of range. In elementwise operators and optimizer steps
	// result i may be operand i itself.
	CPU func(a Attrs, out, in []engine.Array)
	// OnDevice, when given, is what is done instead of Device.Run: operators that apply others.
	OnDevice func(d Device, a Attrs, out, in []engine.Array)
	// Vec1 or Vec2 is what CPU runs when it is one function of slices: small contiguous operands of one
	// dtype go straight there. nil: there is none.
	Vec1 *cpu.Vec1
	Vec2 *cpu.Vec2
	// CUDA is the result of an elementwise operator as an expression of CUDA C: of the operands and, as
	// numbers, the attributes, both by name. Functions are those of engine/cuda/source. "": see there.
	CUDA string
	// View returns the result as a view of in[0] without copying; false: CPU has to copy.
	View func(a Attrs, x engine.Array, out Type) (engine.Array, bool)

	// Grad returns the gradient of each operand (nil: none) at the broadcast shape or the operand's own.
	// nil: the operator is not differentiable.
	Grad  func(b Builder, c *Call) []Value
	Saves Saves // what Grad reads
	// Recorded, when given, stands for the operator on the CPU where it is put on the tape, because it saves what makes
	// the gradient cheaper: for F32, with the operator's result, in all bits, as its first.
	Recorded *Def

	Tol   Tolerance     // how far two correct implementations may differ
	Cases func() []Case // examples: tests, docs and benchmarks ask for them
}

// Tolerance bounds |a−b| by Rel·max(|b|, 1). The zero value means 1e-6 (F32) and 1e-12 (F64).
type Tolerance struct {
	Rel32, Rel64 float64
	Reason       string // why the default does not hold
}

// Case is one worked example of an operator.
type Case struct {
	Name   string
	Attrs  Attrs
	In     []Type
	Lo, Hi float64     // operands are drawn from [Lo, Hi); both 0 means [−1, 1)
	Data   [][]float64 // per operand: fixed values instead of random ones (labels, indices); nil: random
	NoGrad bool        // the gradient is not checked by differences here, with the reason in Name
}

var defs = map[string]*Def{}

// Register adds d under Domain and Name and returns it; a second definition of a name panics.
func Register(d *Def) *Def {
	k := key(d.Domain, d.Name)
	if defs[k] != nil {
		panic("op: " + k + " is defined twice")
	}
	if len(d.Outputs) == 0 {
		d.Outputs = []string{"y"}
	}
	if d.Cases == nil {
		d.Cases = func() []Case { return nil }
	}
	defs[k] = d
	return d
}

func key(domain, name string) string {
	if domain == "" {
		return name
	}
	return domain + "." + name
}

// custom holds the operators of programs by "domain.Name".
var custom sync.Map

// Replace adds a custom operator under Domain and Name, in place of one that is there. Graphs and recordings that hold
// the old one keep it. It panics when Domain or Name is empty.
func Replace(d *Def) *Def {
	if d.Domain == "" || d.Name == "" {
		panic("op: a custom operator wants a Domain and a Name")
	}
	if len(d.Outputs) == 0 {
		d.Outputs = []string{"y"}
	}
	if d.Cases == nil {
		d.Cases = func() []Case { return nil }
	}
	custom.Store(key(d.Domain, d.Name), d)
	return d
}

// Lookup returns the definition of name ("Tanh", or "domain.Name" for a custom operator).
func Lookup(name string) (*Def, error) {
	if d := defs[name]; d != nil {
		return d, nil
	}
	if d, ok := custom.Load(name); ok {
		return d.(*Def), nil
	}
	return nil, fmt.Errorf("op: %q is unknown; known: %s", name, strings.Join(names(), " "))
}

// MustLookup is Lookup for names known to exist; it panics otherwise.
func MustLookup(name string) *Def {
	d, err := Lookup(name)
	if err != nil {
		panic(err)
	}
	return d
}

// Defs returns every definition, sorted by name.
func Defs() []*Def {
	r := make([]*Def, 0, len(defs))
	for _, n := range names() {
		r = append(r, defs[n])
	}
	return r
}

func names() []string {
	r := make([]string, 0, len(defs))
	for n := range defs {
		r = append(r, n)
	}
	sort.Strings(r)
	return r
}

// One applies an operator with a single result.
func One(b Builder, d *Def, a Attrs, in ...Value) Value { return b.Apply(d, a, in...)[0] }
