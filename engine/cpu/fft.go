package cpu

import (
	"math"
	"math/cmplx"
	"sync"

	"github.com/lathe-ml/lathe/engine"
)

// Discrete Fourier transforms. Lengths are split into factors 4, 2, 3, 5 and small primes (Stockham's
// algorithm, which needs no reordering); a length with a larger prime factor becomes a convolution of a
// length that is a power of two (Bluestein).
// Sources: Cochran et al. 1967; Bluestein 1970.

// largestRadix is the largest prime factor that a transform takes directly, at n operations for each element.
const largestRadix = 23

// plan is what transforms of one length share: the n-th roots of unity, and the lengths it is split into.
type plan[T complexes] struct {
	n       int
	factors []int
	roots   []T // exp(−2πi·k/n)
	// Bluestein: the transform of length big of the chirp, and the chirp exp(−πi·k²/n).
	big    *plan[T]
	chirp  []T
	filter []T
}

var plans64, plans128 sync.Map // by length

// planOf returns the plan of length n. Plans are kept: they hold about three numbers for each element.
func planOf[T complexes](n int) *plan[T] {
	plans := &plans128
	if _, ok := any(T(0)).(complex64); ok {
		plans = &plans64
	}
	if p, ok := plans.Load(n); ok {
		return p.(*plan[T])
	}
	p, _ := plans.LoadOrStore(n, newPlan[T](n))
	return p.(*plan[T])
}

func newPlan[T complexes](n int) *plan[T] {
	p := &plan[T]{n: n}
	rest := n
	for _, r := range []int{4, 2, 3, 5, 7, 11, 13, 17, 19, largestRadix} {
		for rest%r == 0 && rest > 1 {
			p.factors, rest = append(p.factors, r), rest/r
		}
	}
	if rest == 1 {
		p.roots = make([]T, n)
		for k := range p.roots {
			p.roots[k] = T(root(k, n))
		}
		return p
	}
	size := 1
	for size < 2*n-1 {
		size *= 2
	}
	p.big, p.chirp, p.filter = planOf[T](size), make([]T, n), make([]T, size)
	for k := range p.chirp {
		c := root(k*k%(2*n), 2*n)
		p.chirp[k] = T(c)
		p.filter[k] = T(cmplx.Conj(c))
		p.filter[(size-k)%size] = p.filter[k]
	}
	p.big.run(p.filter, make([]T, size), false)
	return p
}

// root is exp(−2πi·k/n), exact at multiples of an eighth.
func root(k, n int) complex128 {
	if 8*k%n == 0 {
		const h = math.Sqrt2 / 2
		return []complex128{1, h - h*1i, -1i, -h - h*1i, -1, -h + h*1i, 1i, h + h*1i}[8*k/n%8]
	}
	s, c := math.Sincos(2 * math.Pi * float64(k) / float64(n))
	return complex(c, -s)
}

func conjOf[T complexes](x T) T { return T(cmplx.Conj(complex128(x))) }

func conjAll[T complexes](x []T) {
	for i, v := range x {
		x[i] = conjOf(v)
	}
}

// run transforms x in place; work has its length. The inverse is not scaled.
func (p *plan[T]) run(x, work []T, inverse bool) {
	if inverse { // conj(F(conj x))
		conjAll(x)
		defer conjAll(x)
	}
	if p.big != nil {
		p.bluestein(x)
		return
	}
	from, to, n, s := x, work[:p.n], p.n, 1
	for _, r := range p.factors {
		m := n / r
		switch r {
		case 2:
			p.pass2(to, from, m, s)
		case 4:
			p.pass4(to, from, m, s)
		default:
			p.passAny(to, from, r, m, s)
		}
		from, to, n, s = to, from, m, s*r
	}
	if p.n > 0 && &from[0] != &x[0] {
		copy(x, from)
	}
}

func (p *plan[T]) pass2(y, x []T, m, s int) {
	for k := range m {
		w := p.roots[k*s]
		a, b := x[k*s:][:s], x[(k+m)*s:][:s]
		c, d := y[2*k*s:][:s], y[(2*k+1)*s:][:s]
		for q := range c {
			u, v := a[q], b[q]
			c[q], d[q] = u+v, (u-v)*w
		}
	}
}

func (p *plan[T]) pass4(y, x []T, m, s int) {
	for k := range m {
		w1, w2, w3 := p.roots[k*s], p.roots[2*k*s], p.roots[3*k*s]
		x0, x1, x2, x3 := x[k*s:][:s], x[(k+m)*s:][:s], x[(k+2*m)*s:][:s], x[(k+3*m)*s:][:s]
		y0, y1, y2, y3 := y[4*k*s:][:s], y[(4*k+1)*s:][:s], y[(4*k+2)*s:][:s], y[(4*k+3)*s:][:s]
		for q := range y0 {
			a, b, c, d := x0[q]+x2[q], x0[q]-x2[q], x1[q]+x3[q], x1[q]-x3[q]
			d = T(complex(imag(complex128(d)), -real(complex128(d)))) // −i·d
			y0[q], y1[q], y2[q], y3[q] = a+c, (b+d)*w1, (a-c)*w2, (b-d)*w3
		}
	}
}

// passAny takes a factor r by the sums of its definition.
func (p *plan[T]) passAny(y, x []T, r, m, s int) {
	var buf [largestRadix]T
	step := p.n / r
	for k := range m {
		for q := range s {
			for j := range r {
				buf[j] = x[q+s*(k+m*j)]
			}
			for i := range r {
				sum := buf[0]
				for j, at := 1, 0; j < r; j++ {
					if at += i * step; at >= p.n {
						at -= p.n
					}
					sum += buf[j] * p.roots[at]
				}
				y[q+s*(r*k+i)] = sum * p.roots[i*k*s%p.n]
			}
		}
	}
}

// bluestein computes Σ x·exp(−2πi·jk/n) as a convolution with a chirp: jk = (j² + k² − (j − k)²)/2.
func (p *plan[T]) bluestein(x []T) {
	size := p.big.n
	a, work := make([]T, size), make([]T, size)
	for k, v := range x {
		a[k] = v * p.chirp[k]
	}
	p.big.run(a, work, false)
	for k := range a {
		a[k] *= p.filter[k]
	}
	p.big.run(a, work, true)
	scale := T(complex(1/float64(size), 0))
	for k := range x {
		x[k] = a[k] * p.chirp[k] * scale
	}
}

// FFT computes the discrete Fourier transform of complex x over axes, times scale: Σ x[k]·exp(∓2πi·jk/n), with
// + for the inverse. dst has x's shape. Cost about 5·n·log₂ n operations for each line of n.
func FFT(dst, x engine.Array, axes []int, inverse bool, scale float64) error {
	mustMatch("FFT", dst.DType, x.DType)
	if err := Copy(dst, x); err != nil {
		return err
	}
	switch dst.DType {
	case engine.C64:
		transform[complex64](dst, axes, inverse, scale)
	case engine.C128:
		transform[complex128](dst, axes, inverse, scale)
	default:
		return unsupported("FFT", dst.DType)
	}
	return nil
}

func transform[T complexes](dst engine.Array, axes []int, inverse bool, scale float64) {
	if len(axes) == 0 {
		for i, d := 0, flatSlice[T](&dst); i < len(d); i++ {
			d[i] *= T(complex(scale, 0))
		}
	}
	for i, axis := range axes {
		factor := 1.0
		if i == len(axes)-1 {
			factor = scale
		}
		transformLines[T](dst, axis, inverse, T(complex(factor, 0)))
	}
}

func transformLines[T complexes](dst engine.Array, axis int, inverse bool, scale T) {
	n, d := dst.Shape[axis], whole[T](&dst)
	count := dst.Numel() / max(n, 1)
	if dst.Numel() == 0 {
		return
	}
	p := planOf[T](n)
	inner := dst.Shape[axis+1:].Numel()
	cost := n * (8 + 4*len(p.factors))
	if p.big != nil {
		cost = 64 * p.big.n
	}
	engine.Parallel(count, max(1, grain/cost), func(lo, hi int) {
		line, work := make([]T, n), make([]T, n)
		for k := lo; k < hi; k++ {
			at := dst.Offset + k/inner*n*inner + k%inner // dst is row-major
			for j := range line {
				line[j] = d[at+j*inner]
			}
			p.run(line, work, inverse)
			for j, v := range line {
				d[at+j*inner] = v * scale
			}
		}
	})
}
