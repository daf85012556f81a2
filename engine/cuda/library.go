//go:build cuda

package cuda

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/blas"
	"github.com/lathe-ml/lathe/engine/cuda/dnn"
	"github.com/lathe-ml/lathe/engine/cuda/source"
	"gorgonia.org/cu"
)

// libraries are cuBLAS and cuDNN on a device, as far as they are there. once opens them; the rest is guarded by the
// device's mu.
type libraries struct {
	once      sync.Once
	own       bool // products and convolutions are those of package source, whatever is there
	blas      *blas.Handle
	dnn       *dnn.Handle
	workspace uint64
	plans     map[dnn.Convolution]*dnn.Plan
	said      []string // what there is, or why not
}

// blasWorkspace is what NVIDIA recommends for the largest GPUs: it has to be given, for graphs to be captured.
const blasWorkspace = 32 << 20

// Libraries says which of NVIDIA's libraries the device uses, and why it does not use the others.
func (d *Device) Libraries() []string {
	d.openLibraries()
	return d.libraries.said
}

// UseLibraries says whether products and convolutions are given to cuBLAS and cuDNN where they are, as at first, or
// computed by own kernels. It is not for use while others use the device.
func (d *Device) UseLibraries(on bool) { d.libraries.own = !on }

func (d *Device) openLibraries() {
	l := &d.libraries
	l.once.Do(func() {
		err := d.do(func() error {
			l.openBLAS(d.stream, d.total)
			l.openDNN(d.stream)
			return nil
		})
		if err != nil {
			l.blas, l.dnn, l.said = nil, nil, []string{err.Error()}
		}
	})
}

// openBLAS and openDNN need a context.
func (l *libraries) openBLAS(s cu.Stream, total int64) {
	h, err := blas.New()
	if err != nil {
		l.said = append(l.said, "products by own kernels: "+err.Error())
		return
	}
	n := min(blasWorkspace, total/64)
	at, err := cu.MemAlloc(n)
	if err == nil {
		err = h.Prepare(uintptr(unsafe.Pointer(s.C())), uint64(at), int(n))
	}
	var v int
	if err == nil {
		v, err = h.Version()
	}
	if err != nil {
		l.said = append(l.said, fmt.Sprintf("products by own kernels: cuBLAS: %v", err))
		_ = h.Close()
		return
	}
	l.blas, l.workspace = h, uint64(at)
	l.said = append(l.said, fmt.Sprintf("products by cuBLAS %d.%d", v/10000, v/100%100))
}

func (l *libraries) openDNN(s cu.Stream) {
	h, err := dnn.New(uintptr(unsafe.Pointer(s.C())))
	if err != nil {
		l.said = append(l.said, "convolutions by own kernels: "+err.Error())
		return
	}
	v, err := dnn.Version()
	if err != nil {
		l.said = append(l.said, "convolutions by own kernels: "+err.Error())
		return
	}
	l.dnn, l.plans = h, map[dnn.Convolution]*dnn.Plan{}
	major := v / 10000 // 9.26.0 is 92600, 8.9.7 was 8907
	if minor := v / 100 % 100; major > 0 {
		l.said = append(l.said, fmt.Sprintf("convolutions by cuDNN %d.%d", major, minor))
	} else {
		l.said = append(l.said, fmt.Sprintf("convolutions by cuDNN %d.%d", v/1000, v/100%10))
	}
}

// target is what operators are planned for.
func (d *Device) target() source.Target {
	t := source.Target{Capability: 10*d.major + d.minor, TF32: engine.TF32()}
	if l := &d.libraries; !l.own {
		d.openLibraries()
		t.BLAS, t.DNN = l.blas != nil, l.dnn != nil
	}
	return t
}

// address is that of an argument.
func address(w source.Word, temps []*engine.Buffer) uint64 {
	switch {
	case w.Temp > 0:
		return w.Bits + temps[w.Temp-1].Addr()
	case w.Buf != nil:
		return w.Bits + w.Buf.Addr()
	}
	return w.Bits
}

// call gives a launch that is no kernel to a library.
func (d *Device) call(l *source.Launch, temps []*engine.Buffer) error {
	c, err := d.libraryCall(l, temps, nil)
	if err != nil {
		return err
	}
	if c.room != nil {
		defer c.room.Release() // the next use comes later in the stream
	}
	return d.do(c.run)
}

// libraryCall is a call of a library that is ready to be made.
type libraryCall struct {
	run  func() error // mu is held
	at   []uint64     // the addresses that it uses
	room *engine.Buffer
}

// libraryCall prepares a launch that is no kernel. room, when given and large enough, is its workspace.
func (d *Device) libraryCall(l *source.Launch, temps []*engine.Buffer, room *engine.Buffer) (libraryCall, error) {
	if p := l.Product; p != nil {
		q := blas.Product{
			M: p.M, N: p.N, K: p.K, Batch: p.Batch, DType: p.DType, Add: p.Add, TF32: p.TF32,
			A: matrix(p.A, temps), B: matrix(p.B, temps), C: matrix(p.C, temps),
		}
		run := func() error { return d.libraries.blas.Product(&q) }
		return libraryCall{run: run, at: []uint64{q.A.Address, q.B.Address, q.C.Address}}, nil
	}
	v := l.Convolution
	c := libraryCall{at: []uint64{address(v.A, temps), address(v.B, temps), address(v.To, temps), 0}}
	p, err := d.convolution(v)
	if err != nil {
		return c, err
	}
	if p.Workspace > 0 {
		if c.room = room; room == nil || room.Len() < p.Workspace {
			c.room = d.New(p.Workspace)
		}
		c.at[3] = c.room.Addr()
	}
	c.run = func() error { return d.libraries.dnn.Run(p, c.at[0], c.at[1], c.at[2], c.at[3]) }
	return c, nil
}

func matrix(m source.Matrix, temps []*engine.Buffer) blas.Matrix {
	return blas.Matrix{Address: address(m.At, temps), LD: m.LD, Stride: m.Stride, T: m.T}
}

// convolution returns cuDNN's plan, made once for each geometry.
func (d *Device) convolution(v *source.Convolution) (p *dnn.Plan, err error) {
	key := dnn.Convolution{
		Kind: v.Kind, Groups: v.Groups, Rank: v.Rank, DType: v.DType, X: v.X, W: v.W, Y: v.Y, Pad: v.Pad, Stride: v.Stride,
		Dilation: v.Dilation, TF32: v.TF32,
	}
	err = d.do(func() error {
		if p = d.libraries.plans[key]; p != nil {
			return nil
		}
		if p, err = d.libraries.dnn.Plan(&key); err == nil {
			d.libraries.plans[key] = p
		}
		return err
	})
	return p, err
}
