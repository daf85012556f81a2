package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// randomDepth is a random convolution whose channels have filters of their own, of the sizes that there are tiles for.
func randomDepth(r *rand.Rand) convCase {
	for {
		g := 2 + r.IntN(100)
		c := convCase{
			xs: engine.Shape{1 + r.IntN(2), g, 1 + r.IntN(30), 1 + r.IntN(30)},
			ws: engine.Shape{g, 1, 1 + r.IntN(5), 3 + 2*r.IntN(2)},
			s: ConvSpec{
				Groups: g, Stride: []int{1 + r.IntN(3), 1 + r.IntN(2)}, Dilation: []int{1 + r.IntN(2), 1},
				Padding: []int{r.IntN(5), r.IntN(4), r.IntN(5), r.IntN(4)},
			},
		}
		if ys, err := c.s.Out(c.xs, c.ws); err == nil {
			c.ys = ys
			return c
		}
	}
}

func TestDepthwiseTilesAgreeWithTheFormula(t *testing.T) {
	tiled := 0
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		f := func() float64 { return float64(r.IntN(9) - 4) }
		for range 150 {
			c := randomDepth(r)
			x, w := relaid(r, random(r, engine.F32, c.xs, f)), random(r, engine.F32, c.ws, f)
			y := relaid(r, output(r, engine.F32, c.ys))
			if newGeometry(&x, &w, &y, &c.s).tiledDepth() {
				tiled++
			}
			var bias engine.Array
			want := make([]float64, c.ys.Numel())
			if r.IntN(2) == 0 {
				bias = random(r, engine.F32, c.ws[:1], f)
				for i := range want {
					want[i] = values(bias)[i/c.ys[2:].Numel()%c.ys[1]]
				}
			}
			xs, ws := values(x), values(w)
			visitConv(c.ys, c.xs, c.ws, c.s, func(y, x, w int) { want[y] += xs[x] * ws[w] })
			e := ConvEpilogue{Clamp: r.IntN(2) == 0, Low: -3, High: 6}
			if e.Clamp {
				for i, v := range want {
					want[i] = min(max(v, e.Low), e.High)
				}
			}
			must(PackConv(w, c.s).Conv(y, x, bias, e))
			compare(t, fmt.Sprintf("%+v %s", c, describe(y, x, w)), values(y), want, 0)
		}
	})
	if tiled == 0 {
		t.Error("no convolution was computed by tiles")
	}
}

func TestDepthwiseTilesLetNaNPassBounds(t *testing.T) {
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		x, w := engine.Zeros(engine.F32, engine.Shape{1, 33, 7, 7}), engine.Zeros(engine.F32, engine.Shape{33, 1, 5, 5})
		must(Fill(w, 1))
		x.F32()[32*49] = float32(math.NaN())
		y := NewChannelsLast(engine.F32, x.Shape)
		spec := ConvSpec{Groups: 33, Padding: []int{2, 2}}
		must(PackConv(w, spec).Conv(y, x, engine.Array{}, ConvEpilogue{Clamp: true, High: 6}))
		for i, v := range values(y) {
			reached := i/49 == 32 && i%49/7 < 3 && i%7 < 3
			if reached != math.IsNaN(v) {
				t.Fatalf("element %d is %v; NaN reaches it: %v", i, v, reached)
			}
		}
	})
}
