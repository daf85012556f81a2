package gang

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/parallel"
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
	name := filepath.Join(w.checkpoint, checkpointFile)
	beside := fmt.Sprintf("%s.%d", name, os.Getpid())
	if err := write(beside); err != nil {
		return fmt.Errorf("gang.Save: %w", errors.Join(err, os.Remove(beside)))
	}
	if err := os.Rename(beside, name); err != nil {
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
