package parallel

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// DataParallel trains one module in every process of a job, each with its part of a batch: gradients are
// averaged, so that every process makes the same step of any optimizer. With a loss that is a mean and
// parts of one size that is the step of a single process with the whole batch.
//
//	loader := data.NewLoader(set, data.LoaderOptions{Seed: 1, BatchSize: 32, Sampler:
//		data.DistributedSampler{N: set.Len(), Replicas: w.Size, Rank: w.Rank, Shuffle: true}})
//
// gives each process its part. Gradients travel together after the backward pass, in chunks that all
// processes copy, sum and read at the same time; with Overlap, in buckets while the pass goes on. Statistics
// of batch normalisation stay those of each process's part until SyncBuffers, unless SyncBatchNorm joins them.
type DataParallel struct {
	Module nn.Module

	w       Group
	trained []*eager.Tensor // scratch: the parameters' gradients
	bucket  int             // bytes of a bucket; 0: no overlap
	during  *overlap        // nil until the first pass
}

// DataParallelOptions are the options of NewDataParallel; the zero value is the default.
type DataParallelOptions struct {
	// Overlap sends gradients while the backward pass goes on. The pass is the same in each step. It pays
	// where a process has more processors than it computes with; otherwise both share the time.
	Overlap     bool
	BucketBytes int // of gradients that travel together with Overlap; 0: 1 MiB
}

// Group is processes that make collective calls: those of a job here, or of a gang on a cluster.
type Group interface {
	AllMean(xs ...*eager.Tensor) error
	Broadcast(xs ...*eager.Tensor) error
}

// NewDataParallel gives the parameters and buffers of rank 0 to the modules m of all processes.
func NewDataParallel(w *Worker, m nn.Module, o ...DataParallelOptions) (*DataParallel, error) {
	if w == nil || m == nil {
		return nil, fmt.Errorf("parallel.NewDataParallel: worker nil: %t, module nil: %t; want both", w == nil, m == nil)
	}
	return NewDataParallelOver(w, m, o...)
}

// NewDataParallelOver is NewDataParallel with the processes of any group.
func NewDataParallelOver(w Group, m nn.Module, o ...DataParallelOptions) (*DataParallel, error) {
	if w == nil || m == nil {
		return nil, fmt.Errorf("parallel.NewDataParallel: group nil: %t, module nil: %t; want both", w == nil, m == nil)
	}
	d := &DataParallel{Module: m, w: w}
	if len(o) > 0 && o[0].Overlap {
		if d.bucket = o[0].BucketBytes; d.bucket <= 0 {
			d.bucket = 1 << 20
		}
	}
	if err := w.Broadcast(append(m.Self().Params(), m.Self().Buffers()...)...); err != nil {
		return nil, fmt.Errorf("parallel.NewDataParallel: %w", err)
	}
	return d, nil
}

// Forward computes the output of the module for this process's part of the batch.
func (d *DataParallel) Forward(x *eager.Tensor) *eager.Tensor { return d.Module.Forward(x) }

// Backward runs the backward pass of loss and averages the gradients over all processes.
func (d *DataParallel) Backward(loss *eager.Tensor) error {
	if d.bucket > 0 {
		if slices.ContainsFunc(batchNorms(d.Module), (*nn.BatchNorm).Synced) {
			return fmt.Errorf("parallel.DataParallel: layers of SyncBatchNorm make collective calls in the backward pass, " +
				"between which gradients cannot be sent; set Overlap off")
		}
		if d.during != nil && !slices.Equal(d.during.params, trained(d)) { // some were frozen, or no longer are
			d.during.close()
			d.during = nil
		}
		if d.during == nil {
			d.during = newOverlap(d)
		}
		return d.during.backward(loss)
	}
	loss.Backward()
	return d.Average()
}

// Average replaces the gradients of the parameters by their means over all processes. Backward calls it;
// who adds up the gradients of several backward passes calls it once, after the last.
func (d *DataParallel) Average() error {
	d.trained = d.trained[:0]
	for _, p := range d.Module.Self().Params() {
		if g := p.OwnGrad(); g != nil {
			d.trained = append(d.trained, g)
		}
	}
	err := d.w.AllMean(d.trained...)
	clear(d.trained)
	if err != nil {
		return fmt.Errorf("parallel.DataParallel: %w", err)
	}
	return nil
}

// SyncBuffers gives the buffers of rank 0, such as running means, to all processes, as before an evaluation
// that they share.
func (d *DataParallel) SyncBuffers() error {
	if err := d.w.Broadcast(d.Module.Self().Buffers()...); err != nil {
		return fmt.Errorf("parallel.DataParallel: %w", err)
	}
	return nil
}
