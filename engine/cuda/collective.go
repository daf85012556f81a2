//go:build cuda

package cuda

import (
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/nccl"
	"github.com/lathe-ml/lathe/engine/op"
	"gorgonia.org/cu"
)

// communicators are those of NCCL, by the numbers of their devices. mu is held during a call: the calls of two
// groups that share devices do not interleave.
var communicators struct {
	mu  sync.Mutex
	all map[string]*nccl.Communicator
}

// Collect is part of op.Collective: by NCCL where it is installed, else by copies between GPUs.
func (d *Device) Collect(devices []op.Device, xs []engine.Array, how op.Collected) error {
	all := make([]*Device, len(devices))
	for i, other := range devices {
		c, ok := other.(*Device)
		if !ok {
			return fmt.Errorf("%v and %v have no way to each other", d, other)
		}
		all[i] = c
	}
	if nccl.Available() == nil {
		return collectByNCCL(all, xs, how)
	}
	return collectByCopies(all, xs, how)
}

func start(x engine.Array) uint64 { return x.Buf.Addr() + uint64(x.Offset*x.DType.Size()) }

func collectByNCCL(all []*Device, xs []engine.Array, how op.Collected) error {
	parts, numbers := make([]nccl.Part, len(all)), make([]int, len(all))
	for i, d := range all {
		parts[i] = nccl.Part{Address: start(xs[i]), Stream: uintptr(unsafe.Pointer(d.stream.C()))}
		numbers[i] = d.index
	}
	c := &communicators
	c.mu.Lock()
	defer c.mu.Unlock()
	key := fmt.Sprint(numbers)
	return all[0].do(func() (err error) {
		if c.all[key] == nil {
			if c.all == nil {
				c.all = map[string]*nccl.Communicator{}
			}
			if c.all[key], err = nccl.New(numbers); err != nil {
				return err
			}
		}
		if n, t := xs[0].Numel(), xs[0].DType; how == op.CollectFirst {
			return c.all[key].Broadcast(parts, n, t)
		} else {
			return c.all[key].AllReduce(parts, n, t, how == op.CollectMean)
		}
	})
}

// collectByCopies computes on the first device.
func collectByCopies(all []*Device, xs []engine.Array, how op.Collected) error {
	d, n := all[0], xs[0].Numel()*xs[0].DType.Size()
	sum := flat(xs[0], xs[0].Buf, xs[0].Offset)
	for i, other := range all[1:] {
		if how == op.CollectFirst {
			break
		}
		part := d.New(n)
		if err := peerCopy(d, part.Addr(), other, start(xs[i+1]), n); err != nil {
			return err
		}
		d.Run(op.Add, nil, []engine.Array{sum}, []engine.Array{sum, flat(xs[0], part, 0)})
		part.Release()
	}
	if how == op.CollectMean {
		share := engine.Zeros(xs[0].DType, nil)
		one := engine.Of(nil, []float64{1 / float64(len(all))})
		op.Cast.CPU(op.CastAttrs{To: share.DType}, []engine.Array{share}, []engine.Array{one})
		d.Run(op.Mul, nil, []engine.Array{sum}, []engine.Array{sum, share.Expand(sum.Shape)})
	}
	for i, other := range all[1:] {
		if err := peerCopy(other, start(xs[i+1]), d, start(xs[0]), n); err != nil {
			return err
		}
	}
	return nil
}

// flat is a vector of the elements that x has.
func flat(x engine.Array, b *engine.Buffer, offset int) engine.Array {
	s := engine.Shape{x.Numel()}
	return engine.Array{DType: x.DType, Shape: s, Strides: slices.Clone(s.Strides()), Buf: b, Offset: offset}
}

// peerCopy waits for the work of both devices, and for the copy.
func peerCopy(to *Device, dst uint64, from *Device, src uint64, n int) error {
	for _, d := range []*Device{to, from} {
		if err := d.do(d.wait); err != nil {
			return err
		}
	}
	return to.do(func() error {
		return cu.MemcpyPeer(cu.DevicePtr(dst), to.ctx, cu.DevicePtr(src), from.ctx, int64(n))
	})
}
