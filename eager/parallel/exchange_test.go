package parallel

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// equals returns an error unless got is exactly want.
func equals(what string, got, want *eager.Tensor) error {
	if got == nil || got.DType() != want.DType() || !got.Shape().Equal(want.Shape()) || !eager.AllClose(got, want, 0, 0) {
		return fmt.Errorf("%s is %v, want %v", what, got, want)
	}
	return nil
}

// parts are tensors that each process brings, of less and more than a chunk.
func parts(rank, size int) []*eager.Tensor {
	return []*eager.Tensor{filled(engine.I64, rank, size, 3), filled(engine.F32, rank, size, chunkSize/8+5)}
}

var exchanges = Register("exchanges", func(w *Worker) error {
	for i, x := range parts(w.Rank, w.Size) {
		var all []*eager.Tensor
		for r := range w.Size {
			all = append(all, parts(r, w.Size)[i])
		}
		stacked := eager.Stack(0, all...)
		root := w.Size - 1
		gathered, err := w.Gather(root, x)
		if err != nil {
			return err
		}
		if (gathered != nil) != (w.Rank == root) {
			return fmt.Errorf("rank %d gathered %v", w.Rank, gathered)
		}
		if gathered != nil {
			if err := equals("Gather", gathered, stacked); err != nil {
				return err
			}
		}
		mine := x
		if w.Rank != root {
			mine = x.Index(0)
		}
		row, err := w.Scatter(root, mine)
		if err != nil {
			return err
		}
		if err := equals("Scatter", row, all[root].Index(w.Rank)); err != nil {
			return err
		}
		turned, err := w.AllToAll(x)
		if err != nil {
			return err
		}
		if err := equals("AllToAll", turned, stacked.Slice(1, w.Rank, w.Rank+1).Squeeze(1)); err != nil {
			return err
		}
		from := x.Clone()
		if err := w.BroadcastFrom(root, from); err != nil {
			return err
		}
		if err := equals("BroadcastFrom", from, all[root]); err != nil {
			return err
		}
	}
	return reductions(w)
})

// reductions checks the collective calls that combine elements.
func reductions(w *Worker) error {
	x := filled(engine.F32, w.Rank, w.Size, 4)
	sum, high, low := filled(engine.F32, 0, w.Size, 4), x.Clone(), x.Clone()
	for r := 1; r < w.Size; r++ {
		sum = sum.Add(filled(engine.F32, r, w.Size, 4))
	}
	part, err := w.ReduceScatter(x)
	if err != nil {
		return err
	}
	if err := equals("ReduceScatter", part, sum.Index(w.Rank)); err != nil {
		return err
	}
	if err := w.AllMax(high); err != nil {
		return err
	}
	if err := w.AllMin(low); err != nil {
		return err
	}
	if err := equals("AllMin", low, filled(engine.F32, 0, w.Size, 4)); err != nil {
		return err
	}
	return equals("AllMax", high, filled(engine.F32, w.Size-1, w.Size, 4))
}

func TestExchangesGiveEachProcessItsPart(t *testing.T) {
	for _, n := range []int{1, 3} {
		if err := Run(n, exchanges, Options{}); err != nil {
			t.Errorf("%d processes: %v", n, err)
		}
	}
}

// ring passes tensors around, small ones without waiting, large ones beside collective calls.
var ring = Register("ring", func(w *Worker) error {
	next, before := (w.Rank+1)%w.Size, (w.Rank+w.Size-1)%w.Size
	for round := range 3 {
		x, y := filled(engine.F64, w.Rank+round, 5), eager.Zeros(5).To(engine.F64)
		if err := w.Send(next, x); err != nil {
			return err
		}
		if err := w.Recv(before, y); err != nil {
			return err
		}
		if err := equals("small tensor", y, filled(engine.F64, before+round, 5)); err != nil {
			return err
		}
	}
	sent := make(chan error, 1)
	go func() { sent <- w.Send(next, filled(engine.I32, w.Rank, chunkSize)) }()
	if err := w.Barrier(); err != nil {
		return err
	}
	y := eager.Zeros(chunkSize).To(engine.I32)
	if err := w.Recv(before, y); err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	return equals("large tensor", y, filled(engine.I32, before, chunkSize))
})

func TestTensorsGoFromOneProcessToAnother(t *testing.T) {
	if err := Run(3, ring, Options{}); err != nil {
		t.Error(err)
	}
}

var wrongMail = Register("wrong mail", func(w *Worker) error {
	switch w.Args[0] {
	case "type":
		if w.Rank == 0 {
			return w.Send(1, eager.Zeros(3))
		}
		return w.Recv(0, eager.Zeros(4))
	case "nobody":
		if w.Rank == 0 {
			return w.Recv(1, eager.Zeros(3))
		}
		return nil
	case "itself":
		return w.Send(w.Rank, eager.Zeros(3))
	}
	_, err := w.Gather(7, eager.Zeros(3))
	return err
})

func TestMailThatDoesNotArriveIsAnError(t *testing.T) {
	for arg, want := range map[string]string{
		"type": "rank 0 sends f32 [3], rank 1 receives f32 [4]", "nobody": "whose task has returned",
		"itself": "the process itself", "rank": "rank 7 of 2 processes",
	} {
		if err := Run(2, wrongMail, Options{Args: []string{arg}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one with %q", arg, err, want)
		}
	}
}

// normalised compares batch normalisation of parts of 5 and 3 samples with that of all 8 in one process.
var normalised = Register("normalised", func(w *Worker) error {
	eager.Seed(4)
	x, c := eager.Randn(8, 3, 2).To(engine.F64), eager.Randn(8, 3, 2).To(engine.F64)
	whole, part := nn.NewBatchNorm1D(3), nn.NewBatchNorm1D(3)
	whole.To(engine.F64)
	part.To(engine.F64)
	lo, hi := 0, 5
	if w.Rank == 1 {
		lo, hi = 5, 8
	}
	if n, err := SyncBatchNorm(w, nn.NewSequential(part)); n != 1 || err != nil {
		return fmt.Errorf("%d layers, %v", n, err)
	}
	all, mine := x.Clone().SetRequiresGrad(true), x.Slice(0, lo, hi).Clone().SetRequiresGrad(true)
	y, z := whole.Forward(all), part.Forward(mine)
	y.Pow(3).Mul(c).Sum().Backward()
	z.Pow(3).Mul(c.Slice(0, lo, hi)).Sum().Backward()
	weight := part.Weight.Grad()
	if err := w.AllReduce(weight); err != nil {
		return err
	}
	for what, pair := range map[string][2]*eager.Tensor{
		"output": {z, y.Slice(0, lo, hi)}, "gradient of the input": {mine.Grad(), all.Grad().Slice(0, lo, hi)},
		"gradient of the weight": {weight, whole.Weight.Grad()}, "running mean": {part.RunningMean, whole.RunningMean},
		"running variance": {part.RunningVar, whole.RunningVar},
	} {
		if !eager.AllClose(pair[0], pair[1], 1e-9, 1e-11) {
			return fmt.Errorf("rank %d: %s is %v, want %v", w.Rank, what, pair[0], pair[1])
		}
	}
	d, err := NewDataParallel(w, nn.NewSequential(part), DataParallelOptions{Overlap: true})
	if err != nil {
		return err
	}
	if err := d.Backward(part.Forward(mine).Sum()); err == nil || !strings.Contains(err.Error(), "set Overlap off") {
		return fmt.Errorf("overlap with synchronised statistics gave %v", err)
	}
	return nil
})

func TestSyncBatchNormIsThatOfTheWholeBatch(t *testing.T) {
	if err := Run(2, normalised, Options{}); err != nil {
		t.Error(err)
	}
}
