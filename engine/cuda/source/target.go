package source

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/codegen"
)

// Target is what operators are planned for. The zero value is any GPU, without libraries.
type Target struct {
	Capability int  // compute capability: 80 for sm_80; 0: unknown, no tensor cores
	BLAS, DNN  bool // products are given to cuBLAS, convolutions to cuDNN
	TF32       bool // products of f32 may round operands to TF32
}

// Product is a launch of cuBLAS, in its terms: column-major matrices C [m n] = A·B, added to C with Add.
type Product struct {
	M, N, K, Batch int
	DType          engine.DType
	A, B, C        Matrix
	Add, TF32      bool
}

// Matrix is a matrix of a Product. T: transposed.
type Matrix struct {
	At         Word
	LD, Stride int // elements from a column to the next, from a matrix to the next
	T          bool
}

// Kinds of convolutions.
const (
	ConvForward = iota
	ConvInputGradient
	ConvWeightGradient
)

// Convolution is a launch of cuDNN: row-major arrays with one to three spatial axes, of which it takes two at least.
type Convolution struct {
	Kind, Rank, Groups    int // Rank: of the arrays, 4 or 5
	DType                 engine.DType
	X, W, Y               [5]int // shapes
	Pad, Stride, Dilation [3]int
	A, B, To              Word // x, w and y; w, dy and dx; x, dy and dw
	TF32                  bool
}

// For is For of the package, for a target.
func (t Target) For(d *op.Def, a op.Attrs, out, in []engine.Array) (*Plan, error) {
	if l, ok := a.(interface{ CodeLoop() *codegen.Loop }); ok { // a loop that a pass over graphs made
		p, err := Fused(l.CodeLoop(), out, in)
		if err != nil {
			err = &engine.Error{Where: d.Name, What: err.Error()}
		}
		return p, err
	}
	f, err := formOf(d)
	if err != nil {
		return nil, err
	}
	c := &call{target: t, def: d, attrs: a, out: out, in: in}
	if err := f(c); err != nil {
		return nil, &engine.Error{Where: d.Name, What: err.Error()}
	}
	return &c.plan, nil
}

// word is the argument that args.array makes of an array.
func (c *call) word(x engine.Array) Word { return (&args{c: c}).array(x).words[0] }

// columns describes the matrix of a batch [shape] whose rows and columns are row and column elements apart, as
// column-major; false where cuBLAS cannot read it.
func columns(m, n, row, column int) (ld int, transposed, ok bool) {
	fits := func(one, ld, rows, cols int) (int, bool) { // cols columns of rows elements, ld apart
		if rows > 1 && one != 1 {
			return 0, false
		}
		if cols <= 1 {
			ld = max(ld, rows, 1)
		}
		return ld, ld >= max(rows, 1) && ld <= math.MaxInt32
	}
	if ld, ok = fits(row, column, m, n); ok {
		return ld, false, true
	}
	ld, ok = fits(column, row, n, m)
	return ld, true, ok
}

// blasTypes are those of products that cuBLAS computes.
func blasType(t engine.DType) bool {
	switch t {
	case engine.F16, engine.BF16, engine.F32, engine.F64, engine.C64, engine.C128:
		return true
	}
	return false
}

// library plans z = x·y + bias for cuBLAS; false where it does not take these strides. batch are the strides over
// matrices of x, y and z.
func (c *call) library(z, x, y, bias engine.Array, shape engine.Shape, batch [][]int) bool {
	last := func(a engine.Array) (m, n, row, column int) {
		k := len(a.Shape) - 2
		return a.Shape[k], a.Shape[k+1], a.Strides[k], a.Strides[k+1]
	}
	m, n, zm, zn := last(z)
	_, k, xm, xk := last(x)
	_, _, yk, yn := last(y)
	if !c.target.BLAS || !blasType(z.DType) || len(shape) != 1 || k == 0 || max(m, n, k, shape[0]) > math.MaxInt32 {
		return false
	}
	for _, s := range batch {
		if s[0] < 0 {
			return false
		}
	}
	a, b := x, y
	sa, sb, sc := batch[0][0], batch[1][0], batch[2][0]
	ld, flipped, ok := columns(m, n, zm, zn)
	if flipped { // zᵀ = yᵀ·xᵀ
		m, n, a, b, sa, sb = n, m, y, x, sb, sa
		xm, xk, yk, yn = yn, yk, xk, xm
	}
	lda, ta, okA := columns(m, k, xm, xk)
	ldb, tb, okB := columns(k, n, yk, yn)
	if !ok || !okA || !okB || shape[0] > 1 && sc == 0 {
		return false
	}
	if bias.DType != engine.Invalid {
		c.copy(z, bias.Expand(z.Shape))
	}
	c.plan.Launches = append(c.plan.Launches, Launch{Product: &Product{
		M: m, N: n, K: k, Batch: shape[0], DType: z.DType, Add: bias.DType != engine.Invalid, TF32: c.target.TF32,
		A: Matrix{c.word(a), lda, sa, ta}, B: Matrix{c.word(b), ldb, sb, tb}, C: Matrix{c.word(z), ld, sc, false},
	}})
	return true
}

// dense returns x row-major, copied where it is not; of a result done copies back.
func (c *call) dense(x engine.Array) (d engine.Array, done func()) {
	if x.IsContiguous() {
		return x, func() {}
	}
	d = c.temp(x.DType, x.Shape)
	return d, func() { c.copy(x, d) }
}

// dnn plans a convolution for cuDNN; false where it does not take it. to is what is computed of a and b.
func (c *call) dnn(kind int, x, w, y, bias engine.Array, g *geometry) bool {
	switch x.DType {
	case engine.F16, engine.BF16, engine.F32, engine.F64:
	default:
		return false
	}
	if !c.target.DNN || x.Numel() == 0 || w.Numel() == 0 || y.Numel() == 0 || max(x.Numel(), w.Numel(), y.Numel()) > math.MaxInt32 {
		return false
	}
	for i := range 3 { // padding that is not the same on both sides
		if (g.in[i]+2*g.pad[i]-g.dilation[i]*(g.kernel[i]-1)-1)/g.stride[i]+1 != g.out[i] {
			return false
		}
	}
	v := &Convolution{Kind: kind, Rank: max(len(x.Shape), 4), Groups: g.groups, DType: x.DType, TF32: c.target.TF32}
	skip := 5 - v.Rank
	for i, s := range []engine.Array{x, w, y} {
		to := []*[5]int{&v.X, &v.W, &v.Y}[i]
		spatial := three(s.Shape[2:], 1)
		copy(to[:], append([]int{s.Shape[0], s.Shape[1]}, spatial[skip:]...))
	}
	copy(v.Pad[:], g.pad[skip:])
	copy(v.Stride[:], g.stride[skip:])
	copy(v.Dilation[:], g.dilation[skip:])
	order := [][3]engine.Array{{x, w, y}, {w, y, x}, {x, y, w}}[kind]
	var done func()
	for i, s := range order {
		d, back := c.dense(s)
		if i < 2 && !s.IsContiguous() {
			c.copy(d, s)
		}
		order[i], done = d, back
	}
	v.A, v.B, v.To = c.word(order[0]), c.word(order[1]), c.word(order[2])
	c.plan.Launches = append(c.plan.Launches, Launch{Convolution: v})
	if bias.DType != engine.Invalid {
		b := bias
		b.Shape, b.Strides = append(bias.Shape.Clone(), make([]int, len(y.Shape)-2)...), append([]int(nil), bias.Strides...)
		for i := 1; i < len(b.Shape); i++ {
			b.Shape[i], b.Strides = 1, append(b.Strides, 0)
		}
		e := each{
			name: "sum_of_two", out: order[2:], in: []engine.Array{order[2], b.Expand(y.Shape)}, body: []string{"v0 + v1"},
		}
		e.plan(c)
	}
	done()
	return true
}
