package cpu

import (
	"fmt"
	"math"
	"sync"

	"github.com/lathe-ml/lathe/engine"
)

// ConvEpilogue is what happens to a convolution before it is stored: sum + bias + Residual, bounded below by
// 0 (ReLU) or by Low and High (Clamp). NaN passes bounds.
type ConvEpilogue struct {
	Residual  engine.Array // of the result's shape, in memory of its own; optional
	ReLU      bool
	Clamp     bool
	Low, High float64
}

// ConvWeights are the weights of a convolution for many runs: the orders in which kernels read them are made
// once, when a run first asks for one. They may be used by several goroutines.
type ConvWeights struct {
	w     engine.Array
	s     ConvSpec
	forms [filterForms]struct {
		once sync.Once
		buf  *engine.Buffer
	}
}

// PackConv returns w [co ci/groups k…], which is not copied and must not change, for many runs of the
// convolution s.
func PackConv(w engine.Array, s ConvSpec) *ConvWeights { return &ConvWeights{w: w, s: s} }

// String returns the type of the weights.
func (c *ConvWeights) String() string { return c.w.String() }

// Conv computes dst = conv(x) + bias and what e says. bias is optional.
func (c *ConvWeights) Conv(dst, x, bias engine.Array, e ConvEpilogue) error {
	return convThen(dst, x, bias, &filters{w: &c.w, kept: c}, &c.s, e)
}

// convThen is a convolution and what follows it, in one pass where there is a kernel for it.
func convThen(dst, x, bias engine.Array, f *filters, s *ConvSpec, e ConvEpilogue) error {
	mustMatch("Conv", dst.DType, x.DType, f.w.DType)
	if (e.ReLU || e.Clamp) && !dst.DType.IsFloat() {
		return fmt.Errorf("Conv: bounds for %v; want floats", dst.DType)
	}
	if e.Residual.Buf != nil && (e.Residual.DType != dst.DType || !e.Residual.Shape.Equal(dst.Shape)) {
		return fmt.Errorf("Conv: residual %v for a result %v", e.Residual, dst)
	}
	if dst.Numel() == 0 {
		return nil
	}
	if dst.DType == engine.F32 {
		convForwardF32(&dst, &x, &bias, f, s, afterOf(&e))
		return nil
	}
	if err := Conv(dst, x, *f.w, bias, *s, false); err != nil {
		return err
	}
	return afterwards(dst, e)
}

// afterwards applies e to a finished convolution.
func afterwards(dst engine.Array, e ConvEpilogue) error {
	if e.Residual.Buf != nil {
		if err := Add.Run(dst, dst, e.Residual); err != nil {
			return err
		}
	}
	if e.Clamp {
		if err := Clamp(dst, dst, e.Low, e.High); err != nil {
			return err
		}
	}
	if e.ReLU {
		return ReLU.Run(dst, dst)
	}
	return nil
}

// after is what a float32 convolution does beyond adding a bias.
type after struct {
	low, high float32 // bounds, ±Inf where there are none
	residual  engine.Array
}

func afterOf(e *ConvEpilogue) after {
	a := after{float32(math.Inf(-1)), float32(math.Inf(1)), e.Residual}
	if e.Clamp {
		a.low, a.high = float32(e.Low), float32(e.High)
	}
	if e.ReLU {
		a.low, a.high = max(a.low, 0), max(a.high, 0)
	}
	return a
}

// reluAfter is after a convolution with ReLU or nothing.
func reluAfter(relu bool) after { return afterOf(&ConvEpilogue{ReLU: relu}) }

// bounds reports whether there are any.
func (a *after) bounds() bool {
	return !math.IsInf(float64(a.low), -1) || !math.IsInf(float64(a.high), 1)
}

// set gives t the bounds.
func (a *after) set(t *tileArgs) {
	if a.bounds() {
		t.flags |= flagClamp
		t.low, t.high = bitsOf(float64(a.low), 4), bitsOf(float64(a.high), 4)
	}
}

// delta is the distance in bytes from dst to the residual, where elements of both lie in one order; ok is
// false where they do not.
func (a *after) delta(dst *engine.Array) (d int, ok bool) {
	for i, n := range dst.Shape {
		if n > 1 && dst.Strides[i] != a.residual.Strides[i] {
			return 0, false
		}
	}
	return int(uintptr(bytesAt(&a.residual, 0)) - uintptr(bytesAt(dst, 0))), true
}

// filterForm is an order of weights that kernels read.
type filterForm int

const (
	asStrips   filterForm = iota // [group][strip of output channels][ci kernel][32]
	asMerged                     // [group][strip of output channels][kernel ci][32]
	asRows                       // [output channel][ci kernel]
	asTaps                       // [kernel][channel], of depthwise convolutions
	asBlocks                     // [block of channels][kernel][32], of depthwise convolutions
	asWinograd                   // [group][strip of output channels][ξ][ci][32], transformed
	filterForms
)

// filters are the weights of a convolution, whose forms are made for one run or kept.
type filters struct {
	w    *engine.Array
	kept *ConvWeights // or nil
}

// form returns the weights in an order of size elements, which fill writes.
func (f *filters) form(k filterForm, size int, fill func(d []float32)) (d []float32, release func()) {
	if f.kept == nil {
		buf := engine.NewBuffer(4 * size)
		fill(floats(buf))
		return floats(buf), buf.Release
	}
	kept := &f.kept.forms[k]
	kept.once.Do(func() {
		buf := engine.NewBuffer(4 * size)
		fill(floats(buf))
		kept.buf = buf
	})
	return floats(kept.buf), func() {}
}
