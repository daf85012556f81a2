package jit

import (
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

// machine is a function made of random instructions on tensors of one shape: arithmetic, views, changes in
// place, reads, random numbers, values kept between calls. What it does depends on the seed, the call and
// values that it reads.
type machine struct {
	seed  uint64
	size  int
	state []tensor
	kept  tensor
	calls int
	place func(tensor) tensor // where numbers that are drawn go
}

func newMachine(seed uint64) *machine {
	m := &machine{seed: seed, size: 3 + int(seed%12), place: func(x tensor) tensor { return x }}
	for i := range 2 {
		w := eager.Randn(3, 4)
		if seed%3 == 0 && i == 0 {
			w.SetRequiresGrad(true)
		}
		m.state = append(m.state, w)
	}
	m.kept = eager.Ones(3, 4)
	return m
}

// call runs the instructions; varied ones differ between calls.
func (m *machine) call(x tensor) []tensor {
	m.calls++
	r := rand.New(rand.NewPCG(m.seed, 9))
	if m.seed%4 == 0 && m.calls%3 == 0 {
		r = rand.New(rand.NewPCG(m.seed, 10))
	}
	live := []tensor{x, m.state[0], m.state[1], m.kept}
	for range m.size {
		a, b := live[r.IntN(len(live))], live[r.IntN(len(live))]
		if y := m.step(r, a, b); y != nil {
			live = append(live, y)
		}
	}
	last := live[len(live)-1]
	if m.state[0].RequiresGrad() && last.RequiresGrad() && !last.IsLeaf() {
		last.Tanh().Sum().Backward()
	}
	return []tensor{last, live[r.IntN(len(live))].Mul(1)}
}

// step does one instruction on values of shape [3 4].
func (m *machine) step(r *rand.Rand, a, b tensor) tensor {
	switch k := r.IntN(16); k {
	case 0, 1:
		return a.Add(b)
	case 2:
		return a.Mul(b).Tanh()
	case 3:
		return a.Sub(b).Mul(0.5)
	case 4:
		return a.Sigmoid()
	case 5:
		return a.T().Reshape(3, 4)
	case 6:
		return a.Reshape(4, 3).T()
	case 7:
		return eager.Concat(0, a.Slice(0, 1, 3), b.Slice(0, 0, 1))
	case 8:
		return a.Sum(0).Expand(3, 4)
	case 9:
		return a.Mul(float64(m.calls % 3))
	case 10:
		if a.Detach().Sum().Item() > 0 {
			return a.Neg()
		}
		return a.Add(b)
	case 11:
		return a.Add(m.place(eager.Randn(3, 4)))
	case 12:
		m.kept = a.Detach().Tanh()
	case 13, 14, 15:
		m.change(r, a, b, k)
	}
	return nil
}

// change writes to storage: a state, or a view of a result that no gradient needs.
func (m *machine) change(r *rand.Rand, a, b tensor, k int) {
	to := m.state[1]
	if r.IntN(3) == 0 && !a.RequiresGrad() {
		to = a
	}
	src := b.Detach().Tanh()
	switch k {
	case 13:
		to.Detach().Assign(src)
	case 14:
		row := r.IntN(3)
		to.Detach().SetIndex(src.Index(row), (row+1)%3)
	default:
		to.Detach().SetSlice(src.Slice(1, 0, 2), 1, 2, 4)
	}
}

// TestRandomStatefulFunctionsAreEqual compares random functions with themselves compiled, call by call.
func TestRandomStatefulFunctionsAreEqual(t *testing.T) {
	n := uint64(120)
	if testing.Short() {
		n = 40
	}
	programs := 0
	for seed := range n {
		var m *machine
		f := same(t, 7, 1e-5, func() world {
			m = newMachine(seed)
			return world{
				m.call, func(int) []tensor { return []tensor{eager.Randn(3, 4)} },
				func() []tensor { return append([]tensor{m.kept}, m.state...) },
			}
		})
		programs += f.stats.programs
		if f.stats.differed > 0 || t.Failed() {
			t.Fatalf("seed %d\n%s", seed, Explain(f))
		}
	}
	if programs < int(n) {
		t.Errorf("%d segments ran by programs in %d functions", programs, n)
	}
}
