// Package tensor is what a debugger knows about tensors: lines and views of them, where on the tape they
// came from, and stops at the operator that made the first NaN.
//
//	d := dap.New(host, tensor.New())
//
// It implements debugger.Views and dap.Tensors; protocol and target are elsewhere.
package tensor

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/lathe-ml/lathe/debugger"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Views shows tensors and watches operators.
//
// Goroutines: none of its own; look is called on those of cells. mu guards everything.
type Views struct {
	mu     sync.Mutex
	target *debugger.Target
	stop   func() // ends the inspection; nil: there is none
	nan    bool
	inf    bool
	limit  float64 // of the norm of a leaf's gradient; 0: none
	fired  int     // run in which it has stopped already
	places [1 << 16]placed
	hooks  map[int]hook // gradient breakpoints
}

// hook is a gradient breakpoint.
type hook struct {
	debugger.Hook
	removes []func()
}

// placed says which statement ran an operator.
type placed struct {
	seq  uint64
	site int
}

// New returns views of tensors.
func New() *Views { return &Views{hooks: map[int]hook{}} }

// Describe returns a line about a tensor.
func (v *Views) Describe(x any) (string, bool) {
	t, ok := of(x)
	if !ok {
		return "", false
	}
	if t.DType() == engine.Invalid {
		return "empty tensor", true
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v", t.Type())
	if n := t.Numel(); n > 0 && n <= 6 && !t.DType().IsComplex() {
		b.WriteString(" [")
		for i, f := range read(t) {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(strconv.FormatFloat(f, 'g', 5, 64))
		}
		b.WriteString("]")
	}
	if t.RequiresGrad() {
		b.WriteString(" requires grad")
	}
	return b.String(), true
}

// module is what has parameters.
type module interface{ Params() []*eager.Tensor }

// Mark says whether a value is a tensor or a module.
func (v *Views) Mark(x any) string {
	if _, ok := of(x); ok {
		return "tensor"
	}
	if _, ok := x.(module); ok {
		return "module"
	}
	return ""
}

// of returns the tensor that x is.
func of(x any) (*eager.Tensor, bool) {
	t, ok := x.(*eager.Tensor)
	return t, ok && t != nil
}

// read returns the elements of a tensor without leaving a trace on the tape.
func read(t *eager.Tensor) (out []float64) {
	eager.NoGrad(func() {
		t = t.Detach()
		if t.DType().IsComplex() {
			t = t.Abs()
		}
		out = t.Float64s()
	})
	return out
}

// Filters are the exceptions that tensors bring.
func (v *Views) Filters() []debugger.Filter {
	return []debugger.Filter{
		{ID: "tensor", Label: "Operands that a tensor operator refuses (shapes, types)", On: true},
		{ID: "nan", Label: "First NaN of an operator, forward or backward"},
		{ID: "inf", Label: "First infinity of an operator, forward or backward"},
		{
			ID: "gradient", Label: "Gradient of a parameter with a large norm",
			Condition: "largest norm that is fine, such as 100",
		},
	}
}

// Kind names the filter of a panic value.
func (v *Views) Kind(panicked any) string {
	err, ok := panicked.(error)
	var refused *engine.Error
	if ok && errors.As(err, &refused) {
		return "tensor"
	}
	return ""
}

// Watch is called when the target is attached, when filters change, and, with nil, when it is detached.
func (v *Views) Watch(t *debugger.Target, on map[string]string) error {
	limit := 0.0
	if text, ok := on["gradient"]; ok {
		limit = 1e3
		if text = strings.TrimSpace(text); text != "" {
			f, err := strconv.ParseFloat(text, 64)
			if err != nil || !(f > 0) {
				return fmt.Errorf("gradient: %q is no norm; want a positive number", text)
			}
			limit = f
		}
	}
	v.mu.Lock()
	_, nan := on["nan"]
	_, inf := on["inf"]
	v.target, v.nan, v.inf, v.limit = t, nan, inf, limit
	stop := v.stop
	begin := on != nil && stop == nil
	if on == nil {
		v.stop = nil
		for id := range v.hooks {
			v.unhook(id)
		}
	}
	v.mu.Unlock()
	switch {
	case begin:
		end := func() {}
		err := engine.Catch(func() { end = eager.Inspect(v.look) })
		v.mu.Lock()
		v.stop = end
		v.mu.Unlock()
		return err
	case on == nil && stop != nil:
		stop()
	}
	return nil
}

// look is told of every operator.
func (v *Views) look(s eager.Step) {
	v.mu.Lock()
	t, nan, inf, limit, fired := v.target, v.nan, v.inf, v.limit, v.fired
	if s.Seq != 0 && !s.Backward {
		if site := t.Here(); site != 0 {
			v.places[s.Seq%uint64(len(v.places))] = placed{s.Seq, site}
		}
	}
	v.mu.Unlock()
	if !nan && !inf && limit == 0 || fired == t.Runs() {
		return
	}
	text := ""
	for i, x := range s.Out {
		if x == nil {
			continue
		}
		if s.Leaf {
			if limit > 0 {
				if n := norm(x); n > limit || n != n {
					text = fmt.Sprintf("the gradient %v of a parameter has norm %.4g, more than %.4g", x.Type(), n, limit)
				}
			}
			continue
		}
		if what, count := strange(x, nan, inf); count > 0 {
			text = fmt.Sprintf("%s gave %s in %d of %d elements of %v", s.Op, what, count, x.Numel(), x.Type())
			if s.Backward {
				text = fmt.Sprintf("the gradient of %s has %s in %d of %d elements for operand %d (%v)",
					s.Op, what, count, x.Numel(), i, x.Type())
				if at := v.place(s.Seq); at.Line > 0 {
					text += fmt.Sprintf("; the operator ran in %s line %d", at.Cell, at.Line)
				}
			}
			break
		}
	}
	if text != "" && t.Halt("exception", text) {
		v.mu.Lock()
		v.fired = t.Runs()
		v.mu.Unlock()
	}
}

// strange counts what is not finite.
func strange(x *eager.Tensor, nan, inf bool) (what string, count int) {
	if !nan && !inf || !x.DType().IsFloat() && !x.DType().IsComplex() {
		return "", 0
	}
	for _, f := range read(x) {
		if nan && math.IsNaN(f) {
			if what != "NaN" {
				what, count = "NaN", 0
			}
			count++
		}
		if inf && math.IsInf(f, 0) && what != "NaN" {
			what = "an infinity"
			count++
		}
	}
	return what, count
}

func norm(x *eager.Tensor) float64 {
	s := 0.0
	for _, f := range read(x) {
		s += f * f
	}
	return math.Sqrt(s)
}

// place returns which statement ran the operator with that number.
func (v *Views) place(seq uint64) debugger.Place {
	v.mu.Lock()
	t, p := v.target, v.places[seq%uint64(len(v.places))]
	v.mu.Unlock()
	if p.seq != seq || seq == 0 || t == nil {
		return debugger.Place{}
	}
	return t.Place(p.site)
}

// Hook makes a cell stop when a backward pass reaches a tensor, or the parameters of a module; number
// names the hook. It returns how many tensors are hooked.
func (v *Views) Hook(x any, number int, what string) (int, error) {
	var list []*eager.Tensor
	if t, ok := of(x); ok {
		list = []*eager.Tensor{t}
	} else if m, ok := x.(module); ok {
		list = m.Params()
	} else {
		return 0, fmt.Errorf("%s is a %T; want a tensor or a module", what, x)
	}
	var removes []func()
	err := engine.Catch(func() {
		for _, t := range list {
			removes = append(removes, t.OnGrad(func(g *eager.Tensor) *eager.Tensor {
				v.mu.Lock()
				target := v.target
				v.mu.Unlock()
				line, _ := v.Describe(g)
				target.Halt("gradient breakpoint", fmt.Sprintf("the gradient of %s is %s", what, line))
				return nil
			}))
		}
	})
	v.mu.Lock()
	defer v.mu.Unlock()
	v.hooks[number] = hook{debugger.Hook{ID: number, Expression: what, Tensors: len(list)}, removes}
	if err != nil {
		v.unhook(number)
	}
	return len(list), err
}

// Hooks lists the hooks in the order in which they were set.
func (v *Views) Hooks() []debugger.Hook {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := make([]debugger.Hook, 0, len(v.hooks))
	for _, id := range slices.Sorted(maps.Keys(v.hooks)) {
		list = append(list, v.hooks[id].Hook)
	}
	return list
}

// Unhook removes what Hook set.
func (v *Views) Unhook(number int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.unhook(number)
}

func (v *Views) unhook(number int) {
	for _, remove := range v.hooks[number].removes {
		remove()
	}
	delete(v.hooks, number)
}
