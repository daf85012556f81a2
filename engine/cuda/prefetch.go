//go:build cuda

package cuda

import (
	"slices"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"gorgonia.org/cu"
)

// ahead copies to a device on a stream of its own, beside the device's work. Blocks of memory that such copies go to
// are theirs alone: the stream of a copy waits for the work that read the block before, not for all work.
type ahead struct {
	memory *allocator
	stream cu.Stream

	mu       sync.Mutex
	released map[uint64]cu.Event // by block: recorded behind the work that used it last
	stages   []*stage            // that nobody writes to
	made     int                 // stages in all
}

// mostStages bounds the memory of the host: more copies on their way than that wait for the first.
const mostStages = 8

// stage is memory of the host that the GPU copies from by itself.
type stage struct {
	mem  []byte
	done cu.Event // recorded behind the last copy from mem
}

// open is called with a context.
func (a *ahead) open(d *Device) (err error) {
	a.memory = newAllocator(blocks{d}, d.memory.collect)
	a.released = map[uint64]cu.Event{}
	a.stream, err = cu.MakeStream(cu.NonBlocking)
	return err
}

// Prefetch is part of engine.Prefetcher.
func (d *Device) Prefetch(p []byte) (*engine.Buffer, func()) {
	a := &d.ahead
	addr, err := a.memory.take(len(p))
	d.check("Prefetch", err)
	b := engine.NewRemote(d, addr, len(p), func() { d.releaseAhead(addr) })
	if len(p) == 0 {
		return b, func() {}
	}
	s, err := d.stage(len(p))
	d.check("Prefetch", err)
	from := p
	if s.mem != nil {
		from = s.mem[:len(p)]
		copy(from, p)
	} else if len(p) <= inPlace {
		from = slices.Clone(p)
	}
	a.mu.Lock()
	before, used := a.released[addr]
	a.mu.Unlock()
	d.check("Prefetch", d.do(func() error {
		if used {
			if err := a.stream.Wait(before, 0); err != nil {
				return err
			}
		}
		to := cu.DevicePtr(addr)
		if err := cu.MemcpyHtoDAsync(to, unsafe.Pointer(&from[0]), int64(len(p)), a.stream); err != nil {
			return err
		}
		return s.done.Record(a.stream)
	}))
	a.mu.Lock()
	a.stages = append(a.stages, s)
	a.mu.Unlock()
	// A later copy from s may have recorded done again by then: it comes after this one.
	return b, func() {
		d.check("Prefetch", d.do(func() error { return d.stream.Wait(s.done, 0) }))
	}
}

// releaseAhead takes a block back, to be used again behind the work that the device has been given so far.
func (d *Device) releaseAhead(addr uint64) {
	a := &d.ahead
	a.mu.Lock()
	e, ok := a.released[addr]
	a.mu.Unlock()
	err := d.do(func() (err error) {
		if !ok {
			if e, err = cu.MakeEvent(cu.DisableTiming); err != nil {
				return err
			}
		}
		return e.Record(d.stream)
	})
	if err != nil {
		return // the block is not used again
	}
	a.mu.Lock()
	a.released[addr] = e
	a.mu.Unlock()
	a.memory.give(addr)
}

// stage returns memory of the host for n bytes that no copy reads any more; its mem is nil where the driver pins none.
func (d *Device) stage(n int) (s *stage, err error) {
	a := &d.ahead
	a.mu.Lock()
	defer a.mu.Unlock()
	first := -1
	err = d.do(func() error {
		for i, s := range a.stages {
			if len(s.mem) < n {
				continue
			}
			if first < 0 {
				first = i
			}
			if s.done.Query() == nil {
				first = i
				return nil
			}
		}
		if first < 0 || a.made < mostStages {
			first = -1
			return nil
		}
		return a.stages[first].done.Synchronize()
	})
	if err == nil && first >= 0 {
		s = a.stages[first]
		a.stages = slices.Delete(a.stages, first, first+1)
		return s, nil
	}
	s = &stage{}
	a.made++
	return s, d.do(func() (err error) {
		s.mem = pinned(roomFor(n))
		s.done, err = cu.MakeEvent(cu.DisableTiming)
		return err
	})
}
