package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// TestLSTMIsItsFormula compares layers of random extents, small ones, whose steps multiply inputs and states together,
// and others, with the formula in float64.
func TestLSTMIsItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		joint := 0
		for range 30 {
			steps, batch, in, h := 1+r.IntN(5), 1+r.IntN(40), 1+r.IntN(40), 1+r.IntN(40)
			random := func(shape ...int) engine.Array {
				x := engine.NewArray(engine.F32, engine.Shape(shape))
				for i := range x.F32() {
					x.F32()[i] = float32(r.NormFloat64() / 4)
				}
				return x
			}
			p := &Recurrence{
				Cell: LSTMCell, Reverse: r.IntN(2) == 0, Stride: 1, X: random(steps*batch, in), H0: random(batch, h), C0: random(batch, h),
				Wih: random(4*h, in), Whh: random(4*h, h), Bias: random(4 * h),
				Y: random(steps*batch, h), Cells: random(steps*batch, h), Gates: random(steps*batch, 4*h),
			}
			last := r.IntN(2) == 0 // steps of a sample lie together
			for s := range steps {
				p.Batch = append(p.Batch, batch)
				if last {
					p.Start, p.Stride = append(p.Start, s), steps
				} else {
					p.Start = append(p.Start, s*batch)
				}
			}
			if newRecurrent[float32](p).joint() {
				joint++
			}
			hn, cn := random(batch, h), random(batch, h)
			must(p.Forward(hn, cn))
			for b := range batch {
				lstmFormula(t, p, b, hn.F32()[b*h:][:h], cn.F32()[b*h:][:h])
			}
			if t.Failed() {
				t.Fatalf("%d steps of %d samples, %d to %d columns", steps, batch, in, h)
			}
		}
		if joint < 10 {
			t.Errorf("%d layers of 30 multiply inputs and states together, want 10", joint)
		}
	})
}

// lstmFormula compares the results of sample b.
func lstmFormula(t *testing.T, p *Recurrence, b int, hn, cn []float32) {
	in, h := p.X.Shape[1], p.H0.Shape[1]
	state, cell := make([]float64, h), make([]float64, h)
	for j := range h {
		state[j], cell[j] = float64(p.H0.F32()[b*h+j]), float64(p.C0.F32()[b*h+j])
	}
	dot := func(w, x []float32) (sum float64) {
		for i, v := range w {
			sum += float64(v) * float64(x[i])
		}
		return sum
	}
	for s := range p.Start {
		step := s
		if p.Reverse {
			step = len(p.Start) - 1 - s
		}
		row := p.Start[step] + b*p.Stride
		x, gates := p.X.F32()[row*in:][:in], make([]float64, 4*h)
		for k := range gates {
			gates[k] = float64(p.Bias.F32()[k]) + dot(p.Wih.F32()[k*in:][:in], x)
			for j, v := range state {
				gates[k] += float64(p.Whh.F32()[k*h+j]) * v
			}
		}
		for j := range h {
			cell[j] = sigmoidOf(gates[h+j])*cell[j] + sigmoidOf(gates[j])*math.Tanh(gates[2*h+j])
			state[j] = sigmoidOf(gates[3*h+j]) * math.Tanh(cell[j])
			if got := p.Y.F32()[row*h+j]; math.Abs(float64(got)-state[j]) > 1e-5 {
				t.Errorf("step %d of sample %d: y[%d] is %v, want %v", step, b, j, got, state[j])
				return
			}
		}
	}
	for j := range h {
		if math.Abs(float64(hn[j])-state[j]) > 1e-5 || math.Abs(float64(cn[j])-cell[j]) > 1e-5 {
			t.Errorf("sample %d: the last states are %v and %v, want %v and %v", b, hn[j], cn[j], state[j], cell[j])
			return
		}
	}
}
