package gang

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/parallel/shard"
)

// dividedTask computes gradients of a network in stages, then of one in parts, and tells how much they differ
// from those of this process alone.
func dividedTask(w *Worker) error {
	eager.Seed(3)
	var all []nn.Module
	for range w.Size {
		all = append(all, nn.NewSequential(nn.NewLinear(6, 6), nn.NewTanh()))
	}
	x, want := eager.Randn(24, 6), eager.Randn(24, 6)
	p, err := shard.NewPipeline(w, w.Rank, w.Size, all[w.Rank], shard.PipelineOptions{MicroBatches: 4, In: []int{6, 6}})
	if err != nil {
		return err
	}
	if _, err := p.Step(x, func(y *eager.Tensor, i int) *eager.Tensor {
		return y.Sub(want.Slice(0, 6*i, 6*i+6)).Square().Mean()
	}); err != nil {
		return err
	}
	params := all[w.Rank].Self().Params()
	piped := []*eager.Tensor{params[0].Grad().Clone(), params[1].Grad().Clone()}
	for _, q := range params {
		q.ZeroGrad()
	}
	nn.NewSequential(all...).Forward(x).Sub(want).Square().Mean().Backward()
	stages := max(apart(piped[0], params[0].Grad()), apart(piped[1], params[1].Grad()))

	up, down := nn.NewLinear(6, 9), nn.NewLinear(9, 6)
	mine, err := shard.NewColumnLinear(w, w.Rank, w.Size, up)
	if err != nil {
		return err
	}
	back, err := shard.NewRowLinear(w, w.Rank, w.Size, down)
	if err != nil {
		return err
	}
	back.Forward(mine.Forward(x).Tanh()).Sub(want).Square().Mean().Backward()
	down.Forward(up.Forward(x).Tanh()).Sub(want).Square().Mean().Backward()
	n := 9 / w.Size
	layer := max(apart(mine.Part.Weight.Grad(), up.Weight.Grad().Slice(0, n*w.Rank, n*w.Rank+n)), apart(back.Bias.Grad(), down.Bias.Grad()),
		apart(back.Part.Weight.Grad(), down.Weight.Grad().Slice(1, n*w.Rank, n*w.Rank+n)))
	return w.EmitRow([]string{"pipeline", "layer"}, stages, layer)
}

func apart(a, b *eager.Tensor) float64 { return a.Sub(b).Abs().Max().Item() }
