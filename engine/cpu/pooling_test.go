package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestPoolingAgreesWithItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 200 {
			s := PoolSpec{
				Kernel: []int{1 + r.IntN(4), 1 + r.IntN(4)}, Ceil: r.IntN(2) == 0,
				CountIncludePad: r.IntN(2) == 0,
			}
			if r.IntN(2) == 0 {
				s.Stride = []int{1 + r.IntN(3), 1 + r.IntN(3)}
			}
			if r.IntN(2) == 0 {
				s.Padding = []int{r.IntN(s.Kernel[0]/2 + 1), r.IntN(s.Kernel[1]/2 + 1)}
			}
			xs := engine.Shape{1 + r.IntN(3), 1 + r.IntN(20), 4 + r.IntN(8), 4 + r.IntN(8)}
			ys, err := s.Out(xs)
			must(err)
			dt := []engine.DType{engine.F32, engine.F64}[r.IntN(2)]
			x := relaid(r, random(r, dt, xs, r.NormFloat64))
			dy := relaid(r, random(r, dt, ys, r.NormFloat64))
			ymax, yavg := relaid(r, output(r, dt, ys)), output(r, dt, ys)
			ix := relaid(r, output(r, engine.I64, ys))
			dxmax, dxavg := relaid(r, output(r, dt, xs)), output(r, dt, xs)
			must(MaxPool(ymax, ix, x, s))
			must(AvgPool(yavg, x, s))
			must(MaxPoolGrad(dxmax, dy, ix))
			must(AvgPoolGrad(dxavg, dy, s))
			xv, gv := values(x), values(dy)
			n := ys.Numel()
			wmax, wavg, wix := make([]float64, n), make([]float64, n), make([]float64, n)
			gmax, gavg := make([]float64, xs.Numel()), make([]float64, xs.Numel())
			poolSlowly(xs, ys, s, func(o, plane int, in []int, area int) {
				best := in[0]
				sum := 0.0
				for _, p := range in {
					if xv[plane+p] > xv[plane+best] {
						best = p
					}
					sum += xv[plane+p]
				}
				wmax[o], wix[o] = xv[plane+best], float64(best)
				gmax[plane+best] += gv[o]
				div := float64(len(in))
				if s.CountIncludePad {
					div = float64(area)
				}
				wavg[o] = sum / div
				for _, p := range in {
					gavg[plane+p] += gv[o] / div
				}
			})
			what := fmt.Sprintf("%+v%s", s, describe(x, ymax))
			compare(t, "max "+what, values(ymax), wmax, 0)
			compare(t, "index "+what, values(ix), wix, 0)
			compare(t, "mean "+what, values(yavg), wavg, 1e-6)
			compare(t, "max gradient "+what, values(dxmax), gmax, 1e-6)
			compare(t, "mean gradient "+what, values(dxavg), gavg, 1e-6)
		}
	})
}

// poolSlowly calls f for every window with its result position, its plane's position, the positions
// in the plane and the number of positions including padding.
func poolSlowly(xs, ys engine.Shape, s PoolSpec, f func(o, plane int, in []int, area int)) {
	st, pad := s.Stride, s.Padding
	if st == nil {
		st = s.Kernel
	}
	if pad == nil {
		pad = []int{0, 0}
	}
	o := 0
	for p := range xs[0] * xs[1] {
		for i := range ys[2] {
			for j := range ys[3] {
				var in []int
				area := 0
				for a := range s.Kernel[0] {
					for b := range s.Kernel[1] {
						y, x := i*st[0]-pad[0]+a, j*st[1]-pad[1]+b
						if y < xs[2]+pad[0] && x < xs[3]+pad[1] {
							area++
						}
						if y >= 0 && y < xs[2] && x >= 0 && x < xs[3] {
							in = append(in, y*xs[3]+x)
						}
					}
				}
				f(o, p*xs[2]*xs[3], in, area)
				o++
			}
		}
	}
}

func TestMaxPoolPassesNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		x := engine.Of(engine.Shape{1, 1, 2, 4},
			[]float32{1, float32(math.NaN()), 3, 4, 5, 9, 7, 8})
		y := engine.NewArray(engine.F32, engine.Shape{1, 1, 1, 2})
		must(MaxPool(y, engine.Array{}, x, PoolSpec{Kernel: []int{2, 2}}))
		compare(t, "max", values(y), []float64{math.NaN(), 8}, 0)

		pixels := innermostChannels(engine.F32, engine.Shape{1, 20, 2, 4})
		must(Copy(pixels, x.Expand(pixels.Shape)))
		y, ix := innermostChannels(engine.F32, engine.Shape{1, 20, 1, 2}), innermostChannels(
			engine.I64, engine.Shape{1, 20, 1, 2})
		must(MaxPool(y, ix, pixels, PoolSpec{Kernel: []int{2, 2}}))
		compare(t, "max of channels", values(y)[38:], []float64{math.NaN(), 8}, 0)
		compare(t, "positions of channels", values(ix)[38:], []float64{1, 7}, 0)
	})
}

func BenchmarkMaxPool(b *testing.B) {
	x := engine.NewArray(engine.F32, engine.Shape{64, 6, 28, 28})
	must(Normal(x, engine.Generator{}, 0, 1))
	y, ix := engine.NewArray(engine.F32, engine.Shape{64, 6, 14, 14}), engine.NewArray(engine.I64,
		engine.Shape{64, 6, 14, 14})
	s := PoolSpec{Kernel: []int{2, 2}}
	b.Run("forward_64x6x28x28_2x2", func(b *testing.B) {
		b.SetBytes(int64(4 * x.Numel()))
		for b.Loop() {
			must(MaxPool(y, ix, x, s))
		}
	})
	b.Run("backward_64x6x28x28_2x2", func(b *testing.B) {
		b.SetBytes(int64(4 * x.Numel()))
		for b.Loop() {
			must(MaxPoolGrad(x, y, ix))
		}
	})
}
