package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// quantCase is a random quantised layer with everything that a Requant may say.
type quantCase struct {
	convCase
	x, w, residual engine.Array
	r              Requant
	to             engine.DType
}

func randomQuant(r *rand.Rand) quantCase {
	c := quantCase{to: []engine.DType{engine.U8, engine.I8, engine.F32, engine.I32}[r.IntN(4)]}
	from := []engine.DType{engine.U8, engine.U8, engine.I8}[r.IntN(3)]
	zero := func(t engine.DType) int {
		if t == engine.I8 {
			return r.IntN(256) - 128
		}
		return r.IntN(256)
	}
	switch {
	case r.IntN(4) == 0: // a linear layer
		k, co := 1+r.IntN(70), 1+r.IntN(80)
		lead := engine.Shape{r.IntN(40)}
		if r.IntN(3) == 0 {
			lead = engine.Shape{1 + r.IntN(3), 1 + r.IntN(20)}
		}
		c.xs, c.ws, c.ys = append(lead.Clone(), k), engine.Shape{co, k}, append(lead, co)
	case r.IntN(4) == 0: // filters for each channel
		g := 2 + r.IntN(70)
		k := 3 + 2*r.IntN(2)
		c.xs, c.ws = engine.Shape{1 + r.IntN(2), g, 5 + r.IntN(9), 5 + r.IntN(20)}, engine.Shape{g, 1, 1 + r.IntN(5), k}
		c.s = ConvSpec{Groups: g, Padding: []int{r.IntN(7), r.IntN(4)}, Stride: []int{1 + r.IntN(2), 1 + r.IntN(2)}}
		c.ys, _ = c.s.Out(c.xs, c.ws)
	default:
		for c.convCase = randomConv(r); len(c.xs) > 4; {
			c.convCase = randomConv(r)
		}
	}
	layout := func(t engine.DType, s engine.Shape, f func() float64) engine.Array {
		if len(c.ws) == 2 {
			return random(r, t, s, f)
		}
		return relaid(r, random(r, t, s, f))
	}
	c.x = layout(from, c.xs, func() float64 { return float64(zero(from)) })
	c.w = random(r, engine.I8, c.ws, func() float64 { return float64(zero(engine.I8)) })
	c.r.XZero, c.r.Zero = zero(from), 0
	if r.IntN(3) == 0 { // bytes of 0 stand for 0
		c.r.XZero = map[engine.DType]int{engine.U8: 0, engine.I8: -128}[from]
	}
	if c.to != engine.F32 && c.to != engine.I32 && r.IntN(3) > 0 {
		c.r.Zero = zero(c.to)
	}
	c.scales(r)
	if c.to != engine.I32 && r.IntN(3) == 0 {
		t := []engine.DType{engine.U8, engine.I8}[r.IntN(2)]
		c.r.ResidualScale, c.r.ResidualZero = r.Float32(), zero(t)
		c.residual = layout(t, c.ys, func() float64 { return float64(zero(t)) })
	}
	return c
}

// scales draws scales, biases and bounds.
func (c *quantCase) scales(r *rand.Rand) {
	co := c.ws[0]
	spread := 100 / (float32(c.ws[1:].Numel()) * 128 * 64)
	for range []int{0, 1, co}[r.IntN(3)] {
		c.r.Scale = append(c.r.Scale, spread*(r.Float32()*4+0.5))
	}
	if r.IntN(2) == 0 {
		for range co {
			c.r.Bias = append(c.r.Bias, int32(r.IntN(20001)-10000))
		}
	}
	if r.IntN(2) == 0 {
		for range co {
			c.r.Shift = append(c.r.Shift, r.Float32()*40-20)
		}
	}
	if r.IntN(3) == 0 {
		c.r.Clamp, c.r.Low, c.r.High = true, 0, 60
	}
}

// want is the formula of Requant, in float32 as it is promised.
func (c *quantCase) want() []float64 {
	sums := make([]int32, c.ys.Numel())
	xs, ws := values(c.x), values(c.w)
	zero := float64(c.r.XZero)
	inner := c.ys[1:].Numel()
	channel := func(i int) int { return i % inner / c.ys[2:].Numel() }
	if len(c.ws) == 2 {
		k, n := c.ws[1], c.ws[0]
		channel = func(i int) int { return i % n }
		for i := range sums {
			for j := range k {
				sums[i] += int32((xs[i/n*k+j] - zero) * ws[i%n*k+j])
			}
		}
	} else {
		visitConv(c.ys, c.xs, c.ws, c.s, func(y, x, w int) { sums[y] += int32((xs[x] - zero) * ws[w]) })
	}
	var other []float64
	if c.r.ResidualScale != 0 {
		other = values(c.residual)
	}
	out := make([]float64, len(sums))
	for i, sum := range sums {
		j := channel(i)
		if c.r.Bias != nil {
			sum += c.r.Bias[j]
		}
		if c.to == engine.I32 {
			out[i] = float64(sum)
			continue
		}
		scale, shift := float32(1), float32(0)
		if c.r.Scale != nil {
			scale = c.r.Scale[min(j, len(c.r.Scale)-1)]
		}
		if c.r.Shift != nil {
			shift = c.r.Shift[j]
		}
		shift -= float32(c.r.ResidualScale * float32(c.r.ResidualZero))
		v := float32(float32(sum)*scale) + shift
		if other != nil {
			v += float32(float32(other[i]) * c.r.ResidualScale)
		}
		if c.r.Clamp {
			v = min(max(v, c.r.Low), c.r.High)
		}
		out[i] = float64(v)
		if lo, hi := 0.0, 255.0; c.to != engine.F32 {
			if c.to == engine.I8 {
				lo, hi = -128, 127
			}
			out[i] = min(max(math.RoundToEven(float64(v))+float64(c.r.Zero), lo), hi)
		}
	}
	return out
}

func TestQuantisedLayersAgreeWithTheirFormulaBitByBit(t *testing.T) {
	met := map[int]bool{} // of depthFilters
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 1200 {
			c := randomQuant(r)
			w, err := PackQuant(c.w, c.s)
			must(err)
			l, err := w.Layer(c.r)
			must(err)
			y := output(r, c.to, c.ys)
			if len(c.ws) > 2 {
				y = relaid(r, y)
			}
			if len(w.byQuads) > 0 && c.to == engine.U8 && c.r.ResidualScale == 0 && c.ys[len(c.ys)-1] >= quadPixels {
				met[w.filter] = true
			}
			what := fmt.Sprintf("%+v %v %v %+v", c.convCase, c.to, describe(y, c.x, c.w), c.r)
			if err := l.Run(y, c.x, c.residual); err != nil {
				t.Fatal(what, err)
			}
			compare(t, what, values(y), c.want(), 0)
		}
	})
	if len(met) != len(depthFilters) {
		t.Errorf("filters %v were computed by quads, want all %d", met, len(depthFilters))
	}
}

// Bounds that no byte reaches leave the nearest byte, on every level and in every routine that stores bytes.
func TestBoundsBeyondTheBytesLeaveTheNearestByte(t *testing.T) {
	inf := float32(math.Inf(1))
	lows := []float32{-inf, -inf, -400, -300.5, -20, -10, -3, -inf, -0.5, 127.5, 128, 255.5, 266, 300, 700, inf, -inf, -maxFloat32}
	highs := []float32{-inf, -700, -266, -10, -10, -0.5, -3, 0.5, 0.5, 140, 128, 256, 400, inf, inf, inf, inf, maxFloat32}
	quads := 0
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for i := range 40 * len(lows) {
			c := randomQuant(r)
			if c.to == engine.I32 {
				continue // sums are not bounded
			}
			c.r.Clamp, c.r.Low, c.r.High = true, lows[i%len(lows)], highs[i%len(highs)]
			w, err := PackQuant(c.w, c.s)
			must(err)
			l, err := w.Layer(c.r)
			must(err)
			y := output(r, c.to, c.ys)
			if len(c.ws) > 2 {
				y = relaid(r, y)
			}
			if len(w.byQuads) > 0 && c.to == engine.U8 && c.r.ResidualScale == 0 && c.ys[len(c.ys)-1] >= quadPixels {
				quads++
			}
			what := fmt.Sprintf("%+v %v %v %+v", c.convCase, c.to, describe(y, c.x, c.w), c.r)
			if err := l.Run(y, c.x, c.residual); err != nil {
				t.Fatal(what, err)
			}
			compare(t, what, values(y), c.want(), 0)
		}
	})
	if quads == 0 {
		t.Error("no layer was computed by quads")
	}
}

// Scaled sums that are infinite, no numbers or beyond 32 bits become the same on every level: the nearest bound, and the
// lowest for no number.
func TestSumsBeyondAllNumbersBecomeTheSameOnEveryLevel(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	extremes := []float32{inf, -inf, nan, 0x1p40, -0x1p40, maxFloat32, 0.25}
	var first [][]float64 // of the first level
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		r := rand.New(rand.NewPCG(7, 7)) // the same layers on every level
		var all [][]float64
		for i := range 300 {
			c := randomQuant(r)
			if c.to == engine.I32 {
				continue // sums are not scaled
			}
			c.r.Scale, c.r.Shift = make([]float32, c.ws[0]), make([]float32, c.ws[0])
			for j := range c.r.Scale {
				c.r.Scale[j], c.r.Shift[j] = extremes[(i+j)%len(extremes)], extremes[(i+3*j)%len(extremes)]
			}
			w, err := PackQuant(c.w, c.s)
			must(err)
			l, err := w.Layer(c.r)
			must(err)
			y := output(r, c.to, c.ys)
			if err := l.Run(y, c.x, c.residual); err != nil {
				t.Fatal(err)
			}
			all = append(all, values(y))
		}
		if first == nil {
			first = all
			return
		}
		for i, y := range all {
			compare(t, fmt.Sprint("layer ", i), y, first[i], 0)
		}
	})
}

// Results that the caches do not hold are asked for ahead; they are the same on every level.
func TestLargeResultsOfQuantisedLayersAreTheSameOnEveryLevel(t *testing.T) {
	const c, n, side = 8, 72, 128
	s := engine.Shape{1, n, side, side}
	if s.Numel() <= coldBytes {
		t.Fatalf("a result of %d bytes is not large", s.Numel())
	}
	first := map[string][]float64{}
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		r := rand.New(rand.NewPCG(3, 4))
		bytes := func(t engine.DType, s engine.Shape, low int) engine.Array {
			return random(r, t, s, func() float64 { return float64(low + r.IntN(256)) })
		}
		x, other := NewChannelsLast(engine.U8, engine.Shape{1, c, side, side}), NewChannelsLast(engine.U8, s)
		must(Copy(x, bytes(engine.U8, x.Shape, 0)))
		must(Copy(other, bytes(engine.U8, s, 0)))
		w, err := PackQuant(bytes(engine.I8, engine.Shape{n, c, 1, 1}, -128), ConvSpec{})
		must(err)
		for _, residual := range []float32{0, 0.7} {
			l, err := w.Layer(Requant{Scale: []float32{0.002}, ResidualScale: residual, ResidualZero: 9})
			must(err)
			for _, to := range []engine.DType{engine.U8, engine.F32} {
				y := NewChannelsLast(to, s)
				must(l.Run(y, x, other))
				got, what := values(y), fmt.Sprint(to, ", residual ", residual)
				if first[what] == nil {
					first[what] = got
				}
				compare(t, what, got, first[what], 0)
			}
		}
	})
}

func BenchmarkQuantisedLayer(b *testing.B) {
	for _, c := range []struct {
		name                       string
		n, ci, h, co, k, pad, s, g int
	}{
		{"c3x3_64x56_N1", 1, 64, 56, 64, 3, 1, 1, 1},
		{"c3x3_256x14_N1", 1, 256, 14, 256, 3, 1, 1, 1},
		{"c3x3_512x7_N1", 1, 512, 7, 512, 3, 1, 1, 1},
		{"c1x1_64_256x56_N1", 1, 64, 56, 256, 1, 0, 1, 1},
		{"c1x1_256_64x56_N1", 1, 256, 56, 64, 1, 0, 1, 1},
		{"c1x1_1024_256x14_N1", 1, 1024, 14, 256, 1, 0, 1, 1},
		{"c7x7s2_3_64x224_N1", 1, 3, 224, 64, 7, 3, 2, 1},
		{"caffenet1_N8", 8, 3, 227, 96, 11, 0, 4, 1},
		{"caffenet2_N8", 8, 96, 27, 256, 5, 2, 1, 2},
		{"caffenet3_N8", 8, 256, 13, 384, 3, 1, 1, 1},
		{"caffenet4_N8", 8, 384, 13, 384, 3, 1, 1, 2},
		{"fc_9216_4096_N32", 32, 9216, 0, 4096, 1, 0, 1, 1},
		{"gemm_1024", 1024, 1024, 0, 1024, 1, 0, 1, 1},
		{"dw3x3_128x56_N1", 1, 128, 56, 128, 3, 1, 1, 128},
	} {
		xs, ws := engine.Shape{c.n, c.ci, c.h, c.h}, engine.Shape{c.co, c.ci / c.g, c.k, c.k}
		s := ConvSpec{Groups: c.g, Padding: []int{c.pad, c.pad}, Stride: []int{c.s, c.s}}
		y, x := engine.Array{}, engine.Array{}
		if c.h == 0 {
			ws, s = ws[:2], ConvSpec{}
			x, y = engine.Zeros(engine.U8, xs[:2]), engine.Zeros(engine.U8, engine.Shape{c.n, c.co})
		} else {
			ys, err := s.Out(xs, ws)
			must(err)
			x, y = NewChannelsLast(engine.U8, xs), NewChannelsLast(engine.U8, ys)
			must(Fill(x, 3))
		}
		w := engine.Zeros(engine.I8, ws)
		p, err := PackQuant(w, s)
		must(err)
		l, err := p.Layer(Requant{XZero: 3, Scale: []float32{0.01}})
		must(err)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				must(l.Run(y, x, engine.Array{}))
			}
			ops := 2 * float64(y.Numel()) * float64(ws[1:].Numel())
			b.ReportMetric(ops*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "Gop/s")
		})
	}
}

func TestPoolingOfBytesAgreesWithItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 200 {
			k := []int{1 + r.IntN(4), 1 + r.IntN(4)}
			s := PoolSpec{
				Kernel: k, Stride: []int{1 + r.IntN(3), 1 + r.IntN(3)}, Padding: []int{r.IntN(k[0]/2 + 1), r.IntN(k[1]/2 + 1)},
				Ceil: r.IntN(2) == 0, CountIncludePad: r.IntN(2) == 0,
			}
			xs := engine.Shape{1 + r.IntN(2), 1 + r.IntN(90), 4 + r.IntN(8), 4 + r.IntN(8)}
			ys, err := s.Out(xs)
			must(err)
			x := relaid(r, random(r, engine.U8, xs, func() float64 { return float64(r.IntN(256)) }))
			wide := engine.NewArray(engine.F64, xs)
			must(Copy(wide, x))
			what := fmt.Sprintf("%+v %s", s, describe(x))
			want, y := engine.NewArray(engine.F64, ys), relaid(r, output(r, engine.U8, ys))
			must(MaxPool(want, engine.Array{}, wide, s))
			must(MaxPool(y, engine.Array{}, x, s))
			compare(t, "maximum "+what, values(y), values(want), 0)

			to := []engine.DType{engine.U8, engine.I8, engine.F32}[r.IntN(3)]
			xZero, zero, scale := r.IntN(256), r.IntN(100), 0.25+r.Float32()
			y = relaid(r, output(r, to, ys))
			must(QuantAvgPool(y, x, s, xZero, scale, zero))
			must(Sub.Run(wide, wide, engine.Of(engine.Shape{}, []float64{float64(xZero)})))
			must(AvgPool(want, wide, s))
			means := values(y)
			for i, v := range values(want) {
				v *= float64(scale)
				got, lo, hi, tol := means[i], 0.0, 255.0, 0.5001
				switch to {
				case engine.F32:
					lo, hi, tol = math.Inf(-1), math.Inf(1), 1e-3
				case engine.I8:
					lo, hi = -128, 127
				}
				if to != engine.F32 {
					v += float64(zero)
				}
				if v = min(max(v, lo), hi); math.Abs(got-v) > tol {
					t.Fatalf("mean %s: element %d is %v, want %v", what, i, got, v)
				}
			}
		}
	})
}

// A frozen graph runs tens of layers in a millisecond: what each of them leaves to the collector adds up.
func TestBytesOfPlanesLeaveLittleGarbage(t *testing.T) {
	s := engine.Shape{1, 3, 224, 224}
	x, y := engine.Zeros(engine.F32, s), NewChannelsLast(engine.U8, s)
	leavesLittle(t, "the bytes of a picture", func() error { return Quantize(y, x, 0.5, 11) })
}

// leavesLittle checks what a run of f allocates, on average.
func leavesLittle(t *testing.T, what string, f func() error) {
	t.Helper()
	const runs, most = 200, 8 << 10
	var before, after runtime.MemStats
	must(f())
	runtime.ReadMemStats(&before)
	for range runs {
		must(f())
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / runs; n > most {
		t.Errorf("%s: %d bytes are allocated a run, want at most %d", what, n, most)
	}
}

func TestLinesOfPixelsAreOfOneLengthWhereTilesAllowIt(t *testing.T) {
	for width, want := range map[int]int{1: 1, 7: 7, 14: 14, 15: 15, 28: 28, 49: 49, 56: 56, 196: 28, 784: 56, 3136: 56, 126: 42, 182: 46} {
		if got := quantLine(width); got != want {
			t.Errorf("%d pixels have lines of %d, want %d", width, got, want)
		}
	}
	for width := 1; width < 5000; width++ {
		line := quantLine(width)
		lines := (width + line - 1) / line
		if line > lineTiles*quantRows || lines*line-width > max(quantRows, width/20) {
			t.Fatalf("%d pixels have lines of %d", width, line)
		}
	}
}

func TestLayersKnowWhetherTheirNumbersAreSmall(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		r    Requant
		want bool
	}{
		{Requant{}, true},
		{Requant{Scale: []float32{-0.01}, Shift: []float32{5, -1e6}, XZero: 200, ResidualScale: 30}, true},
		{Requant{Scale: []float32{0.5, 1e4}}, false},
		{Requant{Scale: []float32{0.5, -1e4}}, false},
		{Requant{Shift: []float32{0, -2e9}}, false},
		{Requant{Scale: []float32{0, nan}}, false},
		{Requant{Shift: []float32{nan, 0}}, false},
		{Requant{Scale: []float32{0, inf}}, false},
		{Requant{Bias: []int32{0, -1 << 30}}, false},
		{Requant{ResidualScale: -1e7}, false},
		{Requant{ResidualScale: nan}, false},
	} {
		q, err := PackQuant(engine.Zeros(engine.I8, engine.Shape{2, 9}), ConvSpec{})
		must(err)
		l, err := q.Layer(c.r)
		must(err)
		if l.small != c.want {
			t.Errorf("%+v: small is %v", c.r, l.small)
		}
	}
}

func TestEveryUnitOfALayerIsVisitedOnceInWhateverOrder(t *testing.T) {
	for strips := 1; strips < 7; strips++ {
		for rows := 1; rows < 20; rows++ {
			for block := 1; block <= rows; block++ {
				o, met := unitOrder{strips, rows, block}, map[[2]int]bool{}
				for u := range strips * rows {
					s, i := o.at(u)
					met[[2]int{s, i}] = true
					if s < 0 || s >= strips || i < 0 || i >= rows || i/block != u/(strips*block) {
						t.Fatalf("%+v: unit %d is strip %d of line %d", o, u, s, i)
					}
				}
				if len(met) != strips*rows {
					t.Fatalf("%+v visits %d units", o, len(met))
				}
			}
		}
	}
}

// The tasks of layers and what they read and write are used again.
func TestQuantisedLayersLeaveLittleGarbage(t *testing.T) {
	if Level() != "avx512" {
		t.Skip("the routines of other levels take scratch memory for each task")
	}
	for name, ws := range map[string]engine.Shape{
		"pointwise": {96, 16, 1, 1}, "depthwise": {96, 1, 5, 5}, "padded": {96, 16, 3, 3},
	} {
		pad := ws[2] / 2
		xs, s := engine.Shape{1, ws[1], 56, 56}, ConvSpec{Padding: []int{pad, pad}}
		if ws[1] == 1 {
			xs[1], s.Groups = 96, 96
		}
		p, err := PackQuant(engine.Zeros(engine.I8, ws), s)
		must(err)
		l, err := p.Layer(Requant{})
		must(err)
		x, y := NewChannelsLast(engine.U8, xs), NewChannelsLast(engine.U8, engine.Shape{1, 96, 56, 56})
		leavesLittle(t, "a "+name+" layer", func() error { return l.Run(y, x, engine.Array{}) })
	}
}
