package cpu

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
)

// Random fills are functions of the generator and the row-major position of the element; strides
// and threads do not matter. Uniform, Normal and Bernoulli take one word for each F32 element and
// two for each F64; g.Take(2·n) is enough for every function here.

// fillRandom computes the elements of dst block by block: f fills d, at most per elements, from the
// words of one block.
func fillRandom[T any](dst engine.Array, g engine.Generator, per int, f func(d []T, w [4]uint32)) {
	d, same := packed(dst)
	out := flatSlice[T](&d)
	blocks := (len(out) + per - 1) / per
	engine.Parallel(blocks, grain/32, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			f(out[b*per:min((b+1)*per, len(out))], g.Block(uint64(b)))
		}
	})
	if !same {
		must(Copy(dst, d))
	}
}

// viaF computes a float fill for other dtypes through F32.
func viaF(name string, dst engine.Array, f func(d engine.Array) error) error {
	if !isHalf(dst.DType) {
		return unsupported(name, dst.DType)
	}
	return viaF32(dst, f)
}

// Uniform fills dst with values from [lo, hi).
func Uniform(dst engine.Array, g engine.Generator, lo, hi float64) error {
	switch dst.DType {
	case engine.F32:
		l, span := float32(lo), float32(hi-lo)
		fillRandom(dst, g, 4, func(d []float32, w [4]uint32) {
			for i := range d {
				d[i] = l + span*engine.Unit(w[i])
			}
		})
	case engine.F64:
		fillRandom(dst, g, 2, func(d []float64, w [4]uint32) {
			for i := range d {
				d[i] = lo + (hi-lo)*engine.Unit64(w[2*i], w[2*i+1])
			}
		})
	default:
		return viaF("Uniform", dst, func(d engine.Array) error { return Uniform(d, g, lo, hi) })
	}
	return nil
}

// Normal fills dst with normally distributed values.
func Normal(dst engine.Array, g engine.Generator, mean, std float64) error {
	switch dst.DType {
	case engine.F32:
		fillRandom(dst, g, 4, func(d []float32, w [4]uint32) {
			var v [4]float64
			v[0], v[1] = engine.Gauss(w[0], w[1])
			v[2], v[3] = engine.Gauss(w[2], w[3])
			for i := range d {
				d[i] = float32(mean + std*v[i])
			}
		})
	case engine.F64:
		fillRandom(dst, g, 4, func(d []float64, w [4]uint32) {
			var v [4]float64
			v[0], v[1] = engine.Gauss(w[0], w[1])
			v[2], v[3] = engine.Gauss(w[2], w[3])
			for i := range d {
				d[i] = mean + std*v[i]
			}
		})
	default:
		return viaF("Normal", dst, func(d engine.Array) error { return Normal(d, g, mean, std) })
	}
	return nil
}

// Bernoulli fills dst, of any real dtype or Bool, with 1 at probability p, else 0.
func Bernoulli(dst engine.Array, g engine.Generator, p float64) error {
	if !(p >= 0 && p <= 1) {
		return fmt.Errorf("cpu.Bernoulli: p = %v; want a probability in [0, 1]", p)
	}
	if dst.DType != engine.Bool {
		t := engine.NewArray(engine.Bool, dst.Shape)
		must(Bernoulli(t, g, p))
		return Copy(dst, t)
	}
	q := float32(p)
	fillRandom(dst, g, 4, func(d []uint8, w [4]uint32) {
		for i := range d {
			d[i] = bit(engine.Unit(w[i]) < q)
		}
	})
	return nil
}

// BernoulliOf fills dst with 1 at the probability given by each element of p, else 0.
func BernoulliOf(dst, p engine.Array, g engine.Generator) error {
	u := engine.NewArray(engine.F32, dst.Shape)
	must(Uniform(u, g, 0, 1))
	q := p
	if p.DType != engine.F32 {
		q = engine.NewArray(engine.F32, p.Shape)
		must(Copy(q, p))
	}
	hit := engine.NewArray(engine.Bool, dst.Shape)
	must(Lt.Run(hit, u, q))
	return Copy(dst, hit)
}

// RandInt fills dst with integers from [lo, hi); a range of up to 2³² has a bias below 2⁻³².
func RandInt(dst engine.Array, g engine.Generator, lo, hi int64) error {
	if hi <= lo {
		return fmt.Errorf("cpu.RandInt: range [%d, %d) is empty", lo, hi)
	}
	t := dst
	if dst.DType != engine.I64 {
		t = engine.NewArray(engine.I64, dst.Shape)
	}
	span := uint64(hi - lo)
	fillRandom(t, g, 2, func(d []int64, w [4]uint32) {
		for i := range d {
			d[i] = lo + int64((uint64(w[2*i])<<32|uint64(w[2*i+1]))%span)
		}
	})
	if t.Buf != dst.Buf {
		return Copy(dst, t)
	}
	return nil
}

// Permutation fills the 1-d integer dst with a random order of 0 … n−1 (Fisher and Yates).
func Permutation(dst engine.Array, g engine.Generator) error {
	n := dst.Numel()
	w := engine.NewArray(engine.I64, engine.Shape{n})
	must(RandInt(w, g, 0, 1<<62))
	p := make([]int64, n)
	for i, r := range w.I64() {
		j := r % int64(i+1)
		p[i] = p[j]
		p[j] = int64(i)
	}
	return Copy(dst, engine.Of(engine.Shape{n}, p))
}

// Dropout zeroes each element of x at probability p and divides the others by 1−p. The Bool mask of
// kept elements is optional.
func Dropout(dst, mask, x engine.Array, p float64, g engine.Generator) error {
	if !(p >= 0 && p <= 1) {
		return fmt.Errorf("cpu.Dropout: p = %v; want a probability in [0, 1]", p)
	}
	keep := mask
	if keep.Buf == nil {
		keep = engine.NewArray(engine.Bool, x.Shape)
	}
	must(Bernoulli(keep, g, 1-p))
	factor, scaled := engine.NewArray(x.DType, engine.Shape{}), engine.NewArray(x.DType, x.Shape)
	if p < 1 {
		p = 1 / (1 - p)
	}
	must(Fill(factor, p))
	if err := Mul.Run(scaled, x, factor); err != nil {
		return err
	}
	return Where(dst, keep, scaled, engine.Zeros(x.DType, engine.Shape{}))
}
