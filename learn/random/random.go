// Package random draws the numbers that NumPy's RandomState draws from the same seed.
//
//	r := random.New(0)
//	order := r.Permutation(10)
//	noise := r.Normal(0, 1)
//	i := r.Intn(6)
//	u := r.Float64()
//
// The words are those of the Mersenne Twister MT19937, and the distributions are those of NumPy's legacy
// generator, so that a seeded split or start is the same as scikit-learn's. It is not safe for use by
// several goroutines, and not a source of secrets. Tensors are filled by the engine's own generator.
package random

import (
	"math"
	"math/bits"
)

const words = 624

// State is a generator with the state of NumPy's RandomState.
type State struct {
	key  [words]uint32
	pos  int
	has  bool // a second value of the last pair of normal values is left
	next float64
}

// New returns the generator that numpy.random.RandomState(seed) is; seeds are taken modulo 2³².
func New(seed int64) *State {
	s := &State{}
	x := uint32(seed)
	for i := range s.key {
		s.key[i] = x
		x = 1812433253*(x^x>>30) + uint32(i) + 1
	}
	s.pos = words
	return s
}

func (s *State) fill() {
	const upper, lower = 0x80000000, 0x7fffffff
	for i := range s.key {
		y := s.key[i]&upper | s.key[(i+1)%words]&lower
		s.key[i] = s.key[(i+397)%words] ^ y>>1 ^ (y&1)*0x9908b0df
	}
	s.pos = 0
}

// Uint32 returns the next 32 bits.
func (s *State) Uint32() uint32 {
	if s.pos == words {
		s.fill()
	}
	y := s.key[s.pos]
	s.pos++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// Uint64 returns the next 64 bits.
func (s *State) Uint64() uint64 { return uint64(s.Uint32())<<32 | uint64(s.Uint32()) }

// Float64 returns a value in [0, 1) with 53 random bits (random_sample).
func (s *State) Float64() float64 {
	a, b := s.Uint32()>>5, s.Uint32()>>6
	return (float64(a)*67108864 + float64(b)) / 9007199254740992
}

// Uniform returns a value in [low, high).
func (s *State) Uniform(low, high float64) float64 { return low + (high-low)*s.Float64() }

// interval returns a value in [0, limit] as shuffle draws it: masked and rejected.
func (s *State) interval(limit uint64) uint64 {
	if limit == 0 {
		return 0
	}
	mask := uint64(1)<<bits.Len64(limit) - 1
	for {
		v := uint64(0)
		if limit <= math.MaxUint32 {
			v = uint64(s.Uint32()) & mask
		} else {
			v = s.Uint64() & mask
		}
		if v <= limit {
			return v
		}
	}
}

// Intn returns a value in [0, n) (randint of the default, 64-bit, type).
func (s *State) Intn(n int) int {
	if n <= 1 {
		return 0
	}
	return int(s.interval(uint64(n - 1)))
}

// Seed returns what scikit-learn passes on as the seed of a part: randint(2³¹ − 1).
func (s *State) Seed() int64 { return int64(s.Intn(math.MaxInt32)) }

// Shuffle calls swap as numpy.random.shuffle swaps.
func (s *State) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		if j := int(s.interval(uint64(i))); j != i {
			swap(i, j)
		}
	}
}

// Permutation returns 0 … n−1 in random order.
func (s *State) Permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	s.Shuffle(n, func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p
}

// Gauss returns a standard normal value by the polar method, in pairs.
func (s *State) Gauss() float64 {
	if s.has {
		s.has = false
		return s.next
	}
	for {
		x, y := 2*s.Float64()-1, 2*s.Float64()-1
		r := x*x + y*y
		if r < 1 && r != 0 {
			f := math.Sqrt(-2 * math.Log(r) / r)
			s.next, s.has = f*x, true
			return f * y
		}
	}
}

// Normal returns a normal value.
func (s *State) Normal(mean, sd float64) float64 { return mean + sd*s.Gauss() }

// Normals returns n standard normal values.
func (s *State) Normals(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = s.Gauss()
	}
	return v
}

// Exponential returns a value with mean scale.
func (s *State) Exponential(scale float64) float64 { return -scale * math.Log(1-s.Float64()) }

// Gamma returns a value of the standard gamma distribution times scale.
func (s *State) Gamma(shape, scale float64) float64 { return scale * s.gamma(shape) }

func (s *State) gamma(shape float64) float64 {
	switch {
	case shape == 1:
		return s.Exponential(1)
	case shape == 0:
		return 0
	case shape < 1:
		for {
			u, v := s.Float64(), s.Exponential(1)
			if u <= 1-shape {
				if x := math.Pow(u, 1/shape); x <= v {
					return x
				}
				continue
			}
			y := -math.Log((1 - u) / shape)
			if x := math.Pow(1-shape+shape*y, 1/shape); x <= v+y {
				return x
			}
		}
	}
	b := shape - 1./3
	c := 1 / math.Sqrt(9*b)
	for {
		x, v := 0.0, 0.0
		for v <= 0 {
			x = s.Gauss()
			v = 1 + c*x
		}
		v *= v * v
		u := s.Float64()
		if u < 1-0.0331*(x*x)*(x*x) || math.Log(u) < 0.5*x*x+b*(1-v+math.Log(v)) {
			return b * v
		}
	}
}

// Choice returns k of the numbers 0 … n−1 without repetition (choice with replace=False).
func (s *State) Choice(n, k int) []int { return s.Permutation(n)[:k] }

// Sample returns k different numbers below n as scikit-learn's sample_without_replacement does, which is not how
// Choice draws them.
func (s *State) Sample(n, k int) []int {
	out := make([]int, 0, k)
	switch ratio := float64(k) / float64(n); {
	case ratio > 0.01 && ratio < 0.99:
		return s.Permutation(n)[:k]
	case ratio < 0.2:
		seen := map[int]bool{}
		for len(out) < k {
			if j := s.Intn(n); !seen[j] {
				seen[j] = true
				out = append(out, j)
			}
		}
	default:
		for i := range n {
			if i < k {
				out = append(out, i)
			} else if j := s.Intn(i + 1); j < k {
				out[j] = i
			}
		}
	}
	return out
}

// Weighted returns k numbers below len(p), with repetition, each with its probability in p.
func (s *State) Weighted(p []float64, k int) []int {
	cum := make([]float64, len(p))
	sum := 0.0
	for i, v := range p {
		sum += v
		cum[i] = sum
	}
	out := make([]int, k)
	for i := range out {
		out[i] = searchRight(cum, s.Float64()*sum)
	}
	return out
}

func searchRight(v []float64, x float64) int {
	lo, hi := 0, len(v)
	for lo < hi {
		if m := (lo + hi) / 2; v[m] <= x {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return min(lo, len(v)-1)
}

// Ints returns k values in [0, n), with repetition (randint(0, n, k)).
func (s *State) Ints(n, k int) []int {
	out := make([]int, k)
	for i := range out {
		out[i] = s.Intn(n)
	}
	return out
}
