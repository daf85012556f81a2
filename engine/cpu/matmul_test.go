package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// matmulSlowly computes one product and its epilogue in float64 from row-major elements.
func matmulSlowly(c, a, b, bias []float64, m, n, k int, e Epilogue) {
	for i := range m {
		for j := range n {
			s := 0.0
			for p := range k {
				s += a[i*k+p] * b[p*n+j]
			}
			if e.Alpha != 0 {
				s *= e.Alpha
			}
			if e.Accumulate {
				s += c[i*n+j]
			}
			if bias != nil {
				s += bias[j]
			}
			if e.ReLU {
				s = max(s, 0)
			}
			c[i*n+j] = s
		}
	}
}

func extent(r *rand.Rand) int {
	switch r.IntN(8) {
	case 0:
		return r.IntN(2)
	case 1, 2:
		return 1 + r.IntN(200)
	}
	return 1 + r.IntN(40)
}

func TestMatMulAgreesWithItsFormulaForAnyStrides(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 400 {
			m, n, k := extent(r), extent(r), extent(r)
			dt := []engine.DType{
				engine.F32, engine.F32, engine.F64, engine.I64,
				engine.BF16,
			}[r.IntN(5)]
			var batch, ba, bb engine.Shape
			for range r.IntN(3) {
				batch = append(batch, 1+r.IntN(3))
			}
			ba, bb = part1(r, batch), part1(r, batch)
			f := func() float64 { return float64(r.IntN(9) - 4) }
			a := random(r, dt, append(ba.Clone(), m, k), f)
			b := random(r, dt, append(bb.Clone(), k, n), f)
			d := random(r, dt, append(batch.Clone(), m, n), f)
			e := Epilogue{ReLU: r.IntN(3) == 0, Accumulate: r.IntN(3) == 0}
			if r.IntN(3) == 0 {
				e.Alpha = 2
			}
			var bias []float64
			if r.IntN(2) == 0 {
				e.Bias = random(r, dt, engine.Shape{n}, f)
				bias = values(e.Bias)
			}
			want := values(d)
			what := fmt.Sprint(describe(d, a, b), e.Bias.Buf != nil, e.ReLU, e.Accumulate)
			must(MatMul(d, a, b, e))
			as := broadcast(a, append(batch.Clone(), m, k))
			bs := broadcast(b, append(batch.Clone(), k, n))
			for p := range batch.Numel() {
				matmulSlowly(want[p*m*n:], as[p*m*k:], bs[p*k*n:], bias, m, n, k, e)
			}
			tol := 1e-6
			if dt == engine.BF16 {
				tol = 1e-2
			}
			compare(t, what, values(d), want, tol)
		}
	})
}

func TestLargeMatMulCrossesEveryBlock(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, s := range [][3]int{
			{130, 70, 600},
			{300, 300, 300},
			{5, 1000, 40},
			{1000, 5, 3},
			{1, 700, 900},
			{40, 1, 77},
			{1, 4500, 20},
			{4500, 1, 20},
			{300, 1, 1024},
			{70, 130, 2048},
			{600, 64, 1600},
		} {
			for i := range 6 {
				dt := []engine.DType{engine.F32, engine.F64}[i%2]
				m, n, k := s[0], s[1], s[2]
				f := func() float64 { return float64(r.IntN(5) - 2) }
				a, b := engine.NewArray(dt, engine.Shape{m, k}), engine.NewArray(dt,
					engine.Shape{k, n})
				if r.IntN(2) == 0 {
					a = engine.NewArray(dt, engine.Shape{k, m}).Permute(1, 0)
				}
				if r.IntN(2) == 0 {
					b = engine.NewArray(dt, engine.Shape{n, k}).Permute(1, 0)
				}
				must(Copy(a, random(r, dt, a.Shape, f)))
				must(Copy(b, random(r, dt, b.Shape, f)))
				d := output(r, dt, engine.Shape{m, n})
				want := make([]float64, m*n)
				matmulSlowly(want, values(a), values(b), nil, m, n, k, Epilogue{})
				must(MatMul(d, a, b, Epilogue{}))
				compare(t, describe(d, a, b), values(d), want, 1e-6)
			}
		}
	})
}

func benchMatMul(b *testing.B, m, n, k int, ta, tb bool) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := engine.NewArray(engine.F32, engine.Shape{m, k}), engine.NewArray(engine.F32,
		engine.Shape{k, n})
	if ta {
		x = engine.NewArray(engine.F32, engine.Shape{k, m}).Permute(1, 0)
	}
	if tb {
		y = engine.NewArray(engine.F32, engine.Shape{n, k}).Permute(1, 0)
	}
	must(Copy(x, random(r, engine.F32, x.Shape, r.NormFloat64)))
	must(Copy(y, random(r, engine.F32, y.Shape, r.NormFloat64)))
	d := engine.NewArray(engine.F32, engine.Shape{m, n})
	for b.Loop() {
		must(MatMul(d, x, y, Epilogue{}))
	}
	flops := 2 * float64(m) * float64(n) * float64(k) * float64(b.N)
	b.ReportMetric(flops/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}

func BenchmarkMatMul(b *testing.B) {
	for _, c := range []struct {
		m, n, k int
		t       string
	}{
		{64, 64, 64, "NN"},
		{128, 128, 128, "NN"},
		{256, 256, 256, "NN"},
		{512, 512, 512, "NN"},
		{512, 512, 512, "NT"},
		{512, 512, 512, "TN"},
		{1024, 1024, 1024, "NN"},
		{32, 128, 784, "NT"},
		{64, 128, 784, "NT"},
		{128, 784, 64, "TN"},
		{64, 784, 128, "NN"},
		{64, 10, 128, "NT"},
		{10, 128, 64, "TN"},
		{64, 128, 10, "NN"},
		{64, 120, 400, "NT"},
		{1, 4096, 4096, "NN"},
		{1, 1024, 1024, "NT"},
		{16, 1024, 1024, "NN"},
		{3136, 64, 576, "NN"},
	} {
		b.Run(fmt.Sprintf("%dx%dx%d_%s", c.m, c.n, c.k, c.t), func(b *testing.B) {
			benchMatMul(b, c.m, c.n, c.k, c.t[0] == 'T', c.t[1] == 'T')
		})
	}
}
