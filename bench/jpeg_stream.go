package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/zoo"
)

// stream decodes photos into slots and has them classified.
type stream struct {
	slots [2][]float32
	run   func(slot int) ([]int32, error) // returns the class of each image
}

// batchOf says which photos lie in a slot.
type batchOf struct {
	slot   int
	photos []int
}

// prepared is what networks of ImageNet are given.
var prepared = zoo.Input{
	Width: jpegSide, Height: jpegSide, Crop: true,
	Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225},
}

// pump works on the photos that next counts until the deadline and returns how many it did. With ahead, a goroutine of
// its own decodes the next batch.
func (s *stream) pump(b *jpegBench, deadline time.Time, ahead bool, batch int, next *atomic.Int64, classes []atomic.Int32) (int, error) {
	done := 0
	compute := func(x batchOf) error {
		got, err := s.run(x.slot)
		for i, c := range got {
			classes[x.photos[i]].Store(c)
		}
		done += len(x.photos)
		return err
	}
	if !ahead {
		for time.Now().Before(deadline) {
			x, err := s.decode(b, 0, batch, next)
			if err == nil {
				err = compute(x)
			}
			if err != nil {
				return done, err
			}
		}
		return done, nil
	}
	free, full := make(chan int, len(s.slots)), make(chan batchOf, len(s.slots))
	for i := range s.slots {
		free <- i
	}
	var failed error
	go func() {
		defer close(full)
		for slot := range free {
			if time.Now().After(deadline) {
				return
			}
			var x batchOf
			if x, failed = s.decode(b, slot, batch, next); failed != nil {
				return
			}
			full <- x
		}
	}()
	for x := range full {
		if err := compute(x); err != nil {
			close(free)
			return done, err
		}
		free <- x.slot
	}
	return done, failed
}

// decode fills a slot with the next photos.
func (s *stream) decode(b *jpegBench, slot, batch int, next *atomic.Int64) (batchOf, error) {
	x := batchOf{slot: slot}
	for i := range batch {
		k := int(next.Add(1)-1) % len(b.photos)
		y, err := prepared.Prepared(b.photos[k])
		if err != nil {
			return x, err
		}
		copy(s.slots[slot][i*jpegSize:], y.Array().F32())
		y.Release()
		x.photos = append(x.photos, k)
	}
	return x, nil
}

// sharedSlots maps a new file of two batches.
func sharedSlots(path string, batch int) (slots [2][]float32, unmap func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return slots, nil, err
	}
	defer f.Close()
	n := batch * jpegSize
	bytes := len(slots) * n * 4
	if err := f.Truncate(int64(bytes)); err != nil {
		return slots, nil, err
	}
	mem, err := syscall.Mmap(int(f.Fd()), 0, bytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return slots, nil, fmt.Errorf("%s: %w", path, err)
	}
	all := unsafe.Slice((*float32)(unsafe.Pointer(&mem[0])), len(slots)*n)
	return [2][]float32{all[:n], all[n:]}, func() { must(syscall.Munmap(mem)) }, nil
}

// inProcess returns what classifies a batch with our engine, which reads it from memory of its own.
func inProcess(net *model.Model, batch int, slots [2][]float32) func(slot int) ([]int32, error) {
	x := engine.NewArray(engine.F32, engine.Shape{batch, 3, jpegSide, jpegSide})
	return func(slot int) ([]int32, error) {
		copy(x.F32(), slots[slot])
		y, err := net.Run([]engine.Array{x})
		if err != nil {
			return nil, err
		}
		scores := eager.FromArray(y[0]).Float32s()
		y[0].Buf.Release()
		classes := make([]int32, batch)
		per := len(scores) / batch
		for i := range classes {
			row := scores[i*per : (i+1)*per]
			classes[i] = int32(slices.Index(row, slices.Max(row)))
		}
		return classes, nil
	}
}

// classify has the peer classify a batch.
func (p *peer) classify(slot int) ([]int32, error) {
	fmt.Fprintln(p.in, slot)
	line, err := p.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	var classes []int32
	for _, w := range strings.Fields(line) {
		c, err := strconv.Atoi(w)
		if err != nil {
			return nil, fmt.Errorf("peer: %w", err)
		}
		classes = append(classes, int32(c))
	}
	return classes, nil
}
