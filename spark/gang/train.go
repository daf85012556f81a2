package gang

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/parallel"
	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// NewDataParallel gives the parameters and buffers of rank 0 to the modules m of all ranks; Backward then
// averages gradients over the gang. See parallel.DataParallel.
func NewDataParallel(w *Worker, m nn.Module) (*parallel.DataParallel, error) {
	if w == nil {
		return nil, errors.New("gang.NewDataParallel: the worker is nil")
	}
	return parallel.NewDataParallelOver(w.Ring, m)
}

const checkpointFile = "checkpoint"

// Save writes a checkpoint: on rank 0 write gets the name of a file, which takes the place of the last
// checkpoint when it is whole; on other ranks nothing happens. Without Job.Checkpoint it is an error.
func (w *Worker) Save(write func(file string) error) error {
	if w.checkpoint == "" {
		return errors.New("gang.Save: the job has no folder for checkpoints; give Job.Checkpoint")
	}
	if w.Rank != 0 {
		return nil
	}
	if err := os.MkdirAll(w.checkpoint, 0o755); err != nil {
		return fmt.Errorf("gang.Save: %w", err)
	}
	if err := atomicfile.Name(filepath.Join(w.checkpoint, checkpointFile), write); err != nil {
		return fmt.Errorf("gang.Save: %w", err)
	}
	return nil
}

// Resume lets every rank read the last checkpoint, if rank 0 finds one. All ranks call it at the same place,
// and all read, or none.
func (w *Worker) Resume(read func(file string) error) (resumed bool, err error) {
	name := filepath.Join(w.checkpoint, checkpointFile)
	there := eager.Zeros(1)
	if w.checkpoint != "" && w.Rank == 0 {
		switch _, err := os.Stat(name); {
		case err == nil:
			there = eager.New([]float32{1})
		case !errors.Is(err, os.ErrNotExist):
			return false, fmt.Errorf("gang.Resume: %w", err)
		}
	}
	if err := w.Broadcast(there); err != nil {
		return false, fmt.Errorf("gang.Resume: %w", err)
	}
	if there.Storage().F32()[0] == 0 {
		return false, nil
	}
	if err := read(name); err != nil {
		return false, fmt.Errorf("gang.Resume: %w", err)
	}
	return true, nil
}

// Stop asks the training to stop: Stopped of all training ranks, the evaluator's too, is true from now on. A
// rank stops when its loss gets no better, the evaluator when that of held-out rows does not.
func (w *Worker) Stop() error {
	if !w.Evaluator {
		w.stop = true
		return nil
	}
	if err := os.WriteFile(filepath.Join(w.checkpoint, w.stopFile()), nil, 0o644); err != nil {
		return fmt.Errorf("gang.Stop: %w", err)
	}
	return nil
}

// Stopped says whether any rank, or the evaluator, has called Stop. All training ranks call it at the same
// place, and all get the same answer.
func (w *Worker) Stopped() (bool, error) {
	mine := float32(0)
	if w.ended != "" && !w.Evaluator && w.Rank == 0 {
		_, err := os.Stat(filepath.Join(w.checkpoint, w.stopFile()))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return false, fmt.Errorf("gang.Stopped: %w", err)
		}
		w.stop = w.stop || err == nil
	}
	if w.stop {
		mine = 1
	}
	all := eager.New([]float32{mine})
	if err := w.AllReduce(all); err != nil {
		return false, fmt.Errorf("gang.Stopped: %w", err)
	}
	return all.Storage().F32()[0] > 0, nil
}

// stopFile is where the evaluator leaves word for the training ranks.
func (w *Worker) stopFile() string { return "stop-" + w.ended }
