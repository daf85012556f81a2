package shard

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// Summer is processes that add tensors up.
type Summer interface {
	AllReduce(xs ...*eager.Tensor) error
}

// ColumnLinear is y = x·Wᵀ + b of which each process computes its part of y. x: [… in] → [… out/size], x the
// same in all processes. The gradient of x is the sum over the processes.
// Source: Shoeybi et al. 2019, Megatron-LM, section 3.
type ColumnLinear struct {
	nn.Base
	Part *nn.Linear // rows rank·out/size … of the weight and of the bias

	w Summer
}

// RowLinear is y = x·Wᵀ + b for an x of which each process has its part. x: [… in/size] → [… out], y the same in
// all processes, which add up their products.
// Source: Shoeybi et al. 2019, Megatron-LM, section 3.
type RowLinear struct {
	nn.Base
	Part *nn.Linear    // columns rank·in/size … of the weight, without bias
	Bias *eager.Tensor // [out], or nil: the same in all processes

	w Summer
}

// NewColumnLinear returns this process's part of full, which is the same in all processes.
func NewColumnLinear(w Summer, rank, size int, full *nn.Linear) (*ColumnLinear, error) {
	lo, hi, err := part("NewColumnLinear", w, rank, size, full, 0)
	if err != nil {
		return nil, err
	}
	l := &ColumnLinear{w: w, Part: nn.NewLinear(full.Weight.Size(1), hi-lo, nn.LinearOptions{NoBias: full.Bias == nil})}
	eager.NoGrad(func() {
		l.Part.Weight.Assign(full.Weight.Detach().Slice(0, lo, hi))
		if full.Bias != nil {
			l.Part.Bias.Assign(full.Bias.Detach().Slice(0, lo, hi))
		}
	})
	l.Add("part", l.Part)
	return l, nil
}

// NewRowLinear returns this process's part of full, which is the same in all processes.
func NewRowLinear(w Summer, rank, size int, full *nn.Linear) (*RowLinear, error) {
	lo, hi, err := part("NewRowLinear", w, rank, size, full, 1)
	if err != nil {
		return nil, err
	}
	l := &RowLinear{w: w, Part: nn.NewLinear(hi-lo, full.Weight.Size(0), nn.LinearOptions{NoBias: true})}
	eager.NoGrad(func() { l.Part.Weight.Assign(full.Weight.Detach().Slice(1, lo, hi)) })
	l.Add("part", l.Part)
	if full.Bias != nil {
		l.Bias = l.Param("bias", full.Bias.Detach().Clone())
	}
	return l, nil
}

// part is which entries of an axis of the weight a process has.
func part(where string, w Summer, rank, size int, full *nn.Linear, axis int) (lo, hi int, err error) {
	if w == nil || full == nil || size < 1 || rank < 0 || rank >= size {
		return 0, 0, fmt.Errorf("shard.%s: processes nil: %t, layer nil: %t, rank %d of %d; want all, and a rank below the size",
			where, w == nil, full == nil, rank, size)
	}
	n := full.Weight.Size(axis)
	if n%size != 0 {
		return 0, 0, fmt.Errorf("shard.%s: weight %v does not divide into %d parts along axis %d", where, full.Weight.Shape(), size, axis)
	}
	return rank * n / size, (rank + 1) * n / size, nil
}

// Forward computes this process's part of the outputs. Panics with *engine.Error when the processes do not meet
// in the backward pass.
func (l *ColumnLinear) Forward(x *eager.Tensor) *eager.Tensor {
	return l.Done(x, l.Part.Forward(summedBack(l.w, x)))
}

// Forward computes the outputs from this process's part of the inputs. Panics with *engine.Error when the
// processes do not meet.
func (l *RowLinear) Forward(x *eager.Tensor) *eager.Tensor {
	y := summed(l.w, l.Part.Forward(x))
	if l.Bias != nil {
		y = y.Add(l.Bias)
	}
	return l.Done(x, y)
}

func sum(w Summer, x *eager.Tensor) *eager.Tensor {
	y := x.Detach().Clone()
	if err := w.AllReduce(y); err != nil {
		engine.Fail("shard", "%v", err)
	}
	return y
}

// summed is the sum over processes. What follows is the same in all of them, so that each has the whole gradient.
func summed(w Summer, x *eager.Tensor) *eager.Tensor {
	f := &eager.Function{
		Name:    "shard.summed",
		Forward: func(_ *eager.Context, in []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{sum(w, in[0])} },
		Backward: func(_ *eager.Context, dy []*eager.Tensor) []*eager.Tensor {
			return []*eager.Tensor{summedBack(w, dy[0])}
		},
	}
	return f.Call(x)[0]
}

// summedBack is x, of which each process uses a part: its gradient is the sum over processes.
func summedBack(w Summer, x *eager.Tensor) *eager.Tensor {
	f := &eager.Function{
		Name:     "shard.summedBack",
		Forward:  func(_ *eager.Context, in []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{in[0].Clone()} },
		Backward: func(_ *eager.Context, dy []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{summed(w, dy[0])} },
	}
	return f.Call(x)[0]
}
