package nn

import (
	"fmt"
	"reflect"
	"strings"
	"text/tabwriter"

	"github.com/lathe-ml/lathe/eager"
)

// StateDict returns parameters and buffers of the module and of everything below it under their paths, as
// PyTorch names and orders them. The tensors share their storage with the module.
func (b *Base) StateDict() []NamedTensor {
	b.eachStateHook(false, func(_ string, h *stateHook) {
		if h.saving != nil {
			h.saving()
		}
	})
	var all []NamedTensor
	b.state(func(name string, x *eager.Tensor) {
		all = append(all, NamedTensor{name, x.Detach()})
	})
	b.eachStateHook(true, func(path string, h *stateHook) {
		if h.saved != nil {
			all = changed(all, path, h.saved)
		}
	})
	return all
}

// state visits parameters and buffers; a shared one comes under each of its names.
func (b *Base) state(visit func(name string, x *eager.Tensor)) {
	var rec func(path string, b *Base)
	rec = func(path string, b *Base) {
		for _, t := range b.params {
			visit(join(path, t.Name), t.Tensor)
		}
		for _, t := range b.buffers {
			visit(join(path, t.Name), t.Tensor)
		}
		for _, c := range b.children {
			rec(join(path, c.Name), c.Module.Self())
		}
	}
	rec("", b)
}

// LoadOptions are the options of LoadStateDict; the zero value is the default: everything must fit.
type LoadOptions struct {
	AllowMissing    bool // keep what the state does not name
	AllowUnexpected bool // ignore what the module does not have
}

// LoadStateDict copies tensors into the parameters and buffers of their names, converting the dtype. The
// error lists every name that is missing, unexpected or of another shape; then nothing was changed.
func (b *Base) LoadStateDict(state []NamedTensor, o ...LoadOptions) error {
	var opt LoadOptions
	if len(o) > 0 {
		opt = o[0]
	}
	b.eachStateHook(false, func(path string, h *stateHook) {
		if h.loading != nil {
			state = changed(state, path, h.loading)
		}
	})
	given := map[string]*eager.Tensor{}
	for _, t := range state {
		given[t.Name] = t.Tensor
	}
	var faults []string
	var copies []func()
	known := map[string]bool{}
	b.state(func(name string, x *eager.Tensor) {
		known[name] = true
		y := given[name]
		switch {
		case y == nil && !opt.AllowMissing:
			faults = append(faults, fmt.Sprintf("%s %v is missing", name, x.Array()))
		case y != nil && !y.Shape().Equal(x.Shape()):
			faults = append(faults, fmt.Sprintf("%s is %v, the module has %v", name, y.Array(), x.Array()))
		case y != nil:
			copies = append(copies, func() { x.Assign(y) })
		}
	})
	for _, t := range state {
		if !known[t.Name] && !opt.AllowUnexpected {
			faults = append(faults, fmt.Sprintf("%s %v is unexpected", t.Name, t.Tensor.Array()))
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("nn.LoadStateDict: %s", strings.Join(faults, "; "))
	}
	eager.NoGrad(func() {
		for _, c := range copies {
			c()
		}
	})
	b.eachStateHook(true, func(_ string, h *stateHook) {
		if h.loaded != nil {
			h.loaded()
		}
	})
	return nil
}

// typeName is the name of a layer whose type stands for several, such as "nn.Conv2D".
func (c *Conv) typeName() string          { return c.name }
func (c *ConvTranspose) typeName() string { return c.name }
func (p *Pool) typeName() string          { return p.name }
func (p *AdaptivePool) typeName() string  { return p.name }
func (b *BatchNorm) typeName() string     { return b.name }
func (l *InstanceNorm) typeName() string  { return l.name }
func (a *Activation) typeName() string    { return a.name }

// kindOf returns the type name of m. The interpreter's wrappers of types declared in a cell have names that
// start with an underscore.
func kindOf(m Module) string {
	name := fmt.Sprintf("%T", m)
	if k, ok := m.(interface{ typeName() string }); ok {
		name = "." + k.typeName()
	}
	name = name[strings.LastIndexByte(name, '.')+1:]
	if strings.HasPrefix(name, "_") {
		return "module"
	}
	return name
}

// String returns the Summary without its final line break, so that a network that ends a cell shows itself.
// Values have it too, so that a network that is not a pointer does not show the addresses of its layers.
func (b Base) String() string { return strings.TrimSuffix(b.Summary(), "\n") }

// own reports whether m is a layer of this package, which adds all that it has.
func own(m Module) bool {
	t := reflect.TypeOf(m)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == reflect.TypeFor[Base]().PkgPath()
}

// empty reports whether nothing was added to b.
func (b *Base) empty() bool { return len(b.params)+len(b.buffers)+len(b.children) == 0 }

// Summary returns a table of all modules with their own parameters. It says "nothing added" of a module of
// the user's own whose layers and tensors were not registered with Add and Param, and are not trained.
func (b *Base) Summary() string {
	var s strings.Builder
	w := tabwriter.NewWriter(&s, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "module\ttype\tparameters\tvalues")
	b.walk(func(path string, m Module, b *Base) {
		kind, shapes, n := "", []string{}, 0
		if m != nil {
			kind = kindOf(m)
		}
		for _, p := range b.params {
			shapes = append(shapes, fmt.Sprintf("%s %v", p.Name, p.Tensor.Array()))
			n += p.Tensor.Numel()
		}
		if m != nil && !own(m) && b.empty() {
			shapes = append(shapes, "nothing added")
		}
		if m != nil || n > 0 {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", path, kind, strings.Join(shapes, ", "), n)
		}
	})
	trained := 0
	for _, p := range b.Params() {
		if p.RequiresGrad() {
			trained += p.Numel()
		}
	}
	fmt.Fprintf(w, "total\t\t\t%d (%d trained)\n", b.NumParams(), trained)
	w.Flush()
	if b.empty() {
		s.WriteString("nothing added: Add registers layers, Param tensors\n")
	}
	lines := strings.Split(s.String(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}
