package optest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func TestEveryOperatorConforms(t *testing.T) {
	for _, d := range op.Defs() {
		t.Run(d.Name, func(t *testing.T) { Run(t, d) })
	}
}

// collector is a reporter that keeps what is reported.
type collector struct{ text strings.Builder }

func (c *collector) Helper() {}

func (c *collector) Errorf(format string, args ...any) {
	fmt.Fprintf(&c.text, format+"\n", args...)
}

func (c *collector) Fatalf(format string, args ...any) {
	c.Errorf(format, args...)
	panic(c)
}

// report runs the harness on d and returns what it complains about.
func report(d *op.Def) (text string) {
	c := &collector{}
	defer func() {
		if r := recover(); r != nil && r != any(c) {
			c.Errorf("%v", r)
		}
		text = c.text.String()
	}()
	if checkDef(c, d) {
		for _, k := range d.Cases() {
			checkCase(c, d, k)
		}
	}
	return ""
}

func TestBrokenDefinitionsAreCaught(t *testing.T) {
	cpuOf := func(d *op.Def, after func(out, in []engine.Array)) {
		run := d.CPU
		d.CPU = func(a op.Attrs, out, in []engine.Array) { run(a, out, in); after(out, in) }
	}
	for _, b := range []struct {
		name, want string
		base       *op.Def
		harm       func(d *op.Def)
	}{
		{"no cases", "has no Cases", op.Exp, func(d *op.Def) { d.Cases = func() []op.Case { return nil } }},
		{"no documentation", "Doc starts with the name", op.Exp, func(d *op.Def) { d.Doc = "" }},
		{"tolerance without a reason", "needs its reason", op.Exp, func(d *op.Def) { d.Tol.Rel32 = 1 }},
		{"promises integers", "has no kernel", op.Exp, func(d *op.Def) {
			d.Takes, d.Promote = []op.Kinds{op.Numbers}, op.KeepTypes
		}},
		{"accepts anything", "is accepted", op.MatMul, func(d *op.Def) {
			d.Rule = func(_ op.Attrs, in []op.Type) ([]op.Type, error) { return in[:1], nil }
		}},
		{"stops NaN", "Doc does not say so", op.Tanh, func(d *op.Def) {
			cpuOf(d, func(out, _ []engine.Array) {
				if out[0].DType == engine.F32 || out[0].DType == engine.F64 {
					for i := range out[0].Numel() {
						setNaNToZero(out[0], i)
					}
				}
			})
		}},
		{"forgets an element", "against f64", op.Exp, func(d *op.Def) {
			cpuOf(d, func(out, _ []engine.Array) {
				if out[0].DType == engine.F32 && out[0].Numel() > 6 {
					out[0].F32()[out[0].Numel()-1] = 77
				}
			})
		}},
		{"ignores strides", "transposed", op.Neg, func(d *op.Def) {
			cpuOf(d, func(out, in []engine.Array) {
				if x := in[0]; !x.IsContiguous() && x.Offset == 0 && len(x.Buf.Bytes()) == x.Numel()*x.DType.Size() {
					copy(out[0].Buf.Bytes(), x.Buf.Bytes())
				}
			})
		}},
		{"wrong gradient", "gradient: operand 0", op.Tanh, func(d *op.Def) {
			d.Grad = func(_ op.Builder, c *op.Call) []op.Value { return c.DOut }
		}},
		{"wrong second gradient", "second gradient", op.Tanh, func(d *op.Def) {
			right := d.Grad
			d.Grad = func(b op.Builder, c *op.Call) []op.Value { // right in value, cut off from x
				g := right(b, c)[0]
				if v, ok := g.(*value); ok {
					return []op.Value{v}
				}
				return []op.Value{op.One(b, op.Mul, nil, c.DOut[0], c.DOut[0])}
			}
		}},
		{"reads what it does not save", "leaves out", op.Tanh, func(d *op.Def) { d.Saves = op.SaveNone }},
	} {
		t.Run(b.name, func(t *testing.T) {
			d := *b.base
			b.harm(&d)
			if got := report(&d); !strings.Contains(got, b.want) {
				t.Errorf("want a complaint with %q, got %q", b.want, got)
			}
		})
	}
}

func setNaNToZero(x engine.Array, i int) {
	if x.DType == engine.F32 {
		if v := x.F32(); v[i] != v[i] {
			v[i] = 0
		}
	} else if v := x.F64(); v[i] != v[i] {
		v[i] = 0
	}
}
