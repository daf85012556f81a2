package onnx

import (
	"fmt"
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

// versioned is what an operator does from a version of its operator set on.
type versioned struct {
	since  int
	kernel kernel
}

// mlDomain is the domain of classical models.
const mlDomain = "ai.onnx.ml"

// operators holds every operator by "domain:name", ascending by version.
var operators = map[string][]versioned{}

// add registers an operator of the default domain.
func add(name string, since int, k kernel) { addIn("", name, since, k) }

func addIn(domain, name string, since int, k kernel) {
	key := domain + ":" + name
	operators[key] = append(operators[key], versioned{since, k})
	slices.SortFunc(operators[key], func(a, b versioned) int { return a.since - b.since })
}

// custom holds operators that users register.
var custom sync.Map // "domain:name" → Custom

// Custom computes one node of an operator that ONNX does not define. Attributes that hold tensors or graphs
// are left out.
type Custom func(attrs map[string]any, in []Value) ([]Value, error)

// Register makes models that use operator name of domain run f for it. It may also replace an operator.
func Register(domain, name string, f Custom) {
	custom.Store(canonicalDomain(domain)+":"+name, f)
}

// Unregister undoes Register.
func Unregister(domain, name string) { custom.Delete(canonicalDomain(domain) + ":" + name) }

// lookup returns the kernel that a version of an operator set means.
func lookup(domain, name string, version int) (k kernel, since int) {
	key := domain + ":" + name
	if f, ok := custom.Load(key); ok {
		return customKernel(f.(Custom)), 0
	}
	if d, err := op.Lookup(domain + "." + name); err == nil && domain != "" && d.Attrs == (eager.OperatorAttrs{}) {
		return registeredKernel(d), 0
	}
	for _, v := range operators[key] {
		if v.since <= version {
			k, since = v.kernel, v.since
		}
	}
	return k, since
}

func customKernel(f Custom) kernel {
	return func(c *call) []Value {
		attrs := map[string]any{}
		for name, a := range c.attrs {
			if v := a.plain(); v != nil {
				attrs[name] = v
			}
		}
		out, err := f(attrs, c.values)
		if err != nil {
			fail("%v", err)
		}
		return out
	}
}

// registeredKernel applies an operator that a program has registered (eager.Operator).
func registeredKernel(d *op.Def) kernel {
	return func(c *call) []Value {
		p := eager.Params{}
		for name, a := range c.attrs {
			if v := a.plain(); v != nil {
				p[name] = v
			}
		}
		in := make([]*eager.Tensor, len(c.values))
		for i := range c.values {
			in[i] = c.numeric(i).Data
		}
		var out []Value
		for _, y := range eager.Apply(d, p.Attrs(), in...) {
			out = append(out, FromTensor(y))
		}
		return out
	}
}

// plain returns an attribute as int, float64, string or a slice of these; nil for others.
func (a *attr) plain() any {
	switch a.kind {
	case 1:
		return a.f
	case 2:
		return int(a.i)
	case 3:
		return a.s
	case 6:
		return a.floats
	case 7:
		return a.ints
	case 8:
		return a.strings
	}
	return nil
}

// unknownOperator says what is known instead.
func unknownOperator(domain, name string, version int) error {
	if domain == "" {
		domain = "ai.onnx"
	}
	if vs := operators[canonicalDomain(domain)+":"+name]; len(vs) > 0 {
		return fmt.Errorf("%s.%s exists from version %d on, the model imports version %d", domain, name, vs[0].since, version)
	}
	return fmt.Errorf("operator %s.%s is unknown; eager.Operator or onnx.Register can add it", domain, name)
}

// Operators returns the names of all operators: "Add", "ai.onnx.ml.Scaler" …
func Operators() []string {
	var names []string
	for key := range operators {
		if key[0] == ':' {
			names = append(names, key[1:])
			continue
		}
		for i := range key {
			if key[i] == ':' {
				names = append(names, key[:i]+"."+key[i+1:])
			}
		}
	}
	slices.Sort(names)
	return names
}
