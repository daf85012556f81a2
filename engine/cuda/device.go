//go:build cuda

package cuda

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"gorgonia.org/cu"
)

func init() { op.RegisterDevices("cuda", func(i int) (op.Device, error) { return Open(i) }) }

// Device is a GPU. It is safe for concurrent use. mu is held while the driver is called: the goroutine stays on
// its thread, to which the context is tied. The work of all goroutines goes to one stream.
type Device struct {
	index        int
	name         string
	major, minor int
	total        int64
	memory       *allocator
	programs     *programs
	libraries    libraries

	ahead ahead

	mu     sync.Mutex
	ctx    cu.CUContext
	stream cu.Stream
	fault  uint64   // four words of the device's memory, see Fault of prelude.cuh
	sites  []string // operators by number, as faults name them
	siteOf map[string]int
}

var opened struct {
	sync.Mutex
	devices map[int]*Device
}

// Count returns the number of GPUs; the error says why there are none.
func Count() (int, error) {
	v := cu.Version()
	if v < 0 {
		return 0, fmt.Errorf("cuda: no driver: libcuda.so.1 is not installed")
	}
	if v < oldest {
		return 0, fmt.Errorf("cuda: the driver supports CUDA %d.%d; want %d.%d or newer", v/1000, v%1000/10, oldest/1000,
			oldest%1000/10)
	}
	n, err := cu.NumDevices()
	if err != nil || n == 0 {
		return 0, fmt.Errorf("cuda: there is a driver for CUDA %d.%d, but no GPU", v/1000, v%1000/10)
	}
	return n, nil
}

// oldest is the CUDA version that a driver has to support: that of sm_80.
const oldest = 11000

// Open returns GPU i, always the same *Device.
func Open(i int) (*Device, error) {
	n, err := Count()
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= n {
		return nil, fmt.Errorf("cuda: no GPU %d; there are %d", i, n)
	}
	opened.Lock()
	defer opened.Unlock()
	if d := opened.devices[i]; d != nil {
		return d, nil
	}
	d := &Device{index: i, siteOf: map[string]int{}}
	if err := d.open(); err != nil {
		return nil, fmt.Errorf("%v: %w", d, err)
	}
	if opened.devices == nil {
		opened.devices = map[int]*Device{}
	}
	opened.devices[i] = d
	return d, nil
}

func (d *Device) open() error {
	g, err := cu.GetDevice(d.index)
	if err != nil {
		return err
	}
	if d.name, err = g.Name(); err != nil {
		return err
	}
	d.name = strings.TrimRight(d.name, "\x00")
	if d.total, err = g.TotalMem(); err != nil {
		return err
	}
	if d.major, d.minor, err = g.ComputeCapability(); err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// The primary context is the one that cuBLAS, cuDNN and NCCL expect.
	if d.ctx, err = g.RetainPrimaryCtx(); err != nil {
		return err
	}
	if err = cu.SetCurrentContext(d.ctx); err != nil {
		return err
	}
	if d.stream, err = cu.MakeStream(cu.DefaultStream); err != nil {
		return err
	}
	d.memory = newAllocator(blocks{d}, func() {
		runtime.GC()
		runtime.GC() // cleanups of the first run in between
	})
	if err := d.ahead.open(d); err != nil {
		return err
	}
	p, err := cu.MemAlloc(8 * faultWords)
	if err != nil {
		return err
	}
	d.fault = uint64(p)
	d.programs = newPrograms(d)
	return cu.MemsetD8Async(p, 0, 8*faultWords, d.stream)
}

// do calls the driver.
func (d *Device) do(f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.locked(f)
}

// locked is do for who holds mu.
func (d *Device) locked(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cu.SetCurrentContext(d.ctx); err != nil {
		return err
	}
	return f()
}

// blocks is the memory of the driver.
type blocks struct{ d *Device }

func (b blocks) take(n int) (addr uint64, err error) {
	err = b.d.do(func() error {
		p, err := cu.MemAlloc(int64(n))
		addr = uint64(p)
		return err
	})
	return addr, err
}

func (b blocks) give(addr uint64) error {
	return b.d.do(func() error { return cu.MemFree(cu.DevicePtr(addr)) })
}

// String returns "cuda:0".
func (d *Device) String() string { return fmt.Sprintf("cuda:%d", d.index) }

// Name returns what the driver calls the GPU.
func (d *Device) Name() string { return d.name }

// Capability returns the compute capability: 8, 0 for sm_80.
func (d *Device) Capability() (major, minor int) { return d.major, d.minor }

// Memory says how much memory is used.
func (d *Device) Memory() Memory { return d.memory.memory().plus(d.ahead.memory.memory()) }

// plus returns the sums.
func (m Memory) plus(o Memory) Memory {
	return Memory{
		Allocated: m.Allocated + o.Allocated, Reserved: m.Reserved + o.Reserved, Peak: m.Peak + o.Peak,
		Reused: m.Reused + o.Reused, Taken: m.Taken + o.Taken, PeakReserved: m.PeakReserved + o.PeakReserved,
		Total: m.Total + o.Total, Blocks: m.Blocks + o.Blocks, Retries: m.Retries + o.Retries,
		Refused: m.Refused + o.Refused,
	}
}

// Total returns the bytes of memory that the GPU has.
func (d *Device) Total() int64 { return d.total }

// Drop gives memory that no tensor uses back to the driver.
func (d *Device) Drop() {
	d.memory.drop()
	d.ahead.memory.drop()
}

// New is part of engine.Device.
func (d *Device) New(n int) *engine.Buffer {
	addr, err := d.memory.take(n)
	if err != nil {
		engine.Fail(d.String(), "%v", err)
	}
	return engine.NewRemote(d, addr, n, func() { d.memory.give(addr) })
}

// inPlace is the size up to which a Buffer of the CPU may be one object with its memory.
const inPlace = 512

// Upload is part of engine.Device.
func (d *Device) Upload(b *engine.Buffer, at int, p []byte) {
	if len(p) == 0 {
		return
	}
	d.inside("Upload", b, at, len(p))
	if len(p) <= inPlace { // p may be part of an object with pointers, which cgo does not let through
		p = slices.Clone(p)
	}
	to := cu.DevicePtr(b.Addr() + uint64(at)) // before the lock: it may have work done that was put off
	d.check("Upload", d.do(func() error {
		return cu.MemcpyHtoDAsync(to, unsafe.Pointer(&p[0]), int64(len(p)), d.stream)
	}))
	runtime.KeepAlive(b)
}

// Download is part of engine.Device.
func (d *Device) Download(p []byte, b *engine.Buffer, at int) {
	d.inside("Download", b, at, len(p))
	if to := p; len(p) <= inPlace {
		p = make([]byte, len(p))
		defer func() { copy(to, p) }()
	}
	src := cu.DevicePtr(b.Addr() + uint64(at))
	d.check("Download", d.do(func() error {
		if len(p) > 0 {
			if err := cu.MemcpyDtoHAsync(unsafe.Pointer(&p[0]), src, int64(len(p)), d.stream); err != nil {
				return err
			}
		}
		return d.wait()
	}))
	runtime.KeepAlive(b)
}

func (d *Device) inside(where string, b *engine.Buffer, at, n int) {
	if at < 0 || at+n > b.Len() {
		engine.Fail(where, "bytes %d to %d of %d", at, at+n, b.Len())
	}
}

// Synchronize is part of engine.Device.
func (d *Device) Synchronize() { d.check("Synchronize", d.do(d.wait)) }

// faultWords is the length of what a Fault writes.
const faultWords = 4

// Codes of Fault.
const (
	faultIndex = 1 + iota
	faultLabel
	faultZero
	faultMatrix
)

// wait waits for the stream and returns the first fault that a kernel has reported, which it forgets.
func (d *Device) wait() error {
	var f [faultWords]uint64
	at := cu.DevicePtr(d.fault)
	if err := cu.MemcpyDtoHAsync(unsafe.Pointer(&f), at, 8*faultWords, d.stream); err != nil {
		return err
	}
	if err := d.stream.Synchronize(); err != nil {
		return err
	}
	if f[0] == 0 {
		return nil
	}
	if err := cu.MemsetD8Async(at, 0, 8*faultWords, d.stream); err != nil {
		return err
	}
	what := fmt.Sprintf("fault %d", f[0])
	switch f[0] {
	case faultIndex:
		what = fmt.Sprintf("index %d is outside [0, %d)", int64(f[2]), int64(f[3]))
	case faultLabel:
		what = fmt.Sprintf("label %d is outside [0, %d)", int64(f[2]), int64(f[3]))
	case faultZero:
		what = "division by zero"
	case faultMatrix:
		if what = "the matrix is singular"; f[2] != 0 {
			what = "the matrix is not positive definite; add a small multiple of the identity"
		}
	}
	return &engine.Error{Where: d.sites[f[1]], What: what}
}

// check panics with err as the error of an operator or method.
func (d *Device) check(where string, err error) {
	if err == nil {
		return
	}
	if e, ok := err.(*engine.Error); ok {
		panic(e)
	}
	engine.Fail(where, "%v: %v", d, err)
}
