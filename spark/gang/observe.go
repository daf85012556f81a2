package gang

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/lathe-ml/lathe/viz/tensorboard"
)

// The folders under Job.Events, each a run of TensorBoard.
const (
	trainEvents    = "train"
	evaluateEvents = "evaluate"
)

// Log adds a number to Job.Events, where TensorBoard and Job.Watch find it. Rank 0 and the evaluator write,
// other ranks do nothing. Without Job.Events it is an error.
func (w *Worker) Log(tag string, step int, v float64) error {
	if w.events == "" {
		return errors.New("gang.Log: the job has no folder for events; give Job.Events")
	}
	if w.Rank != 0 {
		return nil
	}
	if w.log == nil {
		dir := trainEvents
		if w.Evaluator {
			dir = evaluateEvents
		}
		var err error
		if w.log, err = tensorboard.NewWriter(filepath.Join(w.events, dir)); err != nil {
			return fmt.Errorf("gang.Log: %w", err)
		}
	}
	return w.log.Scalar(tag, step, v)
}

// watch runs f, and meanwhile hands numbers that workers log to Job.Watch.
func (j Job) watch(f func() error) error {
	if j.Watch == nil {
		return f()
	}
	if j.Events == "" {
		return errors.New("gang: a job with Watch has no folder for events; give Job.Events")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	numbers := make(chan number)
	followed := make(chan error, 2)
	for _, dir := range []string{trainEvents, evaluateEvents} {
		go func() {
			followed <- tensorboard.Follow(ctx, filepath.Join(j.Events, dir), func(tag string, step int, v float64) {
				numbers <- number{tag + "/" + dir, step, v}
			})
		}()
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	var err error
	for left := 2; left > 0; {
		select {
		case n := <-numbers:
			j.Watch(n.tag, n.step, n.v)
		case err = <-done:
			cancel()
		case e := <-followed:
			left--
			if e != nil && ctx.Err() == nil {
				err = errors.Join(e, <-done)
				cancel()
			}
		}
	}
	return err
}

type number struct {
	tag  string
	step int
	v    float64
}

// Checkpoints calls f with each new checkpoint of the training ranks, until they have ended. It is what the
// evaluator does; f reads the file and logs what it finds.
func (w *Worker) Checkpoints(f func(file string) error) error {
	if w.checkpoint == "" || !w.Evaluator {
		return errors.New("gang.Checkpoints: only the evaluator of a job with a folder for checkpoints has them; " +
			"give Job.Evaluator and Job.Checkpoint")
	}
	name := filepath.Join(w.checkpoint, checkpointFile)
	var last os.FileInfo
	for {
		_, err := os.Stat(filepath.Join(w.checkpoint, w.ended))
		ended := err == nil
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return fmt.Errorf("gang.Checkpoints: %w", err)
		case last == nil || !os.SameFile(last, info):
			last = info
			if err := f(name); err != nil {
				return err
			}
			continue
		}
		if ended {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// finish tells the evaluator that rank 0 has ended.
func (w *Worker) finish() error {
	if w.log != nil {
		if err := w.log.Close(); err != nil {
			return err
		}
	}
	if w.checkpoint == "" || w.ended == "" || w.Rank != 0 {
		return nil
	}
	if w.Evaluator {
		err := os.Remove(filepath.Join(w.checkpoint, w.stopFile()))
		if errors.Is(err, os.ErrNotExist) { // it had no reason to stop
			err = nil
		}
		return errors.Join(err, os.Remove(filepath.Join(w.checkpoint, w.ended)))
	}
	if err := os.MkdirAll(w.checkpoint, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.checkpoint, w.ended), nil, 0o644)
}
