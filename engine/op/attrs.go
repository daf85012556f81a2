package op

import "github.com/lathe-ml/lathe/engine"

// ReduceAttrs are the parameters of a reduction.
type ReduceAttrs struct {
	Axes []int // axes to reduce, 0 ≤ axis < rank, ascending; nil: all
	Keep bool  // keep reduced axes with extent 1
}

// AxisAttrs name one axis, 0 ≤ Axis < rank.
type AxisAttrs struct{ Axis int }

// ShapeAttrs give a result shape.
type ShapeAttrs struct{ Shape engine.Shape }

// PermuteAttrs say that result axis i is operand axis Perm[i].
type PermuteAttrs struct{ Perm []int }

// SliceAttrs select Start, Start+Step … < Stop on every axis; with a negative step … > Stop, which may
// be −1.
type SliceAttrs struct{ Start, Stop, Step []int }

// CastAttrs name the result dtype.
type CastAttrs struct{ To engine.DType }

// ClampAttrs bound values; use ±Inf for an open side.
type ClampAttrs struct{ Lo, Hi float64 }

// PadAttrs add Before[i] and After[i] elements of Value on axis i.
type PadAttrs struct {
	Before, After []int
	Value         float64
}

// ConvAttrs are the parameters of a convolution over the trailing spatial axes.
type ConvAttrs struct {
	// Per spatial axis; nil: 1, 0, 1. Padding lists begins, then ends where these differ.
	Stride, Padding, Dilation []int
	Groups                    int // 0 means 1
	// Shape is the shape to restore in the gradient operators (ConvInputGrad, ConvWeightGrad).
	Shape engine.Shape
}

// PoolAttrs are the parameters of a pooling over the trailing axes, as many as Kernel has.
type PoolAttrs struct {
	Kernel, Stride, Padding, Dilation []int        // nil Stride: Kernel; nil others: 0 and 1
	Ceil                              bool         // keep windows that start inside but end outside
	ExcludePad                        bool         // AvgPool: divide by the elements inside the input only
	Divisor                           int          // AvgPool: divide by this instead; 0: by the window's size
	Shape                             engine.Shape // gradient operators: shape of the pooled input
}

// UnsliceAttrs place elements at the indices of a slice, into zeros of Shape.
type UnsliceAttrs struct {
	SliceAttrs
	Shape engine.Shape
}

// RangeAttrs give N numbers Start, Start+Step, …
type RangeAttrs struct {
	Start, Step float64
	N           int
	DType       engine.DType
}

// RandAttrs are the parameters of a random operator: a pure function of them.
type RandAttrs struct {
	Shape        engine.Shape
	DType        engine.DType
	Seed, Offset uint64 // Philox key and counter
	// P and Q: uniform and integers: low, high (exclusive); normal: mean, std; Bernoulli: probability.
	P, Q float64
}

// SGDAttrs are the parameters of SGDUpdate, as torch.optim.SGD names them.
type SGDAttrs struct {
	LR, Momentum, Dampening, WeightDecay float64
	Nesterov, Maximize                   bool
	First                                bool // the momentum buffer starts as the gradient
}

// AdamAttrs are the parameters of AdamUpdate.
type AdamAttrs struct {
	LR, Beta1, Beta2, Eps, WeightDecay float64
	Decoupled                          bool // AdamW: weight decay acts on the parameter, not the gradient
	Maximize                           bool
	Step                               int // 1 at the first update
}
