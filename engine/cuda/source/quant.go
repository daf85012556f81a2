package source

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// byteBounds are the values of a type of bytes.
func byteBounds(t engine.DType) (lo, hi float64) {
	if t == engine.I8 {
		return -128, 127
	}
	return 0, 255
}

// real is an attribute as an argument.
func real(v float64) number { return number{"f64", (&args{}).floats(v).words[0]} }

// quantize rounds in f32, half to even; NaN is 0.
func quantize(c *call) error {
	p, lo, hi := c.attrs.(op.QuantizeAttrs), 0.0, 0.0
	lo, hi = byteBounds(c.out[0].DType)
	e := each{
		name: "quantize", out: c.out, in: c.in,
		numbers: []number{real(p.Scale), real(float64(p.Zero)), real(lo), real(hi)},
		before: "    f32 q = (f32)v0 / (f32)a.c0, lo = (f32)(a.c2 - a.c1), hi = (f32)(a.c3 - a.c1);\n" +
			"    q = q != q ? 0.0f : q < lo ? lo : q > hi ? hi : q;\n",
		body: []string{"(i32)rintf(q) + (i32)a.c1"},
	}
	e.plan(c)
	return nil
}

func dequantize(c *call) error {
	p := c.attrs.(op.QuantizeAttrs)
	e := each{
		name: "dequantize", out: c.out, in: c.in, numbers: []number{real(p.Scale), real(float64(p.Zero))},
		body: []string{"(f32)((i32)v0 - (i32)a.c1) * (f32)a.c0"},
	}
	e.plan(c)
	return nil
}

// quantLinear views rows as samples without spatial axes.
func quantLinear(c *call) error {
	p := c.attrs.(op.QuantLayerAttrs)
	p.ConvAttrs = op.ConvAttrs{}
	y, done := c.flatResult(c.out[0])
	residual := c.optional(4)
	if p.HasResidual {
		residual = c.flatRows(residual)
	}
	if err := c.quantLayer(p, y, c.flatRows(c.in[0]), residual); err != nil {
		return err
	}
	done()
	return nil
}

func quantConv(c *call) error {
	p := c.attrs.(op.QuantLayerAttrs)
	return c.quantLayer(p, c.out[0], c.in[0], c.optional(4))
}

// flatResult is flatRows for a result, which done copies back where its strides want that.
func (c *call) flatResult(a engine.Array) (m engine.Array, done func()) {
	n := len(a.Shape) - 1
	s := engine.Shape{a.Shape[:n].Numel(), a.Shape[n]}
	if v, ok := a.Reshape(s); ok {
		return v, func() {}
	}
	t := c.temp(a.DType, a.Shape)
	m = t
	m.Shape, m.Strides = s, s.Strides()
	return m, func() { c.copy(a, t) }
}

// asF32 is a vector of f32.
func (c *call) asF32(a engine.Array) engine.Array {
	if a.DType == engine.F32 && a.IsContiguous() {
		return a
	}
	t := c.temp(engine.F32, a.Shape)
	c.copy(t, a)
	return t
}

func (c *call) quantLayer(p op.QuantLayerAttrs, y, x, residual engine.Array) error {
	w := c.in[1]
	if y.Numel() == 0 {
		return nil
	}
	g := newGeometry(x, w, y, p.ConvAttrs)
	m := c.target.newProduct(engine.I32, g.groups, g.samples*g.places(), g.outputs, g.taps())
	if max(m.m, m.n, m.k) >= 1<<31 {
		return fmt.Errorf("has %d positions, want less than 2³¹; split the batch", max(m.m, m.n, m.k))
	}
	unit, zero, lo, hi := 1.0, 0, -math.MaxFloat32, math.MaxFloat32
	bytes := y.DType == engine.U8 || y.DType == engine.I8
	if bytes {
		unit, zero = p.Y.Scale, p.Y.Zero
	}
	if p.Clamp {
		lo, hi = float64(float32(p.Lo)/float32(unit)), float64(float32(p.Hi)/float32(unit))
	}
	if bytes {
		l, h := byteBounds(y.DType)
		l, h = l-float64(zero), h-float64(zero)
		lo, hi = min(max(lo, l), h), min(max(hi, l), h)
	}
	rest := residual.DType
	if !p.HasResidual {
		rest, residual = engine.U8, engine.Array{DType: engine.U8, Strides: make([]int, 5)}
	}
	a := &args{c: c}
	m.args(a)
	a.ints(g.c, g.outputs).ints(g.in[:]...).ints(g.kernel[:]...).ints(g.out[:]...)
	a.ints(g.stride[:]...).ints(g.pad[:]...).ints(g.dilation[:]...)
	a.ints(five(x)...).ints(five(w)...).ints(five(y)...).ints(five(residual)...)
	a.ints(p.X.Zero, p.Residual.Zero, zero)
	a.floats(float64(float32(p.X.Scale)/float32(unit)), float64(float32(unit)),
		float64(float32(p.Residual.Scale)/float32(unit)), lo, hi)
	a.array(x).array(w).array(c.asF32(c.in[2])).array(c.asF32(c.in[3])).array(residual).array(y)
	var partial engine.Array
	if m.parts > 1 {
		partial = c.temp(engine.I32, engine.Shape{m.batch * m.parts * m.m * m.n})
	}
	a.array(partial)
	xt, yt, rt := ctype(x.DType), ctype(y.DType), ctype(rest)
	m.launchIn([]string{"math", "gemm", "quant"}, c, "quantized", fmt.Sprintf("QuantArgs<%s, %s, %s>", xt, yt, rt), a, xt, yt, rt)
	return nil
}

// localResponse is the form of LocalResponse; its axes stay apart, since that of channels is walked along.
func localResponse(c *call) error {
	p, x, y := c.attrs.(op.LRNAttrs), c.in[0], c.out[0]
	if y.Numel() == 0 {
		return nil
	}
	a := (&args{c: c}).ints(y.Numel(), x.Shape[1], x.Shape[2:].Numel(), p.Size)
	a.ints(x.Shape...).ints(x.Strides...).ints(y.Strides...).array(x).array(y)
	a.floats(p.Alpha/float64(p.Size), p.Beta, p.K)
	t, r := ctype(x.DType), len(x.Shape)
	k := instance("response", "local_response", fmt.Sprintf("ResponseArgs<%s, %d>", t, r), t, r)
	k.parts = []string{"math", "response"}
	c.launch(k, over(y.Numel()), a)
	return nil
}
