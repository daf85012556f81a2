package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/caffe"
)

// caffeFlags are what Caffe's own command line takes: train, test and time.
type caffeFlags struct {
	solver, model, snapshot, phase, stage *string
	iterations, level                     *int
	images                                imageFlags
}

// imageFlags are those of convert_imageset.
type imageFlags struct {
	root, resize           *string
	gray, encoded, shuffle *bool
}

func (c *caffeFlags) add(e *env) {
	c.solver = e.flags.String("solver", "", "train: the solver's `FILE`.prototxt")
	c.model = e.flags.String("model", "", "test, time: the network's `FILE`.prototxt")
	c.snapshot = e.flags.String("snapshot", "", "train: go on from `FILE`.solverstate or .solverstate.h5")
	c.iterations = e.flags.Int("iterations", 50, "test, time: `number` of batches")
	c.phase = e.flags.String("phase", "", "time: `TRAIN` or TEST; TRAIN when it is not given")
	c.stage = e.flags.String("stage", "", "test, time: `stages` of the network, with commas between them")
	c.level = e.flags.Int("level", 0, "test, time: `level` of the network")
	c.images.root = e.flags.String("root", "", "images: `folder` of the files in the list")
	c.images.resize = e.flags.String("resize", "", "images: bring all to `WIDTHxHEIGHT`")
	c.images.gray = e.flags.Bool("gray", false, "images: one channel")
	c.images.encoded = e.flags.Bool("encoded", false, "images: keep the files as they are, to be decoded when they are read")
	c.images.shuffle = e.flags.Bool("shuffle", false, "images: write them in an order drawn from -seed")
}

// convert runs images, Caffe's convert_imageset, or mean, its compute_image_mean.
func (c *caffeFlags) convert(e *env, seed uint64) error {
	if len(e.args) != 3 {
		return usagef("%s wants what to read and what to write: lathe model images list.txt train_lmdb, lathe model mean train_lmdb mean.binaryproto", e.args[0])
	}
	if e.args[0] == "mean" {
		channels, err := caffe.MeanImage(e.args[1], e.args[2])
		for i, m := range channels {
			fmt.Fprintf(e.stdout, "mean of channel %d: %.6g\n", i, m)
		}
		return err
	}
	set := caffe.ImageSet{Root: *c.images.root, Gray: *c.images.gray, Encoded: *c.images.encoded, Shuffle: *c.images.shuffle, Seed: seed}
	if size := *c.images.resize; size != "" {
		var rest string
		if n, _ := fmt.Sscanf(size, "%dx%d%s", &set.Width, &set.Height, &rest); n != 2 || set.Width < 1 || set.Height < 1 {
			return usagef("-resize %q: want WIDTHxHEIGHT, like 256x256", size)
		}
	}
	n, err := caffe.ConvertImages(e.args[1], e.args[2], set)
	if err == nil {
		fmt.Fprintf(e.stdout, "%d images in %s\n", n, e.args[2])
	}
	return err
}

// file is the file that a flag or the argument behind the verb names.
func (c *caffeFlags) file(e *env, flag string, given string) (string, error) {
	switch {
	case given != "" && len(e.args) == 1:
		return given, nil
	case given == "" && len(e.args) == 2:
		return e.args[1], nil
	}
	return "", usagef("%s wants one file: lathe model %s -%s FILE.prototxt", e.args[0], e.args[0], flag)
}

// run runs train, test or time.
func (c *caffeFlags) run(ctx context.Context, e *env, weights string) error {
	if *c.iterations < 1 {
		return usagef("-iterations %d: want at least 1", *c.iterations)
	}
	if e.args[0] == "train" {
		return c.train(ctx, e, weights)
	}
	path, err := c.file(e, "model", *c.model)
	if err != nil {
		return err
	}
	phase := caffe.Test
	switch {
	case *c.phase == "TRAIN" || *c.phase == "" && e.args[0] == "time":
		phase = caffe.Train
	case *c.phase != "" && *c.phase != "TEST":
		return usagef("-phase %q: want TRAIN or TEST", *c.phase)
	}
	if weights == "" && e.args[0] == "test" {
		return usagef("test wants -weights FILE.caffemodel")
	}
	m, err := caffe.ReadNet(path)
	if err != nil {
		return err
	}
	if *c.level != 0 || *c.stage != "" {
		m.AddState(*c.level, fields(*c.stage)...)
	}
	net, err := caffe.New(m, phase)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	net.Dir = filepath.Dir(path)
	if err := loadAll(e, net, weights); err != nil {
		return err
	}
	if e.args[0] == "time" {
		return timeCaffe(ctx, e, net, *c.iterations)
	}
	return testCaffe(ctx, e, net, *c.iterations)
}

// fields splits a list at its commas.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// loadAll loads weights from files with commas between them, and says which layers of theirs the network lacks.
func loadAll(e *env, net *caffe.Net, weights string) error {
	for _, w := range fields(weights) {
		net.Ignored = nil
		if err := net.LoadWeights(w); err != nil {
			return err
		}
		for _, name := range net.Ignored {
			fmt.Fprintf(e.stderr, "Ignoring source layer %s\n", name)
		}
	}
	return nil
}

// train runs a solver; an interrupt leaves a snapshot.
func (c *caffeFlags) train(ctx context.Context, e *env, weights string) error {
	path, err := c.file(e, "solver", *c.solver)
	if err != nil {
		return err
	}
	if weights != "" && *c.snapshot != "" {
		return usagef("-weights begins anew and -snapshot goes on: give one of them")
	}
	s, err := caffe.LoadSolver(path)
	if err != nil {
		return err
	}
	if err := loadAll(e, s.Train, weights); err != nil {
		return err
	}
	if *c.snapshot != "" {
		if err := s.Restore(*c.snapshot); err != nil {
			return err
		}
	}
	s.Log = e.stdout
	start := time.Now()
	err = s.Run(ctx)
	fmt.Fprintf(e.stdout, "%d iterations in %v\n", s.Iter(), time.Since(start).Round(time.Millisecond))
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted; go on with -snapshot FILE.solverstate")
	}
	return err
}

// testCaffe prints the scalar outputs of each batch, then their means.
func testCaffe(ctx context.Context, e *env, net *caffe.Net, batches int) error {
	mean := map[string]float64{}
	var names []string
	for i := range batches {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var out map[string]*eager.Tensor
		var err error
		eager.NoGrad(func() { out, err = net.Forward(nil) })
		if err != nil {
			return err
		}
		names = names[:0]
		for name, y := range out {
			if y.Numel() == 1 {
				names = append(names, name)
				mean[name] += y.Item() / float64(batches)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(e.stdout, "Batch %d, %s = %.6g\n", i, name, out[name].Item())
		}
	}
	if len(names) == 0 {
		return errors.New("the network has no output of one number: no loss and no accuracy in phase TEST")
	}
	for _, name := range names {
		fmt.Fprintf(e.stdout, "%s = %.6g over %d batches\n", name, mean[name], batches)
	}
	return nil
}

// timeCaffe prints what each layer takes, as Caffe does.
func timeCaffe(ctx context.Context, e *env, net *caffe.Net, iterations int) error {
	fmt.Fprintf(e.stdout, "*** Benchmark begins ***\nTesting for %d iterations.\n", iterations)
	ms := func(d time.Duration) string { return fmt.Sprintf("%.6g ms", float64(d)/float64(time.Millisecond)) }
	var total time.Duration
	times, err := net.Time(ctx, iterations, func(i int, d time.Duration) {
		total += d
		fmt.Fprintf(e.stdout, "Iteration: %d forward-backward time: %s.\n", i+1, ms(d))
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, "Average time per layer:")
	var forward, backward time.Duration
	for _, t := range times {
		fmt.Fprintf(e.stdout, "%12s  forward: %s.\n%12s backward: %s.\n", t.Name, ms(t.Forward), t.Name, ms(t.Backward))
		forward, backward = forward+t.Forward, backward+t.Backward
	}
	fmt.Fprintf(e.stdout, "Average Forward pass: %s.\nAverage Backward pass: %s.\nAverage Forward-Backward: %s.\nTotal Time: %s.\n*** Benchmark ends ***\n",
		ms(forward), ms(backward), ms(total/time.Duration(iterations)), ms(total))
	return nil
}
