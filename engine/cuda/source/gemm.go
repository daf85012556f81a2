package source

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// product is GemmArgs: parts of the inner axis are summed up by themselves where there are few tiles. how is the
// type of the library that computes tiles, of that many rows and columns.
type product struct {
	batch, m, n, k, parts, part int
	how                         string
	tile                        int
}

// newProduct chooses how a product of elements of a type is computed.
func (t Target) newProduct(dt engine.DType, batch, m, n, k int) product {
	p := product{batch: batch, m: m, n: n, k: k, how: "Plain<4>", tile: 64}
	half := dt == engine.F16 || dt == engine.BF16
	tensor := t.Capability >= tensorCores && (half || dt == engine.F32 && t.TF32)
	switch {
	case tensor && max(m, n) >= 64 && min(m, n, k) >= 16:
		p.how, p.tile = "Tensor", 128
	case (half || dt == engine.F32) && min(m, n) > 64:
		p.how, p.tile = "Plain<8>", 128
	}
	p.parts = clamp(busyBlocks/max(p.tiles(), 1), k/busyBlocks)
	p.part = (k + p.parts - 1) / p.parts
	if p.parts > 1 { // so that parts begin where fours do
		p.part = (p.part + 3) / 4 * 4
	}
	if p.part > 0 {
		p.parts = (k + p.part - 1) / p.part
	}
	return p
}

// tensorCores is the compute capability from which mma.sync takes all of f16, bf16 and TF32.
const tensorCores = 80

func (p *product) tiles() int {
	return p.batch * ((p.m + p.tile - 1) / p.tile) * ((p.n + p.tile - 1) / p.tile)
}

func (p *product) args(a *args) { a.ints(p.batch, p.m, p.n, p.k, p.parts, p.part) }

// partial is memory for the parts; absent when there is one.
func (p *product) partial(c *call, t engine.DType) engine.Array {
	if p.parts == 1 {
		return engine.Array{}
	}
	return c.temp(sumType(t), engine.Shape{p.batch * p.parts * p.m * p.n})
}

// launch adds the launches of a product whose kernels are f and f_join.
func (p *product) launch(c *call, f, argsType string, a *args, templ ...any) {
	p.launchIn([]string{"gemm"}, c, f, argsType, a, templ...)
}

// launchIn is launch for kernels in other parts of the library.
func (p *product) launchIn(parts []string, c *call, f, argsType string, a *args, templ ...any) {
	k := instance("gemm", f, argsType, append(templ, p.how)...)
	k.parts = parts
	if p.how == "Tensor" {
		k.parts, k.Capability = append(slices.Clone(parts), "tensor"), tensorCores
	}
	c.launch(k, rows(p.tiles()*p.parts), a)
	if p.parts > 1 {
		k := instance("gemm", f+"_join", argsType, append(templ, "Plain<4>")...)
		k.parts = parts
		c.launch(k, over(p.batch*p.m*p.n), a)
	}
}

// sumType is the type that sums of t are in.
func sumType(t engine.DType) engine.DType {
	switch {
	case t == engine.F16 || t == engine.BF16:
		return engine.F32
	case t.IsInt() || t == engine.Bool:
		return engine.I64
	}
	return t
}

// matMul plans z = x·y + bias; the leading axes of x and y are those of z after broadcasting.
func (c *call) matMul(z, x, y, bias engine.Array) {
	if z.Numel() == 0 {
		return
	}
	n := len(z.Shape) - 2
	batch := z.Shape[:n]
	lead := func(a engine.Array) []int {
		a.Shape, a.Strides = a.Shape[:len(a.Shape)-2], a.Strides[:len(a.Strides)-2]
		return a.Expand(batch).Strides
	}
	last := func(a engine.Array) (int, int) { return a.Strides[len(a.Strides)-2], a.Strides[len(a.Strides)-1] }
	shape, st := collapse(batch, lead(x), lead(y), lead(z))
	if c.library(z, x, y, bias, shape, st) {
		return
	}
	p := c.target.newProduct(z.DType, batch.Numel(), z.Shape[n], z.Shape[n+1], x.Shape[len(x.Shape)-1])
	a := &args{c: c}
	p.args(a)
	a.ints(shape...).ints(st[0]...).ints(st[1]...).ints(st[2]...)
	xm, xk := last(x)
	yk, yn := last(y)
	zm, zn := last(z)
	bn := 0
	if bias.Strides != nil {
		bn = bias.Strides[0]
	}
	a.ints(xm, xk, yk, yn, zm, zn, bn).array(x).array(y).array(bias).array(z).array(p.partial(c, z.DType))
	t, r := ctype(z.DType), len(shape)
	p.launch(c, "matmul", fmt.Sprintf("MatMulArgs<%s, %d>", t, r), a, t, r)
}

func matMul(c *call) error {
	c.matMul(c.out[0], c.in[0], c.in[1], engine.Array{})
	return nil
}

// optional returns operand i, or an absent array.
func (c *call) optional(i int) engine.Array {
	if i < len(c.in) {
		return c.in[i]
	}
	return engine.Array{}
}

// twoAxes gives a vector an axis of extent 1 in front.
func twoAxes(a engine.Array) engine.Array {
	if len(a.Shape) == 1 {
		a.Shape, a.Strides = engine.Shape{1, a.Shape[0]}, []int{0, a.Strides[0]}
	}
	return a
}

func linear(c *call) error {
	c.matMul(twoAxes(c.out[0]), twoAxes(c.in[0]), c.in[1].Permute(1, 0), c.optional(2))
	return nil
}

func linearGrad(c *call) error {
	dy, x := c.flatRows(c.in[0]), c.flatRows(c.in[1])
	c.matMul(c.out[0], dy.Permute(1, 0), x, engine.Array{})
	c.reduce("SumOver", c.out[1], dy, []int{0}, 0)
	return nil
}

// flatRows returns a with two axes, copied where its strides do not allow a view.
func (c *call) flatRows(a engine.Array) engine.Array {
	n := len(a.Shape) - 1
	s := engine.Shape{a.Shape[:n].Numel(), a.Shape[n]}
	if v, ok := a.Reshape(s); ok {
		return v
	}
	t := c.temp(a.DType, a.Shape)
	c.copy(t, a)
	t.Shape, t.Strides = s, s.Strides()
	return t
}

// copy plans dst = src, converted and broadcast.
func (c *call) copy(dst, src engine.Array) {
	e := each{
		name: "Cast", out: []engine.Array{dst}, in: []engine.Array{src.Expand(dst.Shape)}, body: []string{"v0"},
	}
	e.plan(c)
}

// fill plans dst = v.
func (c *call) fill(dst engine.Array, v float64) {
	e := each{
		name: "fill", out: []engine.Array{dst}, body: []string{"a.c0"},
		numbers: []number{{"f64", (&args{}).floats(v).words[0]}},
	}
	e.plan(c)
}

// conv is the form of Conv, ConvInputGrad and ConvWeightGrad.
func conv(what string) form {
	return func(c *call) error {
		var x, w, y engine.Array
		var m, n, k func(g *geometry) int
		switch what {
		case "ConvForward":
			x, w, y = c.in[0], c.in[1], c.out[0]
			m, n, k = func(g *geometry) int { return g.samples * g.places() }, (*geometry).o, (*geometry).taps
		case "ConvInput":
			y, w, x = c.in[0], c.in[1], c.out[0]
			m = func(g *geometry) int { return g.samples * volume(g.in) }
			n = func(g *geometry) int { return g.c }
			k = func(g *geometry) int { return g.outputs * volume(g.kernel) }
		default:
			y, x, w = c.in[0], c.in[1], c.out[0]
			m, n, k = (*geometry).o, (*geometry).taps, func(g *geometry) int { return g.samples * g.places() }
		}
		if c.out[0].Numel() == 0 {
			return nil
		}
		g := newGeometry(x, w, y, c.attrs.(op.ConvAttrs))
		if c.dnn(kindOf[what], x, w, y, c.convBias(what), g) {
			return nil
		}
		p := c.target.newProduct(x.DType, g.groups, m(g), n(g), k(g))
		if max(p.m, p.n, p.k) >= 1<<31 {
			return fmt.Errorf("has %d positions, want less than 2³¹; split the batch", max(p.m, p.n, p.k))
		}
		a := &args{c: c}
		p.args(a)
		a.ints(g.c, g.outputs).ints(g.in[:]...).ints(g.kernel[:]...).ints(g.out[:]...)
		a.ints(g.stride[:]...).ints(g.pad[:]...).ints(g.dilation[:]...)
		a.ints(five(x)...).ints(five(w)...).ints(five(y)...)
		bias, bn := c.convBias(what), 0
		if bias.DType != engine.Invalid {
			bn = bias.Strides[0]
		}
		a.ints(bn).array(x).array(w).array(y).array(bias).array(c.out[0]).array(p.partial(c, x.DType))
		t := ctype(x.DType)
		p.launch(c, "conv", fmt.Sprintf("ConvArgs<%s>", t), a, t, what)
		return nil
	}
}

var kindOf = map[string]int{"ConvForward": ConvForward, "ConvInput": ConvInputGradient, "ConvWeight": ConvWeightGradient}

// convBias is the bias of a convolution, or an absent array.
func (c *call) convBias(what string) engine.Array {
	if what != "ConvForward" {
		return engine.Array{}
	}
	return c.optional(2)
}

// geometry is a convolution over three spatial axes.
type geometry struct {
	samples, groups, c, outputs            int
	in, kernel, out, stride, pad, dilation [3]int
}

func (g *geometry) o() int      { return g.outputs }
func (g *geometry) taps() int   { return g.c * volume(g.kernel) }
func (g *geometry) places() int { return volume(g.out) }

func volume(s [3]int) int { return s[0] * s[1] * s[2] }

func newGeometry(x, w, y engine.Array, p op.ConvAttrs) *geometry {
	groups := max(p.Groups, 1)
	return &geometry{
		samples: x.Shape[0], groups: groups, c: w.Shape[1], outputs: w.Shape[0] / groups,
		in: three(x.Shape[2:], 1), kernel: three(w.Shape[2:], 1), out: three(y.Shape[2:], 1),
		stride: three(p.Stride, 1), dilation: three(p.Dilation, 1),
		pad: three(p.Padding[:min(len(p.Padding), len(x.Shape)-2)], 0),
	}
}

// three gives what belongs to spatial axes that of axes in front, v, up to three.
func three(s []int, v int) [3]int {
	r := [3]int{v, v, v}
	copy(r[3-len(s):], s)
	return r
}

// five are the strides of an array of samples, channels and spatial axes, brought to three of these.
func five(a engine.Array) []int {
	s := []int{a.Strides[0], a.Strides[1], 0, 0, 0}
	copy(s[7-len(a.Strides):], a.Strides[2:])
	return s
}
