package cpu

import (
	"fmt"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Random fills are functions of the generator and the row-major position of the element; strides
// and threads do not matter. Uniform, Normal and Bernoulli take one word for each F32 element and
// two for each F64; g.Take(2·n) is enough for every function here.

// fillRandom computes the elements of dst, which take per words each, chunk by chunk: f fills d from
// at least as many words as it takes.
func fillRandom[T any](dst engine.Array, g engine.Generator, per int, f func(d []T, w []uint32)) {
	d, same := packed(dst)
	out := flatSlice[T](&d)
	const step = chunk // elements, in whole blocks
	engine.Parallel((len(out)+step-1)/step, grain/8/step, func(lo, hi int) {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		for c := lo; c < hi; c++ {
			d := out[c*step : min((c+1)*step, len(out))]
			words := unsafe.Slice((*uint32)(unsafe.Pointer(&s.b[0])), (len(d)*per+3)/4*4)
			philoxWords(words, g.Seed, g.Offset+uint64(c*step*per/4))
			f(d, words)
		}
	})
	if !same {
		must(Copy(dst, d))
	}
}

// philoxWords fills d, whole blocks, with the words from a block on.
var philoxWords = philoxWordsGo

func philoxWordsGo(d []uint32, seed, first uint64) {
	g := engine.Generator{Seed: seed, Offset: first}
	for b := range len(d) / 4 {
		w := g.Block(uint64(b))
		copy(d[4*b:], w[:])
	}
}

// viaF computes a float fill for other dtypes through F32.
func viaF(name string, dst engine.Array, f func(d engine.Array) error) error {
	if !isHalf(dst.DType) {
		return unsupported(name, dst.DType)
	}
	return viaF32(dst, func(d engine.Array, _ widen) error { return f(d) })
}

// Uniform fills dst with values from [lo, hi).
func Uniform(dst engine.Array, g engine.Generator, lo, hi float64) error {
	switch dst.DType {
	case engine.F32:
		fillRandom(dst, g, 1, func(d []float32, w []uint32) {
			uniformF32(d, w, float32(lo), float32(hi-lo))
		})
	case engine.F64:
		fillRandom(dst, g, 2, func(d []float64, w []uint32) { uniformF64(d, w, lo, hi-lo) })
	default:
		return viaF("Uniform", dst, func(d engine.Array) error { return Uniform(d, g, lo, hi) })
	}
	return nil
}

// Normal fills dst with normally distributed values.
func Normal(dst engine.Array, g engine.Generator, mean, std float64) error {
	switch dst.DType {
	case engine.F32:
		fillRandom(dst, g, 1, func(d []float32, w []uint32) { normalF32(d, w, mean, std) })
	case engine.F64:
		fillRandom(dst, g, 1, func(d []float64, w []uint32) { normalGo(d, w, mean, std) })
	default:
		return viaF("Normal", dst, func(d engine.Array) error { return Normal(d, g, mean, std) })
	}
	return nil
}

var (
	uniformF32    = uniformGo
	uniformF64    = uniformF64Go
	normalF32     = normalGo[float32]
	bernoulliBits = bernoulliGo
)

func uniformGo(d []float32, w []uint32, lo, span float32) {
	for i := range d {
		d[i] = lo + span*engine.Unit(w[i])
	}
}

func uniformF64Go(d []float64, w []uint32, lo, span float64) {
	for i := range d {
		d[i] = lo + span*engine.Unit64(w[2*i], w[2*i+1])
	}
}

func normalGo[T float](d []T, w []uint32, mean, std float64) {
	for i := 0; i < len(d); i += 2 {
		a, b := engine.Gauss(w[i], w[i+1])
		d[i] = T(mean + std*a)
		if i+1 < len(d) {
			d[i+1] = T(mean + std*b)
		}
	}
}

func bernoulliGo(d []uint8, w []uint32, p float32) {
	for i := range d {
		d[i] = bit(engine.Unit(w[i]) < p)
	}
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
	fillRandom(dst, g, 1, func(d []uint8, w []uint32) { bernoulliBits(d, w, q) })
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
	fillRandom(t, g, 2, func(d []int64, w []uint32) {
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
	if x.DType == engine.F32 && dst.IsContiguous() && x.IsContiguous() &&
		(mask.Buf == nil || mask.IsContiguous()) {
		dropoutF32(dst, mask, x, p, g)
		return nil
	}
	keep := mask
	if keep.Buf == nil {
		keep = engine.NewArray(engine.Bool, x.Shape)
	}
	must(Bernoulli(keep, g, 1-p))
	factor, scaled := engine.NewArray(x.DType, engine.Shape{}), engine.NewArray(x.DType, x.Shape)
	must(Fill(factor, keepScale(p)))
	if err := Mul.Run(scaled, x, factor); err != nil {
		return err
	}
	return Where(dst, keep, scaled, engine.Zeros(x.DType, engine.Shape{}))
}

// keepScale is the factor of the elements that stay.
func keepScale(p float64) float64 {
	if p < 1 {
		return 1 / (1 - p)
	}
	return p
}

// dropoutF32 draws, scales and chooses while a chunk is in the cache.
func dropoutF32(dst, mask, x engine.Array, p float64, g engine.Generator) {
	var masks []uint8
	if mask.Buf != nil {
		masks = flatSlice[uint8](&mask)
	}
	xs, factor, q := flatSlice[float32](&x), float32(keepScale(p)), float32(1-p)
	d := flatSlice[float32](&dst)
	engine.Parallel((len(d)+chunk-1)/chunk, grain/8/chunk, func(lo, hi int) {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		words, scaled := part[uint32](s, 0), part[float32](s, 1)
		keep, zero := part[uint8](s, 2), part[float32](s, 3)
		clear(zero)
		for c := lo; c < hi; c++ {
			first, end := c*chunk, min((c+1)*chunk, len(d))
			n := end - first
			philoxWords(words[:(n+3)/4*4], g.Seed, g.Offset+uint64(first/4))
			k := keep[:n]
			if masks != nil {
				k = masks[first:end]
			}
			bernoulliBits(k, words, q)
			scaleBy(scaled[:n], xs[first:end], factor)
			whereF32(d[first:end], k, scaled[:n], zero[:n])
		}
	})
}
