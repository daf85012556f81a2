package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// tileCase is a random convolution that tiles of 6×6 can compute.
func tileCase(r *rand.Rand) convCase {
	k, g := 3+2*r.IntN(2), 1+r.IntN(6)/5
	c := convCase{s: ConvSpec{Groups: g, Padding: []int{r.IntN(k), r.IntN(k), r.IntN(k), r.IntN(k)}}}
	c.s.Padding = c.s.Padding[:2+2*r.IntN(2)]
	unit := max(8, winograds.lanes) // of channels
	ci, co := unit*(1+r.IntN(48/unit)), unit*(1+r.IntN(64/unit))
	c.xs, c.ws = engine.Shape{1 + r.IntN(3), g * ci, k + r.IntN(11), k + r.IntN(11)}, engine.Shape{g * co, ci, k, k}
	c.ys, _ = c.s.Out(c.xs, c.ws)
	return c
}

// worstOf returns the largest error in units of the root mean square of want.
func worstOf(got, want []float64) float64 {
	var e, s float64
	for i, v := range want {
		e, s = max(e, math.Abs(got[i]-v)), s+v*v
	}
	return e / math.Sqrt(s/float64(len(want)))
}

// tileError bounds worstOf for up to 100 channels; measured: 1e-5.
const tileError = 4e-5

func TestTilesGiveTheSumsOfConvolutions(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		runs := 16
		if Level() == "portable" {
			runs = 4
		}
		for i := range runs {
			c := tileCase(r)
			x, w := relaid(r, random(r, engine.F32, c.xs, r.NormFloat64)), random(r, engine.F32, c.ws, r.NormFloat64)
			y, b := relaid(r, output(r, engine.F32, c.ys)), random(r, engine.F32, c.ws[:1], r.NormFloat64)
			e := ConvEpilogue{ReLU: i%3 == 0, Clamp: i%3 == 1, Low: -2, High: 9}
			if q := newGeometry(&x, &w, &y, &c.s); i%2 == 0 && channelsLast(&y) != nil && q.n > 0 {
				e.Residual = innermostChannels(engine.F32, c.ys)
				must(Copy(e.Residual, random(r, engine.F32, c.ys, r.NormFloat64)))
				if a := afterOf(&e); !q.inPlace(&y, &a) {
					e.Residual = engine.Array{}
				}
			}
			want := sumsOf(c, x, w, b, e)
			for whole := range 2 {
				f := &filters{w: &w}
				if i%4 == 0 {
					f.kept = PackConv(w, c.s)
				}
				p := newWinograd(newGeometry(&x, &w, &y, &c.s), c.ws[1], c.ws[0]/max(1, c.s.Groups), afterOf(&e))
				p.tile(c.ys[2], c.ys[3])
				if !p.forward(&y, &x, &b, f, whole == 1) {
					t.Fatal("a sum is not finite")
				}
				if d := worstOf(values(y), want); d > tileError {
					t.Fatalf("%+v %s, whole %d, %+v: error %.2g", c, describe(y, x, w), whole, e, d)
				}
			}
		}
	})
}

func TestBlocksOfPixelsGiveTheSumsOfConvolutionsWithStrides(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for i := range 12 {
			s := 2 + r.IntN(3)
			k := s*(3+r.IntN(3)) - r.IntN(s)
			p := []int{r.IntN(k), r.IntN(k)}
			c := convCase{s: ConvSpec{Stride: []int{s, s}, Padding: p}}
			c.xs = engine.Shape{1 + r.IntN(2), 1 + r.IntN(7), k + r.IntN(40), k + r.IntN(40)}
			c.ws = engine.Shape{16 * (1 + r.IntN(3)), c.xs[1], k, k}
			c.ys, _ = c.s.Out(c.xs, c.ws)
			x, w := relaid(r, random(r, engine.F32, c.xs, r.NormFloat64)), random(r, engine.F32, c.ws, r.NormFloat64)
			y, b := relaid(r, output(r, engine.F32, c.ys)), random(r, engine.F32, c.ws[:1], r.NormFloat64)
			e := ConvEpilogue{ReLU: i%2 == 0}
			want := sumsOf(c, x, w, b, e)
			for whole := range 2 {
				plan := newPhases(newGeometry(&x, &w, &y, &c.s), afterOf(&e))
				if !plan.overBlocks(&y, &x, &b, &filters{w: &w}, whole == 1) {
					t.Fatal("a sum is not finite")
				}
				if d := worstOf(values(y), want); d > tileError {
					t.Fatalf("%+v %s, whole %d: error %.2g", c, describe(y, x, w), whole, d)
				}
			}
		}
	})
}

// sumsOf computes a convolution in float64.
func sumsOf(c convCase, x, w, b engine.Array, e ConvEpilogue) []float64 {
	want, xs, ws, bs := make([]float64, c.ys.Numel()), values(x), values(w), values(b)
	visitConv(c.ys, c.xs, c.ws, c.s, func(y, x, w int) { want[y] += xs[x] * ws[w] })
	var more []float64
	if e.Residual.Buf != nil {
		more = values(e.Residual)
	}
	for i := range want {
		want[i] += bs[i/c.ys[2:].Numel()%c.ys[1]]
		if more != nil {
			want[i] += more[i]
		}
		switch {
		case e.ReLU:
			want[i] = max(want[i], 0)
		case e.Clamp:
			want[i] = min(max(want[i], e.Low), e.High)
		}
	}
	return want
}

func TestTilesGiveTheGradientsOfConvolutions(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		runs := 12
		if Level() == "portable" {
			runs = 3
		}
		for range runs {
			c := tileCase(r)
			x, w := relaid(r, random(r, engine.F32, c.xs, r.NormFloat64)), random(r, engine.F32, c.ws, r.NormFloat64)
			dy := relaid(r, random(r, engine.F32, c.ys, r.NormFloat64))
			dx, dw := relaid(r, output(r, engine.F32, c.xs)), output(r, engine.F32, c.ws)
			xs, ws, dys := values(x), values(w), values(dy)
			wantX, wantW := make([]float64, len(xs)), make([]float64, len(ws))
			visitConv(c.ys, c.xs, c.ws, c.s, func(y, x, w int) {
				wantX[x] += dys[y] * ws[w]
				wantW[w] += dys[y] * xs[x]
			})
			for whole := range 2 {
				p := newWinograd(newGeometry(&dx, &w, &dy, &c.s), c.ws[0]/max(1, c.s.Groups), c.ws[1], reluAfter(false))
				p.tile(c.xs[2], c.xs[3])
				if !p.backward(&dx, &dy, &w, whole == 1) {
					t.Fatal("a sum is not finite")
				}
				if d := worstOf(values(dx), wantX); d > tileError {
					t.Fatalf("input's gradient of %+v %s, whole %d: error %.2g", c, describe(dx, dy, w), whole, d)
				}
			}
			if c.ws[2] != 3 {
				continue
			}
			if !weightOfTiles(newGeometry(&x, &dw, &dy, &c.s), &dw, &x, &dy) {
				t.Fatal("a sum is not finite")
			}
			if d := worstOf(values(dw), wantW); d > tileError {
				t.Fatalf("weight's gradient of %+v %s: error %.2g", c, describe(dw, x, dy), d)
			}
		}
	})
}

// paying is a convolution that is computed by tiles when that is allowed.
var paying = convCase{
	engine.Shape{8, 64, 28, 26}, engine.Shape{64, 64, 3, 3}, engine.Shape{8, 64, 28, 26}, ConvSpec{Padding: []int{1, 1}},
}

// passes computes a convolution and its gradients.
func passes(c convCase, x, w, dy engine.Array) (y, dx, dw engine.Array) {
	y, dx, dw = engine.NewArray(engine.F32, c.ys), engine.NewArray(engine.F32, c.xs), engine.NewArray(engine.F32, c.ws)
	must(Conv(y, x, w, engine.Array{}, c.s, false))
	must(ConvGradInput(dx, dy, w, c.s))
	must(ConvGradWeight(dw, x, dy, c.s))
	return y, dx, dw
}

func TestFastConvolutionsCanBeSwitchedOff(t *testing.T) {
	defer SetFastConvolutions(true)
	r, c := rand.New(rand.NewPCG(3, 1)), paying
	x, w := random(r, engine.F32, c.xs, r.NormFloat64), random(r, engine.F32, c.ws, r.NormFloat64)
	dy := random(r, engine.F32, c.ys, r.NormFloat64)
	var all [2][3]engine.Array
	for i := range all {
		SetFastConvolutions(i == 0)
		if FastConvolutions() != (i == 0) {
			t.Fatal("the setting is not what was set")
		}
		all[i][0], all[i][1], all[i][2] = passes(c, x, w, dy)
	}
	if Level() == "portable" {
		return // costs are estimated for vectors
	}
	for i, what := range []string{"forward", "input's gradient", "weight's gradient"} {
		if d := worstOf(values(all[0][i]), values(all[1][i])); d == 0 || d > tileError {
			t.Errorf("%s: by tiles and by sums differ by %.2g; want some rounding", what, d)
		}
	}
}

func TestErrorOfTilesIsAFewTimesThatOfSums(t *testing.T) {
	defer SetFastConvolutions(true)
	r, c := rand.New(rand.NewPCG(4, 1)), paying
	c.xs, c.ys = engine.Shape{1, 64, 28, 26}, engine.Shape{1, 64, 28, 26}
	x, w := random(r, engine.F32, c.xs, r.NormFloat64), random(r, engine.F32, c.ws, r.NormFloat64)
	want := sumsOf(c, x, w, engine.Zeros(engine.F32, c.ws[:1]), ConvEpilogue{})
	var e [2]float64
	for i := range e {
		SetFastConvolutions(i == 0)
		y := engine.NewArray(engine.F32, c.ys)
		must(Conv(y, x, w, engine.Array{}, c.s, false))
		for j, v := range values(y) {
			e[i] += (v - want[j]) * (v - want[j])
		}
	}
	if ratio := math.Sqrt(e[0] / e[1]); ratio > 4 {
		t.Errorf("the error of tiles is %.2g times that of sums; want at most 4", ratio)
	}
}

func TestValuesThatAreNotFiniteStayWhereSumsPutThem(t *testing.T) {
	defer SetFastConvolutions(true)
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		c := paying
		if Level() == "portable" {
			c.xs, c.ys = engine.Shape{1, 64, 28, 26}, engine.Shape{1, 64, 28, 26}
		}
		for _, v := range []float32{float32(math.NaN()), float32(math.Inf(1)), 3e38} {
			x := packedCopy(random(r, engine.F32, c.xs, r.NormFloat64))
			w := packedCopy(random(r, engine.F32, c.ws, r.NormFloat64))
			dy := packedCopy(random(r, engine.F32, c.ys, r.NormFloat64))
			x.F32()[r.IntN(c.xs.Numel())], dy.F32()[r.IntN(c.ys.Numel())] = v, v
			var all [2][3]engine.Array
			for i := range all {
				SetFastConvolutions(i == 0)
				all[i][0], all[i][1], all[i][2] = passes(c, x, w, dy)
			}
			for i, what := range []string{"forward", "input's gradient", "weight's gradient"} {
				got, want := all[0][i].F32(), all[1][i].F32()
				for j := range want {
					a, b := float64(got[j]), float64(want[j])
					if math.IsNaN(a) != math.IsNaN(b) || math.IsInf(a, 0) != math.IsInf(b, 0) {
						t.Fatalf("%v, %s: element %d is %v by tiles and %v by sums", v, what, j, a, b)
					}
				}
			}
		}
	})
}

func TestTilesDoNotDependOnThreads(t *testing.T) {
	defer engine.SetThreads(engine.Threads())
	r, c := rand.New(rand.NewPCG(5, 1)), paying
	x, w := random(r, engine.F32, c.xs, r.NormFloat64), random(r, engine.F32, c.ws, r.NormFloat64)
	dy := random(r, engine.F32, c.ys, r.NormFloat64)
	var all [3][3]engine.Array
	for i := range all {
		engine.SetThreads(i + 1)
		all[i][0], all[i][1], all[i][2] = passes(c, x, w, dy)
		for k := range all[i] {
			compare(t, fmt.Sprintf("%d threads, %d", i+1, k), values(all[i][k]), values(all[0][k]), 0)
		}
	}
}

func TestTransformsAgreeWithTheirTwins(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		const n, ld = 48, 64
		x := make([]float32, tileSize*ld*8)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		var table [tileSize]*float32
		for i := range table {
			table[i] = &x[r.IntN(len(x)-n)]
		}
		check := func(what string, f func(k *winogradKernels, d []float32)) {
			var d [2][]float32
			for i, k := range []*winogradKernels{winograds, winogradGo} {
				d[i] = make([]float32, tileSize*ld*4)
				f(k, d[i])
			}
			for i, v := range d[1] {
				if !near(float64(d[0][i]), float64(v), 1e-5) {
					t.Fatalf("%s: element %d is %v, its twin %v", what, i, d[0][i], v)
				}
			}
		}
		check("input", func(k *winogradKernels, d []float32) { k.input(&d[0], &table[0], n, 4*ld) })
		check("grad", func(k *winogradKernels, d []float32) { k.grad(&d[0], &table[0], n, 4*ld) })
		for s := 3; s <= 5; s++ {
			check(fmt.Sprint("filters of ", s), func(k *winogradKernels, d []float32) {
				k.filters[s](&d[0], &x[0], 2, s*stripBytes, stripBytes, s*s*stripBytes, 4*ld)
			})
		}
		for m := 2; m <= 4; m++ {
			check(fmt.Sprint("output ", m), func(k *winogradKernels, d []float32) {
				for rows := 1; rows <= m; rows++ {
					a := &winogradTile{
						m: unsafe.Pointer(&x[0]), ldm: 4 * ld, count: n, bias: unsafe.Pointer(&x[n]),
						y: unsafe.Pointer(&d[(rows-1)*16*n]), row: 4 * 4 * n, pix: 4 * n, rows: rows, cols: m + 1 - rows,
					}
					if rows == 2 {
						a.flags, a.low, a.high = flagClamp, bitsOf(-1, 4), bitsOf(2, 4)
					}
					if !k.outputs[m](a) {
						t.Fatal("finite sums are reported as not finite")
					}
				}
			})
		}
	})
}
