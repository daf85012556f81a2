package shard_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/eager/parallel"
	"github.com/lathe-ml/lathe/eager/parallel/shard"
)

func TestMain(m *testing.M) {
	parallel.Main()
	os.Exit(m.Run())
}

const steps = 5

// near compares results that differ by the order of float32 sums.
func near(what string, got, want *eager.Tensor) error {
	if d := got.Detach().Sub(want.Detach()).Abs().Max().Item(); d > 2e-5 {
		return fmt.Errorf("%s differs by %g from one process", what, d)
	}
	return nil
}

func batch() (x, y *eager.Tensor) {
	eager.Seed(7)
	return eager.Randn(24, 6), eager.Randn(24, 3)
}

func mse(y, want *eager.Tensor) *eager.Tensor { return y.Sub(want).Square().Mean() }

// whole trains the two layers that tests divide, in this process alone.
func whole(first, second *nn.Linear) (loss float64) {
	x, want := batch()
	net := nn.NewSequential(first, nn.NewReLU(), second)
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
	for range steps {
		opt.ZeroGrad()
		l := mse(net.Forward(x), want)
		l.Backward()
		opt.Step()
		loss = l.Item()
	}
	return loss
}

// layers is two layers, the same in each call.
func layers() (first, second *nn.Linear) {
	eager.Seed(3)
	return nn.NewLinear(6, 8), nn.NewLinear(8, 3)
}

var sharded = parallel.Register("sharded", func(w *parallel.Worker) error {
	first, second := layers()
	up, err := shard.NewColumnLinear(w, w.Rank, w.Size, first)
	if err != nil {
		return err
	}
	down, err := shard.NewRowLinear(w, w.Rank, w.Size, second)
	if err != nil {
		return err
	}
	x, want := batch()
	x.SetRequiresGrad(true)
	net := nn.NewSequential(up, nn.NewReLU(), down)
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
	var l *eager.Tensor
	for range steps {
		opt.ZeroGrad()
		x.ZeroGrad()
		l = mse(net.Forward(x), want)
		l.Backward()
		opt.Step()
	}
	if loss := whole(first, second); l.Item()-loss > 1e-5 || loss-l.Item() > 1e-5 {
		return fmt.Errorf("rank %d: loss %g, one process has %g", w.Rank, l.Item(), loss)
	}
	lo, hi := w.Rank*8/w.Size, (w.Rank+1)*8/w.Size
	for what, c := range map[string][2]*eager.Tensor{
		"the weight of columns": {up.Part.Weight, first.Weight.Slice(0, lo, hi)},
		"the bias of columns":   {up.Part.Bias, first.Bias.Slice(0, lo, hi)},
		"the weight of rows":    {down.Part.Weight, second.Weight.Slice(1, lo, hi)},
		"the bias of rows":      {down.Bias, second.Bias},
	} {
		if err := near(what, c[0], c[1]); err != nil {
			return err
		}
	}
	return nil
})

var piped = parallel.Register("piped", func(w *parallel.Worker) error {
	eager.Seed(3)
	var all []nn.Module
	for range w.Size - 1 {
		all = append(all, nn.NewSequential(nn.NewLinear(6, 6), nn.NewTanh()))
	}
	all = append(all, nn.NewLinear(6, 3))
	x, want := batch()
	for _, micro := range []int{1, 2, 4, 8} {
		stage := all[w.Rank]
		o := shard.PipelineOptions{MicroBatches: micro, In: []int{24 / micro, 6}}
		p, err := shard.NewPipeline(w, w.Rank, w.Size, stage, o)
		if err != nil {
			return err
		}
		for _, s := range all {
			for _, q := range s.Self().Params() {
				q.ZeroGrad()
			}
		}
		n := 24 / micro
		loss, err := p.Step(x, func(y *eager.Tensor, i int) *eager.Tensor { return mse(y, want.Slice(0, i*n, (i+1)*n)) })
		if err != nil {
			return err
		}
		var got []*eager.Tensor
		for _, q := range stage.Self().Params() {
			got = append(got, q.Grad().Clone())
			q.ZeroGrad()
		}
		l := mse(nn.NewSequential(all...).Forward(x), want)
		l.Backward()
		for i, q := range stage.Self().Params() {
			if err := near(fmt.Sprintf("%d micro-batches: the gradient of parameter %d of stage %d", micro, i, w.Rank), got[i], q.Grad()); err != nil {
				return err
			}
		}
		if d := loss - l.Item(); w.Rank == w.Size-1 && (d > 1e-5 || d < -1e-5) {
			return fmt.Errorf("%d micro-batches: loss %g, one process has %g", micro, loss, l.Item())
		}
	}
	return nil
})

func TestLinearLayersInPartsTrainLikeWholeOnes(t *testing.T) {
	for _, n := range []int{1, 2, 4} {
		if err := parallel.Run(n, sharded, parallel.Options{Timeout: time.Minute}); err != nil {
			t.Errorf("%d processes: %v", n, err)
		}
	}
}

func TestAPipelineHasTheGradientsOfOneProcess(t *testing.T) {
	for _, n := range []int{1, 2, 3} {
		if err := parallel.Run(n, piped, parallel.Options{Timeout: time.Minute}); err != nil {
			t.Errorf("%d stages: %v", n, err)
		}
	}
}

// alone is one process.
type alone struct{}

func (alone) AllReduce(...*eager.Tensor) error { return nil }
func (alone) Send(int, *eager.Tensor) error    { return nil }
func (alone) Recv(int, *eager.Tensor) error    { return nil }

func TestWhatDoesNotDivideIsAnError(t *testing.T) {
	if _, err := shard.NewColumnLinear(alone{}, 0, 3, nn.NewLinear(6, 8)); err == nil {
		t.Error("8 outputs in 3 parts: no error")
	}
	if _, err := shard.NewRowLinear(alone{}, 2, 2, nn.NewLinear(6, 8)); err == nil {
		t.Error("rank 2 of 2: no error")
	}
	if _, err := shard.NewPipeline(alone{}, 1, 2, nn.NewReLU(), shard.PipelineOptions{}); err == nil {
		t.Error("a second stage without a shape: no error")
	}
	p, err := shard.NewPipeline(alone{}, 0, 1, nn.NewReLU(), shard.PipelineOptions{MicroBatches: 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Step(eager.Randn(24, 6), mse2); err == nil {
		t.Error("24 rows in 5 micro-batches: no error")
	}
}

func mse2(y *eager.Tensor, _ int) *eager.Tensor { return y.Square().Mean() }
