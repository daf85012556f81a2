package onnx

import (
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	ir "github.com/lathe-ml/lathe/jit/graph"
)

// byteLayer is a layer with constant weights over bytes.
type byteLayer struct {
	byteWeights
	def  *op.Def
	bias *eager.Tensor
	a    op.QuantLayerAttrs

	mu     sync.Mutex
	packed ir.PackedQuantAttrs // for the padding that it was last run with
}

// run computes the layer: as an operator of the registry where a tracer watches, which keeps weights apart, and
// otherwise with weights that are packed once.
func (l *byteLayer) run(a op.QuantLayerAttrs, x, residual *eager.Tensor) *eager.Tensor {
	in := []*eager.Tensor{x}
	if eager.IsTraced() || x.Device() != nil {
		in = append(in, l.w, l.scale, l.bias)
	}
	if residual != nil {
		in = append(in, residual)
	}
	if eager.IsTraced() || x.Device() != nil {
		return eager.First(l.def, a, in...)
	}
	l.mu.Lock()
	p := l.packed
	if p.Layer == nil || !slices.Equal(p.Padding, a.Padding) {
		layer, err := a.Layer(l.w.Array(), l.scale.Array(), l.bias.Array())
		if err != nil {
			l.mu.Unlock()
			fail("%v", err)
		}
		p = ir.PackedQuantAttrs{QuantLayerAttrs: a, Layer: layer, Weight: l.w.Shape()}
		l.packed = p
	}
	l.mu.Unlock()
	return eager.First(ir.PackedQuant, p, in...)
}

// newByteLayer returns a layer whose result is r.
func newByteLayer(def *op.Def, w byteWeights, bias *eager.Tensor, x op.QuantizeAttrs, r result) *byteLayer {
	x.DType = 0
	l := &byteLayer{byteWeights: w, def: def, bias: bias}
	if bias == nil {
		l.bias = eager.Zeros(w.w.Size(0))
	}
	l.a = op.QuantLayerAttrs{X: x, Y: r.y, Clamp: r.on, Lo: r.lo, Hi: r.hi}
	if len(r.over) > 0 && r.residual >= 0 {
		l.a.HasResidual, l.a.Residual = true, r.other
		l.a.Residual.DType = 0
	}
	return l
}

// elemOf is the ONNX type of a result.
func elemOf(y op.QuantizeAttrs) ElemType { return elemTypeOf(y.DType) }

// convLayer runs a convolution node over bytes; groups is its attribute.
func (l *byteLayer) convLayer(groups int) kernel {
	return func(c *call) []Value {
		x := c.numeric(0)
		a := l.a
		a.ConvAttrs = windowOf(c, spatialOf(x), l.w.Shape()[2:]).attrs(groups)
		return one(l.finish(c, a))
	}
}

// linearLayer runs a dense layer over bytes.
func (l *byteLayer) linearLayer() kernel {
	return func(c *call) []Value {
		return one(l.finish(c, l.a))
	}
}

// finish runs the layer, with the residual in input 1 where there is one.
func (l *byteLayer) finish(c *call, a op.QuantLayerAttrs) *Tensor {
	x := c.numeric(0).Data
	if !c.has(1) {
		return &Tensor{Type: elemOf(a.Y), Data: l.run(a, x, nil)}
	}
	residual := c.numeric(1).Data
	plain := a
	plain.HasResidual, plain.Clamp, plain.Y = false, false, op.QuantizeAttrs{DType: engine.F32}
	shape, err := l.def.Resolve(plain, []op.Type{x.Type(), l.w.Type(), l.scale.Type(), l.bias.Type()})
	if err == nil && shape.Out[0].Shape.Equal(residual.Shape()) {
		return &Tensor{Type: elemOf(a.Y), Data: l.run(a, x, residual)}
	}
	y := l.run(plain, x, nil).Add(dequantized(residual, a.Residual)) // it is broadcast
	if a.Clamp {
		y = y.Clamp(a.Lo, a.Hi)
	}
	if a.Y.DType != engine.F32 {
		y = eager.First(op.Quantize, a.Y, y)
	}
	return &Tensor{Type: elemOf(a.Y), Data: y}
}

// rewrite makes n a layer over bytes, if it can be one.
func (b *byteGraph) rewrite(n *node) {
	switch n.domain + ":" + n.op {
	case ":Conv":
		b.conv(n)
	case ":Gemm":
		b.gemm(n)
	case ":MatMul":
		b.matmul(n)
	case ":Add":
		b.add(n)
	case ":MaxPool", ":Reshape", ":Transpose", ":Flatten", ":Squeeze", ":Unsqueeze", ":Slice", ":Identity", ":Gather",
		":DepthToSpace", ":SpaceToDepth", ":Expand", ":Tile":
		b.move(n, 1)
	case ":Concat":
		b.move(n, len(n.in))
	case ":Pad":
		b.pad(n)
	case ":MatMulInteger":
		if !b.dynamicProduct(n, 1) {
			b.integerProduct(n, 1)
		}
	case ":ConvInteger":
		if !b.dynamicProduct(n, 0) {
			b.integerProduct(n, 0)
		}
	case ":QLinearConv":
		b.qlinearConv(n)
	case ":QLinearMatMul":
		b.qlinearMatmul(n)
	case "com.microsoft:QLinearAdd":
		b.qlinearAdd(n)
	case "com.microsoft:QGemm":
		b.qgemm(n)
	}
}

// reads are the inputs of a layer on bytes x.
func (r result) reads(x int) []int {
	if r.residual < 0 {
		return []int{x}
	}
	return []int{x, r.residual}
}

// biasOf reads a constant bias of n numbers in slot; −1: there is none.
func (b *byteGraph) biasOf(slot, n int) (bias *eager.Tensor, ok bool) {
	if slot < 0 {
		return nil, true
	}
	t := b.constant(slot)
	if t == nil || t.Type != Float || t.Numel() != n {
		return nil, false
	}
	return t.Data.Reshape(n).Contiguous(), true
}

func (b *byteGraph) conv(n *node) {
	x, a, ok := b.bytesBehind(n.in[0])
	w, known := b.weightsBehind(n.in[1], 0, 0)
	if !ok || !known || w.w.Rank() < 3 || w.w.Rank() > 4 {
		return
	}
	bias, ok := b.biasOf(n.input(2), w.w.Size(0))
	if !ok {
		return
	}
	r := b.resultOf(n, true)
	l := newByteLayer(op.QuantConv, w, bias, a, r)
	if d := b.producer[n.in[0]]; b.only(n.in[0]) != nil && b.only(x) == d {
		x = b.padded(n, x, a.Zero)
	}
	b.become(n, "QuantConv", l.convLayer(n.int("group", 1)), r, r.reads(x)...)
}

func (b *byteGraph) gemm(n *node) {
	x, a, ok := b.bytesBehind(n.in[0])
	axis := 1
	if n.flag("transB") {
		axis = 0
	}
	w, known := b.weightsBehind(n.in[1], axis, 2)
	if !ok || !known || n.flag("transA") || n.float("alpha", 1) != 1 || n.float("beta", 1) != 1 {
		return
	}
	if axis == 1 {
		w.w = w.w.T().Contiguous()
	}
	bias, ok := b.biasOf(n.input(2), w.w.Size(0))
	if !ok {
		return
	}
	r := b.resultOf(n, true)
	b.become(n, "QuantLinear", newByteLayer(op.QuantLinear, w, bias, a, r).linearLayer(), r, r.reads(x)...)
}

func (b *byteGraph) matmul(n *node) {
	x, a, ok := b.bytesBehind(n.in[0])
	w, known := b.weightsBehind(n.in[1], 1, 2)
	if !ok || !known {
		return
	}
	w.w = w.w.T().Contiguous()
	end, add := n, b.only(n.out[0])
	var bias *eager.Tensor
	if add != nil && add.op == "Add" && !add.called && len(add.in) == 2 {
		slot := add.in[0] + add.in[1] - n.out[0]
		if t := b.constant(slot); t != nil && len(t.Shape()) == 1 {
			if v, ok := b.biasOf(slot, w.w.Size(0)); ok {
				end, bias = add, v
			}
		}
	}
	r := b.resultOf(end, true)
	if end != n {
		r.over = slices.Insert(r.over, 0, end)
	}
	b.become(n, "QuantLinear", newByteLayer(op.QuantLinear, w, bias, a, r).linearLayer(), r, r.reads(x)...)
}

// add makes a sum of bytes a layer that multiplies every channel by 1 and has a residual.
func (b *byteGraph) add(n *node) {
	x, xa, ok := b.bytesBehind(n.in[0])
	y, ya, known := b.bytesBehind(n.in[1])
	r := b.resultOf(n, false)
	if ok && known && r.y.DType != engine.F32 {
		b.become(n, "QuantAdd", byteSum(xa, ya, r), r, x, y)
	}
}

// byteSum adds bytes of one shape; others go through f32.
func byteSum(x, y op.QuantizeAttrs, r result) kernel {
	var mu sync.Mutex
	layers := map[[2]int]*byteLayer{} // by the number of channels and of axes behind them
	layer := func(channels, axes int) *byteLayer {
		mu.Lock()
		defer mu.Unlock()
		l := layers[[2]int{channels, axes}]
		if l == nil {
			shape := slices.Concat([]int{channels, 1}, slices.Repeat([]int{1}, axes))
			l = newByteLayer(op.QuantConv, byteWeights{eager.Ones(shape...).To(engine.I8), eager.Ones(channels)}, nil, x, r)
			l.a.Groups, l.a.HasResidual, l.a.Residual = channels, true, y
			l.a.Residual.DType = 0
			layers[[2]int{channels, axes}] = l
		}
		return l
	}
	return func(c *call) []Value {
		s, t := c.numeric(0).Data, c.numeric(1).Data
		shape := s.Shape()
		var sum *eager.Tensor
		switch {
		case !shape.Equal(t.Shape()) || len(shape) < 2 || shape.Numel() == 0:
			sum = dequantized(s, x).Add(dequantized(t, y))
			if r.on {
				sum = sum.Clamp(r.lo, r.hi)
			}
			sum = eager.First(op.Quantize, r.y, sum)
		case len(shape) == 4:
			l := layer(shape[1], 2)
			sum = l.run(l.a, s, t)
		default:
			l := layer(shape[1], 1)
			flat := []int{shape[0], shape[1], shape[2:].Numel()}
			sum = l.run(l.a, s.Reshape(flat...), t.Reshape(flat...)).Reshape(shape...)
		}
		return one(&Tensor{Type: elemOf(r.y), Data: sum})
	}
}

// dequantized returns the numbers that bytes stand for.
func dequantized(x *eager.Tensor, a op.QuantizeAttrs) *eager.Tensor {
	a.DType = 0
	return eager.First(op.Dequantize, a, x)
}

// move lets an operator that moves elements, or takes the largest, take the bytes of its first inputs, when its
// result becomes bytes of the same meaning.
func (b *byteGraph) move(n *node, inputs int) {
	if len(n.out) != 1 || inputs == 0 {
		return
	}
	in := slices.Clone(n.in)
	var a op.QuantizeAttrs
	for i := range inputs {
		x, xa, ok := b.bytesBehind(n.in[i])
		if !ok || i > 0 && xa != a {
			return
		}
		in[i], a = x, xa
	}
	r := b.resultOf(n, false)
	if r.on || r.y != a {
		return
	}
	b.become(n, n.op, n.kernel, r, in...)
}

// pad lets zeros around bytes be bytes, too.
func (b *byteGraph) pad(n *node) {
	x, a, ok := b.bytesBehind(n.in[0])
	if !ok || n.version < 11 || n.string("mode", "constant") == "constant" && !b.isZero(n.input(2)) {
		return
	}
	r := b.resultOf(n, false)
	if r.on || r.y != a {
		return
	}
	zero := fromInts([]int{a.Zero})
	slot := b.slots
	b.slots++
	b.inits = append(b.inits, initial{"", slot, convert(zero, elemOf(a), true, "up")})
	b.consts[slot] = b.inits[len(b.inits)-1].value
	in := append(slices.Clone(n.in), -1)[:max(3, len(n.in))]
	in[0], in[2] = x, slot
	b.become(n, n.op, n.kernel, r, in...)
}

func (b *byteGraph) isZero(slot int) bool {
	if slot < 0 {
		return true
	}
	t := b.constant(slot)
	return t != nil && t.Numel() == 1 && t.Type != String && t.Data.Item() == 0
}

// padded takes a node that surrounds the bytes in slot x by their zero point into the convolution n, which does so
// itself, and returns what it reads.
func (b *byteGraph) padded(n *node, x int, zero int) int {
	p := b.producer[x]
	if p == nil || p.op != "Pad" || p.called || b.only(x) == nil || p.version < 11 || len(p.in) > 3 && p.in[3] >= 0 {
		return x
	}
	fill := 0
	if s := p.input(2); s >= 0 {
		v := b.constant(s)
		if v == nil || v.Numel() != 1 {
			return x
		}
		fill = v.Data.Ints()[0]
	}
	if pads := p.constantPads(b.consts); fill == zero && pads != nil && n.addPads(pads) {
		b.dead[p] = true
		return p.in[0]
	}
	return x
}

// coded reads the scale and zero point in inputs i and i+1 of n.
func (b *byteGraph) coded(n *node, i int) (op.QuantizeAttrs, bool) {
	if n.input(i+1) < 0 {
		return op.QuantizeAttrs{}, false
	}
	return b.coding(n.in[i], n.in[i+1])
}

// weightsIn reads bytes, scale and zero point in inputs i, i+1 and i+2.
func (b *byteGraph) weightsIn(n *node, i, axis int) (byteWeights, bool) {
	w, scale := b.consts[n.input(i)], b.consts[n.input(i+1)]
	zero := b.consts[n.input(i+2)]
	if zero == nil && n.input(i+2) >= 0 {
		return byteWeights{}, false
	}
	return weightsOf(w, scale, zero, axis)
}

// sumsOf turns a bias in units of the sums into numbers.
func (b *byteGraph) sumsOf(slot int, w byteWeights, x op.QuantizeAttrs) (*eager.Tensor, bool) {
	if slot < 0 {
		return nil, true
	}
	t := b.consts[slot]
	if t == nil || t.Type != Int32 || t.Numel() != w.w.Size(0) {
		return nil, false
	}
	unit := w.scale.To(engine.F64).Mul(x.Scale)
	return t.Data.Reshape(t.Numel()).To(engine.F64).Mul(unit).To(engine.F32), true
}

func (b *byteGraph) qlinearConv(n *node) {
	x, ok := b.coded(n, 1)
	w, known := b.weightsIn(n, 3, 0)
	y, fits := b.coded(n, 6)
	if !ok || !known || !fits || w.w.Rank() < 3 || w.w.Rank() > 4 {
		return
	}
	bias, ok := b.sumsOf(n.input(8), w, x)
	if ok {
		r := result{residual: -1, slot: n.out[0], y: y}
		l := newByteLayer(op.QuantConv, w, bias, x, r)
		b.become(n, "QuantConv", l.convLayer(n.int("group", 1)), r, b.padded(n, n.in[0], x.Zero))
	}
}

func (b *byteGraph) qlinearMatmul(n *node) {
	x, ok := b.coded(n, 1)
	w, known := b.weightsIn(n, 3, 1)
	y, fits := b.coded(n, 6)
	if !ok || !known || !fits || w.w.Rank() != 2 {
		return
	}
	w.w = w.w.T().Contiguous()
	r := result{residual: -1, slot: n.out[0], y: y}
	b.become(n, "QuantLinear", newByteLayer(op.QuantLinear, w, nil, x, r).linearLayer(), r, n.in[0])
}

func (b *byteGraph) qgemm(n *node) {
	x, ok := b.coded(n, 1)
	axis := 1
	if n.flag("transB") {
		axis = 0
	}
	w, known := b.weightsIn(n, 3, axis)
	y := op.QuantizeAttrs{DType: engine.F32}
	if n.input(7) >= 0 {
		var fits bool
		if y, fits = b.coded(n, 7); !fits {
			return
		}
	}
	if !ok || !known || w.w.Rank() != 2 || n.flag("transA") || n.float("alpha", 1) != 1 {
		return
	}
	if axis == 1 {
		w.w = w.w.T().Contiguous()
	}
	if bias, ok := b.sumsOf(n.input(6), w, x); ok {
		r := result{residual: -1, slot: n.out[0], y: y}
		b.become(n, "QuantLinear", newByteLayer(op.QuantLinear, w, bias, x, r).linearLayer(), r, n.in[0])
	}
}

func (b *byteGraph) qlinearAdd(n *node) {
	x, ok := b.coded(n, 1)
	y, known := b.coded(n, 4)
	z, fits := b.coded(n, 6)
	if ok && known && fits {
		r := result{residual: -1, slot: n.out[0], y: z}
		b.become(n, "QuantAdd", byteSum(x, y, r), r, n.in[0], n.in[3])
	}
}
