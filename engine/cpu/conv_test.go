package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// visitConv calls f for every product of the convolution with the row-major positions of the
// result, the input and the weight.
func visitConv(ys, xs, ws engine.Shape, s ConvSpec, f func(y, x, w int)) {
	r := len(xs) - 2
	g := max(s.Groups, 1)
	co := ws[0] / g
	kernel, out := ws[2:].Numel(), ys[2:].Numel()
	yst, xst, wst := ys.Strides(), xs.Strides(), ws.Strides()
	for n := range ys[0] {
		for o := range ys[1] {
			for p := range out {
				for c := range ws[1] {
					for q := range kernel {
						y := n*yst[0] + o*yst[1] + p
						x := n*xst[0] + (o/co*ws[1]+c)*xst[1]
						w := o*wst[0] + c*wst[1] + q
						inside := true
						a, b := p, q
						for i := r - 1; i >= 0; i-- {
							lo, _ := padding(s.Padding, i, r)
							v := a%ys[2+i]*or1(s.Stride, i) + b%ws[2+i]*or1(s.Dilation, i) - lo
							a, b = a/ys[2+i], b/ws[2+i]
							inside = inside && v >= 0 && v < xs[2+i]
							x += v * xst[2+i]
						}
						if inside {
							f(y, x, w)
						}
					}
				}
			}
		}
	}
}

type convCase struct {
	xs, ws, ys engine.Shape
	s          ConvSpec
}

func randomConv(r *rand.Rand) convCase {
	rank := 2
	if r.IntN(3) == 0 {
		rank = 1 + r.IntN(3)
	}
	for {
		g := 1
		if r.IntN(3) == 0 {
			g = 1 + r.IntN(4)
		}
		c := convCase{s: ConvSpec{Groups: g}}
		ci, co := 1+r.IntN(5), 1+r.IntN(5)
		if r.IntN(4) == 0 {
			ci, co = 1+r.IntN(20), 1+r.IntN(40)
		}
		c.xs, c.ws = engine.Shape{r.IntN(4), g * ci}, engine.Shape{g * co, ci}
		for range rank {
			c.xs = append(c.xs, 1+r.IntN(12))
			c.ws = append(c.ws, 1+r.IntN(4))
			if r.IntN(2) == 0 {
				c.s.Padding = append(c.s.Padding, r.IntN(3))
			} else {
				c.s.Padding = append(c.s.Padding, 0)
			}
			c.s.Stride = append(c.s.Stride, 1+r.IntN(3)*r.IntN(2))
			c.s.Dilation = append(c.s.Dilation, 1+r.IntN(2)*r.IntN(2))
		}
		switch r.IntN(4) {
		case 0:
			c.s.Stride, c.s.Dilation = nil, nil
		case 1:
			for range rank {
				c.s.Padding = append(c.s.Padding, r.IntN(3))
			}
		}
		ys, err := c.s.Out(c.xs, c.ws)
		if err == nil {
			c.ys = ys
			return c
		}
	}
}

func TestConvolutionAgreesWithItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		f := func() float64 { return float64(r.IntN(9) - 4) }
		for range 300 {
			c := randomConv(r)
			dt := []engine.DType{engine.F32, engine.F32, engine.F64}[r.IntN(3)]
			x, w := relaid(r, random(r, dt, c.xs, f)), random(r, dt, c.ws, f)
			y, dy := relaid(r, output(r, dt, c.ys)), relaid(r, random(r, dt, c.ys, f))
			dx, dw := relaid(r, output(r, dt, c.xs)), output(r, dt, c.ws)
			var bias engine.Array
			want := make([]float64, c.ys.Numel())
			if r.IntN(2) == 0 {
				bias = random(r, dt, c.ws[:1], f)
				for i := range want {
					want[i] = values(bias)[i/c.ys[2:].Numel()%c.ys[1]]
				}
			}
			xs, ws, dys := values(x), values(w), values(dy)
			wantX, wantW := make([]float64, len(xs)), make([]float64, len(ws))
			visitConv(c.ys, c.xs, c.ws, c.s, func(y, x, w int) {
				want[y] += xs[x] * ws[w]
				wantX[x] += dys[y] * ws[w]
				wantW[w] += dys[y] * xs[x]
			})
			relu := r.IntN(2) == 0
			if relu {
				for i, v := range want {
					want[i] = max(v, 0)
				}
			}
			what := fmt.Sprintf("%+v %s", c, describe(y, x, w))
			must(Conv(y, x, w, bias, c.s, relu))
			compare(t, "forward "+what, values(y), want, 1e-5)
			must(ConvGradInput(dx, dy, w, c.s))
			compare(t, "input gradient "+what, values(dx), wantX, 1e-5)
			must(ConvGradWeight(dw, x, dy, c.s))
			compare(t, "weight gradient "+what, values(dw), wantW, 1e-5)
		}
	})
}

// relaid returns a or, half of the time, its copy with the channels innermost.
func relaid(r *rand.Rand, a engine.Array) engine.Array {
	if r.IntN(2) == 0 {
		return a
	}
	y := innermostChannels(a.DType, a.Shape)
	must(Copy(y, a))
	return y
}

// innermostChannels returns an array of shape s whose axis 1 is innermost in memory.
func innermostChannels(t engine.DType, s engine.Shape) engine.Array {
	last := append(append(engine.Shape{s[0]}, s[2:]...), s[1])
	axes := []int{0, len(s) - 1}
	for i := range len(s) - 2 {
		axes = append(axes, 1+i)
	}
	return engine.NewArray(t, last).Permute(axes...)
}

func TestConvolutionOfManySmallImagesAgreesWithItsFormula(t *testing.T) {
	for i, c := range []convCase{
		{engine.Shape{64, 6, 14, 14}, engine.Shape{16, 6, 5, 5}, nil, ConvSpec{}},
		{engine.Shape{37, 3, 9, 6}, engine.Shape{5, 3, 3, 3}, nil, ConvSpec{Padding: []int{1, 2}}},
		{engine.Shape{16, 2, 9, 3}, engine.Shape{6, 2, 5, 3}, nil, ConvSpec{Padding: []int{4, 2, 3, 0}}},
		{engine.Shape{48, 8, 13, 7}, engine.Shape{15, 8, 3, 4}, nil, ConvSpec{Stride: []int{2, 1}}},
		{engine.Shape{70, 8, 9, 17}, engine.Shape{8, 8, 5, 5}, nil, ConvSpec{Padding: []int{2, 2}}},
	} {
		c.ys, _ = c.s.Out(c.xs, c.ws)
		eachLevel(t, func(t *testing.T, r *rand.Rand) {
			f := func() float64 { return float64(r.IntN(9) - 4) }
			r = rand.New(rand.NewPCG(uint64(i), 5))
			draw := func(s engine.Shape) engine.Array {
				return relaid(r, packedCopy(random(r, engine.F32, s, f)))
			}
			x, w, dy, y, dx := draw(c.xs), draw(c.ws), draw(c.ys), draw(c.ys), draw(c.xs)
			bias := random(r, engine.F32, c.ws[:1], f)
			want, wantX := make([]float64, y.Numel()), make([]float64, dx.Numel())
			for i := range want {
				want[i] = values(bias)[i/c.ys[2:].Numel()%c.ys[1]]
			}
			xs, ws, dys := values(x), values(w), values(dy)
			visitConv(c.ys, c.xs, c.ws, c.s, func(y, x, w int) {
				want[y] += xs[x] * ws[w]
				wantX[x] += dys[y] * ws[w]
			})
			for i, v := range want {
				want[i] = max(v, 0)
			}
			if tiling == nil {
				return
			}
			q := newGeometry(&x, &w, &y, &c.s)
			forward := samplesForward(q, &y, &x, &bias, &filters{w: &w}, reluAfter(true))
			if forward {
				compare(t, fmt.Sprintf("forward of %v", c), values(y), want, 0)
			}
			input := samplesInput(q, &dx, &dy, &w)
			if input {
				compare(t, fmt.Sprintf("input's gradient of %v", c), values(dx), wantX, 0)
			}
			if !forward && !input && c.s.Stride == nil {
				t.Errorf("%v has no pass by samples", c)
			}
		})
	}
}

func TestConvolutionOfManyChannelsCrossesEveryBlock(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, c := range []convCase{
			{engine.Shape{2, 520, 3, 4}, engine.Shape{33, 520, 3, 3}, nil, ConvSpec{Padding: []int{1, 1}}},
			{engine.Shape{3, 20, 20, 40}, engine.Shape{40, 20, 3, 2}, nil, ConvSpec{Stride: []int{1, 2}}},
			{engine.Shape{2, 3, 40, 40}, engine.Shape{20, 3, 7, 7}, nil, ConvSpec{
				Stride: []int{2, 2}, Padding: []int{3, 3},
			}},
			{engine.Shape{2, 70, 11, 9}, engine.Shape{34, 70, 1, 1}, nil, ConvSpec{Stride: []int{2, 1}}},
			{engine.Shape{3, 40, 12, 13}, engine.Shape{70, 40, 1, 1}, nil, ConvSpec{Stride: []int{3, 2}}},
		} {
			c.ys, _ = c.s.Out(c.xs, c.ws)
			f := func() float64 { return float64(r.IntN(5) - 2) }
			x, w := relaid(r, random(r, engine.F32, c.xs, f)), random(r, engine.F32, c.ws, f)
			y, dy := relaid(r, output(r, engine.F32, c.ys)), relaid(r, random(r, engine.F32, c.ys, f))
			dx, dw := relaid(r, output(r, engine.F32, c.xs)), output(r, engine.F32, c.ws)
			xs, ws, dys := values(x), values(w), values(dy)
			want, wantX := make([]float64, len(dys)), make([]float64, len(xs))
			wantW := make([]float64, len(ws))
			visitConv(c.ys, c.xs, c.ws, c.s, func(y, x, w int) {
				want[y] += xs[x] * ws[w]
				wantX[x] += dys[y] * ws[w]
				wantW[w] += dys[y] * xs[x]
			})
			what := fmt.Sprintf("%+v %s", c, describe(y, x, w))
			must(Conv(y, x, w, engine.Array{}, c.s, false))
			compare(t, "forward "+what, values(y), want, 1e-5)
			must(ConvGradInput(dx, dy, w, c.s))
			compare(t, "input gradient "+what, values(dx), wantX, 1e-5)
			must(ConvGradWeight(dw, x, dy, c.s))
			compare(t, "weight gradient "+what, values(dw), wantW, 1e-5)
		}
	})
}

func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name            string
		n, ci, h, co, k int
		pad             int
		nhwc            bool
	}{
		{"lenet1_b64_1x28_6k5p2", 64, 1, 28, 6, 5, 2, false},
		{"lenet2_b64_6x14_16k5", 64, 6, 14, 16, 5, 0, false},
		{"cnn1_b64_1x28_32k3p1", 64, 1, 28, 32, 3, 1, false},
		{"cnn2_b64_32x28_64k3p1", 64, 32, 28, 64, 3, 1, false},
		{"cnn2_b64_32x28_64k3p1_nhwc", 64, 32, 28, 64, 3, 1, true},
		{"resnet_b1_64x56_64k3p1_nhwc", 1, 64, 56, 64, 3, 1, true},
	} {
		s := ConvSpec{Padding: []int{c.pad, c.pad}}
		r := rand.New(rand.NewPCG(1, 1))
		make4 := func(s ...int) engine.Array {
			if c.nhwc {
				a := engine.NewArray(engine.F32, engine.Shape{s[0], s[2], s[3], s[1]}).Permute(0, 3,
					1, 2)
				must(Copy(a, random(r, engine.F32, s, r.NormFloat64)))
				return a
			}
			return packedCopy(random(r, engine.F32, s, r.NormFloat64))
		}
		x, w := make4(c.n, c.ci, c.h, c.h), make4(c.co, c.ci, c.k, c.k)
		out, _ := s.Out(x.Shape, w.Shape)
		y := make4(out...)
		flops := 2 * float64(out.Numel()) * float64(c.ci*c.k*c.k)
		for _, pass := range []struct {
			name string
			f    func()
		}{
			{"forward", func() { must(Conv(y, x, w, engine.Array{}, s, false)) }},
			{"input", func() { must(ConvGradInput(x, y, w, s)) }},
			{"weight", func() { must(ConvGradWeight(w, x, y, s)) }},
		} {
			b.Run(c.name+"/"+pass.name, func(b *testing.B) {
				for b.Loop() {
					pass.f()
				}
				b.ReportMetric(flops*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}
