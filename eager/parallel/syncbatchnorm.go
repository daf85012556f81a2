package parallel

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// Summer is processes that add tensors up: those of a job here, or of a gang on a cluster.
type Summer interface {
	AllReduce(xs ...*eager.Tensor) error
}

// SyncBatchNorm makes every batch normalisation of m use, in training, the statistics of the batches of all
// processes, and returns how many there are. Each forward and backward pass makes collective calls in every
// such layer: all processes run the same layers. It does not go together with
// DataParallelOptions.Overlap. Agrees with torch.nn.SyncBatchNorm.convert_sync_batchnorm.
func SyncBatchNorm(w Summer, m nn.Module) (int, error) {
	if w == nil || m == nil {
		return 0, fmt.Errorf("parallel.SyncBatchNorm: processes nil: %t, module nil: %t; want both", w == nil, m == nil)
	}
	sum := func(x *eager.Tensor) *eager.Tensor { return Sum(w, x) }
	layers := batchNorms(m)
	for _, b := range layers {
		b.SyncWith(sum)
	}
	return len(layers), nil
}

// batchNorms returns the batch normalisations of m, itself included.
func batchNorms(m nn.Module) []*nn.BatchNorm {
	var all []*nn.BatchNorm
	if b, ok := m.(*nn.BatchNorm); ok {
		all = append(all, b)
	}
	for _, c := range m.Self().NamedModules() {
		if b, ok := c.Module.(*nn.BatchNorm); ok {
			all = append(all, b)
		}
	}
	return all
}

// Sum returns the sum of x, F32 or F64, over all processes as a new tensor that can be differentiated: the
// gradient of x is the sum of the gradients in all processes, which every process has to compute. Panics
// with *engine.Error when the processes do not meet.
func Sum(w Summer, x *eager.Tensor) *eager.Tensor {
	add := func(x *eager.Tensor) *eager.Tensor {
		y := x.Detach().Clone()
		if err := w.AllReduce(y); err != nil {
			engine.Fail("parallel.Sum", "%v", err)
		}
		return y
	}
	f := &eager.Function{
		Name:     "parallel.Sum",
		Forward:  func(_ *eager.Context, in []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{add(in[0])} },
		Backward: func(_ *eager.Context, dy []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{Sum(w, dy[0])} },
	}
	return f.Call(x)[0]
}
