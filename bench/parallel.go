package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/eager/parallel"
	"github.com/lathe-ml/lathe/engine"
)

// Steps of the CNN in one turn, of which the first warm up, and turns of each way to train.
const (
	parallelSteps = 40
	parallelWarm  = 8
	parallelTurns = 4
	parallelBatch = 64
)

// shared is one process of data parallel training; rank 0 stores its time in lastTurn.
var (
	shared   = parallel.Register("bench/cnn", trainShared)
	lastTurn time.Duration
)

func trainShared(w *parallel.Worker) error {
	eager.Seed(0)
	d, err := parallel.NewDataParallel(w, cnn())
	if err != nil {
		return err
	}
	n := parallelBatch / w.Size
	x, y := eager.Randn(n, 1, 28, 28), eager.RandInt(0, 10, n)
	opt := optim.NewSGD(d.Module.Self().Params(), optim.SGDOptions{LR: 0.01})
	lastTurn, err = medianStep(func() error {
		opt.ZeroGrad()
		if err := d.Backward(nn.CrossEntropy(d.Forward(x), y)); err != nil {
			return err
		}
		opt.Step()
		return nil
	})
	return err
}

// medianStep returns the median time of a step.
func medianStep(step func() error) (time.Duration, error) {
	var took []time.Duration
	for i := range parallelSteps {
		start := time.Now()
		if err := step(); err != nil {
			return 0, err
		}
		if i >= parallelWarm {
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// reportParallel prints how fast the CNN trains, 64 images a step, in one process and in two. The ways take
// turns; each figure is the best of its turns' medians.
func reportParallel() error {
	alone := func(threads int) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			engine.SetThreads(threads)
			step := train(cnn(), parallelBatch, 1, 28, 28)
			return medianStep(func() error { step(); return nil })
		}
	}
	ways := []struct {
		name string
		run  func() (time.Duration, error)
	}{
		{"1 process, 1 thread", alone(1)},
		{"1 process, 2 threads", alone(2)},
		{"2 processes, 1 thread each", func() (time.Duration, error) {
			err := parallel.Run(2, shared, parallel.Options{Threads: 1})
			return lastTurn, err
		}},
	}
	times := make([][]time.Duration, len(ways))
	for range parallelTurns {
		for i, w := range ways {
			t, err := w.run()
			if err != nil {
				return err
			}
			times[i] = append(times[i], t)
			engine.EmptyCache()
		}
	}
	fmt.Fprintf(os.Stdout, "# Data parallel training of the CNN, %d images a step, %s\n\n", parallelBatch, cpuName())
	fmt.Println("| way | ms a step | throughput |\n|---|---|---|")
	var base time.Duration
	for i, w := range ways {
		t := slices.Min(times[i])
		if i == 0 {
			base = t
		}
		fmt.Printf("| %s | %.2f | %.2f |\n", w.name, float64(t)/1e6, float64(base)/float64(t))
	}
	return nil
}
