package torch

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// entry maps one operator of PyTorch: the names of its arguments in order, the first of which is the
// input, and what to call. A last name that ends in "..." takes all remaining positional arguments.
type entry struct {
	params string
	f      func(c *call) any
}

// call holds the arguments of one call by name.
type call struct {
	args map[string]any
	read map[string]bool
}

// ignored arguments say where or how results are stored, never what they are.
var ignored = map[string]bool{
	"device": true, "layout": true, "memory_format": true, "requires_grad": true, "pin_memory": true,
	"non_blocking": true, "copy": true, "out": true,
	// ways to run an optimizer that do not change what it computes
	"foreach": true, "fused": true, "capturable": true, "differentiable": true,
}

// call binds arguments and runs e. Arguments that e does not know or does not read are unsupported.
func (e entry) call(input any, args []any, kwargs any) any {
	c := &call{args: map[string]any{}, read: map[string]bool{}}
	names := strings.Fields(e.params)
	for i, v := range append([]any{input}, args...) {
		switch {
		case i < len(names) && strings.HasSuffix(names[i], "..."):
			c.args[strings.TrimSuffix(names[i], "...")] = append([]any{input}, args...)[i:]
		case i < len(names):
			c.args[names[i]] = v
			continue
		default:
			panic(unsupported(fmt.Sprintf("argument %d", i)))
		}
		break
	}
	if m, ok := kwargs.(map[string]any); ok {
		for k, v := range m {
			c.args[k] = v
		}
	}
	y := e.f(c)
	for k, v := range c.args {
		if v != nil && !c.read[k] && !ignored[k] {
			panic(unsupported("argument " + k))
		}
	}
	return y
}

func (c *call) get(name string) any {
	c.read[name] = true
	return c.args[name]
}

func (c *call) has(name string) bool { return c.get(name) != nil }

// t is a tensor argument; numbers become scalar tensors.
func (c *call) t(name string) *eager.Tensor {
	x := c.opt(name)
	if x == nil {
		panic(unsupported("no tensor " + name))
	}
	return x
}

// opt is a tensor argument, or nil.
func (c *call) opt(name string) *eager.Tensor {
	switch v := c.get(name).(type) {
	case *eager.Tensor:
		return v
	case nil:
		return nil
	}
	panic(unsupported("argument " + name + " that is not a tensor"))
}

// operand is a tensor or a Go number.
func (c *call) operand(name string) any {
	switch v := c.get(name).(type) {
	case *eager.Tensor, int, float64, complex128, bool:
		return v
	}
	panic(unsupported("no operand " + name))
}

// ts is a list of tensors.
func (c *call) ts(name string) []*eager.Tensor {
	var r []*eager.Tensor
	for _, v := range list(c.get(name)) {
		x, ok := v.(*eager.Tensor)
		if !ok {
			panic(unsupported("argument " + name + " that is not a list of tensors"))
		}
		r = append(r, x)
	}
	return r
}

func (c *call) int(name string, otherwise int) int {
	switch v := c.get(name).(type) {
	case int:
		return v
	case nil:
		return otherwise
	case float64:
		if v == float64(int(v)) {
			return int(v)
		}
	}
	panic(unsupported("argument " + name + " that is not an integer"))
}

func (c *call) float(name string, otherwise float64) float64 {
	switch v := c.get(name).(type) {
	case int:
		return float64(v)
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	case nil:
		return otherwise
	}
	panic(unsupported("argument " + name + " that is not a number"))
}

func (c *call) bool(name string, otherwise bool) bool {
	switch v := c.get(name).(type) {
	case bool:
		return v
	case nil:
		return otherwise
	}
	panic(unsupported("argument " + name + " that is not a bool"))
}

func (c *call) str(name, otherwise string) string {
	switch v := c.get(name).(type) {
	case string:
		return v
	case nil:
		return otherwise
	}
	panic(unsupported("argument " + name + " that is not a string"))
}

// ints is a list of integers; a single integer is a list of one, null none.
func (c *call) ints(name string) []int { return ints(c.get(name), name) }

func ints(v any, name string) []int {
	switch v := v.(type) {
	case nil:
		return nil
	case int:
		return []int{v}
	case []any:
		r := make([]int, 0, len(v))
		for _, x := range v {
			if l, ok := x.([]any); ok && len(v) == 1 { // f(2, 3) and f((2, 3)) mean the same
				return ints(l, name)
			}
			i, ok := x.(int)
			if !ok {
				panic(unsupported("argument " + name + " that is not a list of integers"))
			}
			r = append(r, i)
		}
		return r
	}
	panic(unsupported("argument " + name + " that is not a list of integers"))
}

// perAxis is ints repeated for n spatial axes; nil when not given.
func (c *call) perAxis(name string, n int) []int {
	v := c.ints(name)
	if len(v) == 1 {
		for len(v) < n {
			v = append(v, v[0])
		}
	}
	return v
}

func (c *call) dtype(name string, otherwise engine.DType) engine.DType {
	switch v := c.get(name).(type) {
	case engine.DType:
		return v
	case nil:
		return otherwise
	}
	panic(unsupported("argument " + name + " that is not a dtype"))
}

// need panics when a call asks for something that Lathe does not have.
func need(ok bool, what string) {
	if !ok {
		panic(unsupported(what))
	}
}
