package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lathe-ml/lathe/data/vision"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/importer"
	"github.com/lathe-ml/lathe/jit/onnx"
)

const (
	jpegSide   = 224
	jpegSize   = 3 * jpegSide * jpegSide // numbers of one image
	jpegTurns  = 4                       // of each side
	secondsDay = 24 * 60 * 60
)

// classified is a network for the classification of photos.
type classified struct {
	name, path string
	batches    []int
}

// setup is a way to use the processors: each of streams decodes and runs batches on its part of the threads. A single
// stream decodes the next batch meanwhile.
type setup struct{ batch, streams int }

// reportJPEG compares images a second from files to classes with ONNX Runtime, which is given the same decoded
// batches in shared memory.
func reportJPEG(python, photos string, files []string, match *regexp.Regexp, threads int, budget time.Duration) error {
	dir, err := os.MkdirTemp("/dev/shm", "lathe-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	folder, err := vision.NewFolder(photos)
	if err != nil {
		return err
	}
	b := &jpegBench{python: python, dir: dir, threads: threads, budget: budget}
	for _, f := range folder.Files {
		b.photos = append(b.photos, filepath.Join(photos, f))
	}
	models, err := b.models(files)
	if err != nil {
		return err
	}
	fmt.Printf("# Photos from JPEG files to classes, %d threads\n\n%s, %d photos. Images/s of Lathe / of ONNX Runtime on the same decoded "+
		"batches: the best and the median of %d turns each, in the way that is best for the side.\n\n| model | best | ratio "+
		"| median | ratio | a day | a core | decoding alone | way, ours / peer | same class |\n"+
		"|---|---|---|---|---|---|---|---|---|---|\n",
		threads, cpuName(), len(b.photos), jpegTurns)
	for _, m := range models {
		if !match.MatchString(m.name) {
			continue
		}
		if err := b.model(m); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// jpegBench holds what all models share.
type jpegBench struct {
	python, dir string
	threads     int
	budget      time.Duration // of a side in one setup
	photos      []string
}

// models returns ResNet-50, which is exported with random weights, and the networks in files.
func (b *jpegBench) models(files []string) ([]classified, error) {
	eager.Seed(0)
	net := resNet50()
	net.Self().Eval()
	path := filepath.Join(b.dir, "resnet50.onnx")
	o := onnx.ExportOptions{Batch: true, Fold: true}
	if err := onnx.Save(path, net, o, eager.Randn(1, 3, jpegSide, jpegSide)); err != nil {
		return nil, err
	}
	models := []classified{{"ResNet-50", path, []int{1, 4}}}
	for _, f := range files {
		s, err := importer.Open(f, "")
		if err != nil {
			return nil, err
		}
		m := classified{strings.TrimSuffix(filepath.Base(f), ".onnx"), f, []int{1}}
		if len(s.Shapes) != 1 || len(s.Shapes[0]) != 4 {
			return nil, fmt.Errorf("%s: inputs %v; want one of images", f, s.Shapes)
		}
		if s.Shapes[0][0] < 0 {
			m.batches = append(m.batches, 4)
		}
		models = append(models, m)
	}
	return models, nil
}

// best is the fastest way of one side.
type best struct {
	rate    float64
	median  float64
	way     setup
	classes []atomic.Int32
}

// model prints the row of m.
func (b *jpegBench) model(m classified) error {
	sides := [2]best{{classes: b.unknown()}, {classes: b.unknown()}}
	for _, batch := range m.batches {
		for _, streams := range []int{1, b.threads} {
			rates, err := b.setup(m, setup{batch, streams}, &sides)
			if err != nil {
				return err
			}
			for i, r := range rates {
				slices.Sort(r)
				fmt.Fprintf(os.Stderr, "%s %v %s: %.1f images/s\n", m.name, setup{batch, streams},
					[]string{"ours", "peer"}[i], r)
				if most := r[len(r)-1]; most > sides[i].rate {
					sides[i].rate, sides[i].median, sides[i].way = most, r[len(r)/2], setup{batch, streams}
				}
			}
		}
	}
	both, same := 0, 0
	for i := range b.photos {
		ours, theirs := sides[0].classes[i].Load(), sides[1].classes[i].Load()
		if ours >= 0 && theirs >= 0 {
			both++
			if ours == theirs {
				same++
			}
		}
	}
	ours, theirs := sides[0], sides[1]
	fmt.Printf("| %s | %.1f / %.1f | %.2f | %.1f / %.1f | %.2f | %.2f M | %.1f | %.0f | %v / %v | %d of %d |\n", m.name,
		ours.rate, theirs.rate, ours.rate/theirs.rate, ours.median, theirs.median, ours.median/theirs.median,
		ours.rate*secondsDay/1e6, ours.rate/float64(b.threads), b.decoding(), ours.way, theirs.way, same, both)
	return nil
}

func (s setup) String() string { return fmt.Sprintf("batch %d in %d streams", s.batch, s.streams) }

func (b *jpegBench) unknown() []atomic.Int32 {
	c := make([]atomic.Int32, len(b.photos))
	for i := range c {
		c[i].Store(-1)
	}
	return c
}

// setup returns the rates of both sides, which take turns.
func (b *jpegBench) setup(m classified, w setup, sides *[2]best) (rates [2][]float64, err error) {
	engine.SetThreads(b.threads / w.streams)
	defer engine.SetThreads(b.threads)
	shape := fmt.Sprintf("%d,3,%d,%d", w.batch, jpegSide, jpegSide)
	net, err := importer.Model(m.path, "", shape, nil)
	if err != nil {
		return rates, err
	}
	var ours, theirs []*stream
	var peers []*peer
	defer func() {
		for _, p := range peers {
			p.stop()
		}
	}()
	for i := range w.streams {
		path := filepath.Join(b.dir, fmt.Sprint(i))
		slots, unmap, err := sharedSlots(path, w.batch)
		if err != nil {
			return rates, err
		}
		defer unmap()
		p, err := startPeer(b.threads/w.streams, b.python, "bench/peer_jpeg.py", m.path, path, fmt.Sprint(w.batch))
		if err != nil {
			return rates, err
		}
		peers = append(peers, p)
		ours = append(ours, &stream{slots: slots, run: inProcess(net, w.batch, slots)})
		theirs = append(theirs, &stream{slots: slots, run: p.classify})
	}
	for turn := range jpegTurns + 1 { // the first one warms up
		for side, streams := range [][]*stream{ours, theirs} {
			sig := []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT}[side]
			for _, p := range peers {
				if err := p.signal(sig); err != nil {
					return rates, err
				}
			}
			time.Sleep(settle)
			r, err := b.turn(streams, w, sides[side].classes)
			if err != nil {
				return rates, err
			}
			if turn > 0 {
				rates[side] = append(rates[side], r)
			}
		}
	}
	return rates, nil
}

// turn returns the images a second of streams that work for a while.
func (b *jpegBench) turn(streams []*stream, w setup, classes []atomic.Int32) (float64, error) {
	var next, images atomic.Int64
	start := time.Now()
	deadline := start.Add(b.budget / (jpegTurns + 1))
	errs := make([]error, len(streams))
	var wait sync.WaitGroup
	for i, s := range streams {
		wait.Go(func() {
			n, err := s.pump(b, deadline, len(streams) == 1, w.batch, &next, classes)
			errs[i] = err
			images.Add(int64(n))
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return float64(images.Load()) / time.Since(start).Seconds(), nil
}

// decoding returns the images a second that all threads only decode.
func (b *jpegBench) decoding() float64 {
	engine.SetThreads(1)
	defer engine.SetThreads(b.threads)
	streams := make([]*stream, b.threads)
	for i := range streams {
		streams[i] = &stream{slots: [2][]float32{make([]float32, jpegSize)}, run: func(int) ([]int32, error) { return nil, nil }}
	}
	r, err := b.turn(streams, setup{1, b.threads}, b.unknown())
	if err != nil {
		return math.NaN()
	}
	return r
}
