package shard

import (
	"errors"
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// Peers is processes that send tensors to each other.
type Peers interface {
	Send(to int, x *eager.Tensor) error
	Recv(from int, x *eager.Tensor) error
}

// PipelineOptions are the options of NewPipeline.
type PipelineOptions struct {
	MicroBatches int   // that a batch is cut into; 0: as many as there are stages
	In           []int // shape of what this stage gets for a micro-batch, F32; not for rank 0
}

// Pipeline is a network whose stages are in processes, rank 0 the first: a batch is cut into micro-batches, so
// that the stages work at the same time. A stage does a backward pass as soon as it can (one forward, one
// backward), which bounds the activations that it keeps by the number of stages behind it.
// Source: Narayanan et al. 2019, PipeDream, section 3.2, with gradients applied after all micro-batches.
//
// Goroutines: Step runs one that sends, which ends with it.
type Pipeline struct {
	Stage nn.Module

	w          Peers
	rank, size int
	o          PipelineOptions
}

// NewPipeline returns the pipeline of which this process has one stage.
func NewPipeline(w Peers, rank, size int, stage nn.Module, o PipelineOptions) (*Pipeline, error) {
	if w == nil || stage == nil || size < 1 || rank < 0 || rank >= size || o.MicroBatches < 0 {
		return nil, fmt.Errorf("shard.NewPipeline: processes nil: %t, stage nil: %t, rank %d of %d, %d micro-batches; "+
			"want all, a rank below the size and a number ≥ 0", w == nil, stage == nil, rank, size, o.MicroBatches)
	}
	if rank > 0 && len(o.In) == 0 {
		return nil, fmt.Errorf("shard.NewPipeline: rank %d has no shape of what it gets; give In, such as [8 256] for micro-batches of 8 rows", rank)
	}
	if o.MicroBatches == 0 {
		o.MicroBatches = size
	}
	return &Pipeline{stage, w, rank, size, o}, nil
}

// running is a micro-batch between its passes.
type running struct{ x, y *eager.Tensor }

// Step runs a batch forward and backward, and adds the gradient of the mean of the losses of the micro-batches
// to the parameters of every stage. x, the batch, is read on rank 0; loss, the mean over micro-batch i of what
// the network makes of it, is called on the last rank, which gets the mean of the losses; the others get 0.
func (p *Pipeline) Step(x *eager.Tensor, loss func(y *eager.Tensor, i int) *eager.Tensor) (mean float64, err error) {
	m := p.o.MicroBatches
	if p.rank == 0 && (x == nil || x.Rank() == 0 || x.Size(0)%m != 0) {
		return 0, fmt.Errorf("shard.Pipeline: batch %v does not divide into %d micro-batches", x, m)
	}
	if p.rank == p.size-1 && loss == nil {
		return 0, errors.New("shard.Pipeline: the last rank has no loss")
	}
	out := p.sender()
	step := &step{p: p, x: x, loss: loss, out: out.queue}
	if caught := engine.Catch(func() { err = step.run() }); caught != nil {
		err = caught
	}
	close(out.queue)
	if err := errors.Join(err, <-out.ended); err != nil {
		return 0, fmt.Errorf("shard.Pipeline: %w", err)
	}
	return step.mean, nil
}

// letter is a tensor on its way to another stage.
type letter struct {
	to int
	x  *eager.Tensor
}

type outbox struct {
	queue chan letter
	ended chan error
}

// sender sends in order, so that this process can receive meanwhile.
func (p *Pipeline) sender() outbox {
	o := outbox{make(chan letter, 2*p.o.MicroBatches), make(chan error, 1)}
	go func() {
		var err error
		for l := range o.queue {
			if err == nil {
				err = p.w.Send(l.to, l.x)
			}
		}
		o.ended <- err
	}()
	return o
}

// step is one call of Step.
type step struct {
	p    *Pipeline
	x    *eager.Tensor
	loss func(y *eager.Tensor, i int) *eager.Tensor
	out  chan<- letter
	mean float64
	live []running // forward is done, backward is not; oldest first
}

// run does the passes: some forward to fill the pipeline, then one of each, then the rest backward.
func (s *step) run() error {
	m := s.p.o.MicroBatches
	ahead := min(m, s.p.size-1-s.p.rank)
	for i := range m + ahead {
		if i < m {
			if err := s.forward(i); err != nil {
				return err
			}
		}
		if i >= ahead {
			if err := s.backward(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *step) forward(i int) error {
	p := s.p
	var r running
	if p.rank == 0 {
		n := s.x.Size(0) / p.o.MicroBatches
		r.x = s.x.Slice(0, i*n, (i+1)*n)
	} else {
		r.x = eager.Zeros(p.o.In...)
		if err := p.w.Recv(p.rank-1, r.x); err != nil {
			return err
		}
		r.x.SetRequiresGrad(true)
	}
	r.y = p.Stage.Forward(r.x)
	if p.rank == p.size-1 {
		l := s.loss(r.y, i)
		r.y = l.Mul(1 / float64(p.o.MicroBatches))
		s.mean += r.y.Item()
	} else {
		s.out <- letter{p.rank + 1, r.y.Detach().Clone()}
	}
	s.live = append(s.live, r)
	return nil
}

func (s *step) backward() error {
	p, r := s.p, s.live[0]
	s.live = s.live[1:]
	if p.rank == p.size-1 {
		r.y.Backward()
	} else {
		dy := eager.ZerosLike(r.y.Detach())
		if err := p.w.Recv(p.rank+1, dy); err != nil {
			return err
		}
		r.y.BackwardFrom(dy)
	}
	if p.rank > 0 {
		dx := r.x.Grad()
		if dx == nil {
			return fmt.Errorf("the loss does not depend on what stage %d gets", p.rank)
		}
		s.out <- letter{p.rank - 1, dx.Detach().Clone()}
	}
	return nil
}
