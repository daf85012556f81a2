package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// blocked returns x [n c h w] as blocks of samples.
func blocked(x engine.Array) engine.Array {
	n, c, h, w := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	y := engine.NewArray(engine.F32, engine.Shape{n / Lanes, h, w, c, Lanes})
	LanesLast(y, x, false)
	return y
}

// plain is the inverse of blocked.
func plain(y engine.Array) engine.Array {
	b, h, w, c := y.Shape[0], y.Shape[1], y.Shape[2], y.Shape[3]
	x := engine.NewArray(engine.F32, engine.Shape{b * Lanes, c, h, w})
	LanesLast(y, x, true)
	return x
}

// integers returns small integers: all sums of products are exact, in whatever order, and many maxima equal.
func integers(r *rand.Rand, shape ...int) engine.Array {
	x := engine.NewArray(engine.F32, engine.Shape(shape))
	for i := range x.F32() {
		x.F32()[i] = float32(r.IntN(7) - 3)
	}
	return x
}

// TestConvPoolIsTheChainOfItsOperators compares values and gradients with those of the single operators.
func TestConvPoolIsTheChainOfItsOperators(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 40 {
			kh, kw := 1+r.IntN(6), 1+r.IntN(7)
			n, ci, co := Lanes*(1+r.IntN(2)), 1+r.IntN(5), 1+r.IntN(9)
			c := ConvPool{Padding: [2]int{r.IntN(kh), r.IntN(kw)}, Planar: r.IntN(2) == 0}
			h, w := max(1, kh-2*c.Padding[0])+1+r.IntN(5), max(1, kw-2*c.Padding[1])+1+r.IntN(7)
			x, f, bias := integers(r, n, ci, h, w), integers(r, co, ci, kh, kw), integers(r, co)
			s := ConvSpec{Padding: c.Padding[:]}
			shape, err := s.Out(x.Shape, f.Shape)
			if err != nil || shape[2] < 2 || shape[3] < 2 {
				continue
			}
			if r.IntN(3) == 0 {
				x.F32()[r.IntN(x.Numel())] = float32(math.NaN())
			}
			pool := PoolSpec{Kernel: []int{2, 2}}
			z := engine.NewArray(engine.F32, shape)
			must(Conv(z, x, f, bias, s, true))
			half := engine.Shape{n, co, shape[2] / 2, shape[3] / 2}
			y, index := engine.NewArray(engine.F32, half), engine.NewArray(engine.I64, half)
			must(MaxPool(y, index, z, pool))
			dy := integers(r, half...)
			masked, dz := engine.NewArray(engine.F32, half), engine.NewArray(engine.F32, shape)
			must(ReLUGrad.Run(masked, dy, y))
			must(MaxPoolGrad(dz, masked, index))
			dx, dw, db := engine.NewArray(engine.F32, x.Shape), engine.NewArray(engine.F32, f.Shape), engine.NewArray(engine.F32, bias.Shape)
			must(ConvGradInput(dx, dz, f, s))
			must(ConvGradWeight(dw, x, dz, s))
			must(Sum(db, dz, []int{0, 2, 3}))

			bx := blocked(x)
			out, err := c.Out(bx.Shape, f.Shape)
			must(err)
			by, code := engine.NewArray(engine.F32, out), engine.NewArray(engine.U8, out)
			c.Forward(by, code, bx, f, bias)
			sameValues(t, "maxima", plain(by), y)
			bdx, bdw, bdb := engine.NewArray(engine.F32, bx.Shape), engine.NewArray(engine.F32, f.Shape), engine.NewArray(engine.F32, bias.Shape)
			c.Backward(bdw, bdb, bdx, blocked(dy), code, bx, f)
			sameValues(t, "gradient of the bias", bdb, db)
			sameValues(t, "gradient of the input", plain(bdx), dx)
			if !hasNaN(x) { // zeros of the gradient meet NaN in one of them only
				sameValues(t, "gradient of the weight", bdw, dw)
			}
			c.Backward(bdw, bdb, engine.Array{}, blocked(dy), code, bx, f)
			sameValues(t, "gradient of the bias alone", bdb, db)
			if t.Failed() {
				t.Fatalf("x %v, weight %v, %+v", x.Shape, f.Shape, c)
			}
		}
	})
}

func hasNaN(x engine.Array) bool {
	for _, v := range x.F32() {
		if v != v {
			return true
		}
	}
	return false
}

func sameValues(t *testing.T, what string, got, want engine.Array) {
	t.Helper()
	for i, v := range want.F32() {
		if g := got.F32()[i]; g != v && (g == g || v == v) {
			t.Errorf("%s: element %d of %v is %v, want %v", what, i, want.Shape, g, v)
			return
		}
	}
}

// TestConvPoolAddsInTheOrderOfConv compares bits, so that maxima lie at the same places whatever the values are.
func TestConvPoolAddsInTheOrderOfConv(t *testing.T) {
	if lanes == nil {
		t.Skip("the CPU has no AVX-512")
	}
	r := rand.New(rand.NewPCG(5, 6))
	taken := 0
	for range 60 {
		k := 2 + r.IntN(4)
		x := engine.NewArray(engine.F32, engine.Shape{Lanes * (1 + r.IntN(2)), 1 + r.IntN(12), k + 1 + r.IntN(12), k + 1 + r.IntN(12)})
		f := engine.NewArray(engine.F32, engine.Shape{1 + r.IntN(32), x.Shape[1], k, k})
		bias := engine.NewArray(engine.F32, engine.Shape{f.Shape[0]})
		for _, a := range []engine.Array{x, f, bias} {
			for i := range a.F32() {
				a.F32()[i] = float32(r.NormFloat64())
			}
		}
		pad := []int{r.IntN(k), r.IntN(k)}
		last := r.IntN(2) == 0
		c, ok := ConvPoolPays(x.Shape, f.Shape, pad, last)
		if !ok {
			continue
		}
		taken++
		s := ConvSpec{Padding: pad}
		shape, err := s.Out(x.Shape, f.Shape)
		must(err)
		in := x
		if last {
			in = lastCopy(x)
		}
		z := engine.NewArray(engine.F32, shape)
		if ConvChannelsLast(in, f, shape, s) {
			z = NewChannelsLast(engine.F32, shape)
		}
		must(Conv(z, in, f, bias, s, true))
		y := engine.NewArray(engine.F32, engine.Shape{shape[0], shape[1], shape[2] / 2, shape[3] / 2})
		must(MaxPool(y, engine.Array{}, z, PoolSpec{Kernel: []int{2, 2}}))
		bx := blocked(x)
		out, err := c.Out(bx.Shape, f.Shape)
		must(err)
		by, code := engine.NewArray(engine.F32, out), engine.NewArray(engine.U8, out)
		c.Forward(by, code, bx, f, bias)
		sameValues(t, "maxima", plain(by), y)
		if t.Failed() {
			t.Fatalf("x %v, weight %v, %+v, channels last %v", x.Shape, f.Shape, c, last)
		}
	}
	if taken < 20 {
		t.Errorf("only %d convolutions were taken", taken)
	}
}

func TestLanesLastIsAPermutation(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		x := integers(r, 2*Lanes, 1+r.IntN(5), 1+r.IntN(9), 1+r.IntN(20))
		y := blocked(x)
		v := engine.Array{DType: x.DType, Shape: engine.Shape{2, Lanes, x.Shape[1], x.Shape[2], x.Shape[3]}, Buf: x.Buf}
		v.Strides = v.Shape.Strides()
		want := engine.NewArray(engine.F32, y.Shape)
		must(Copy(want, v.Permute(0, 3, 4, 2, 1)))
		sameValues(t, "blocks", y, want)
		sameValues(t, "images", plain(y), x)
	})
}
