//go:build cuda

package cuda

import (
	"fmt"
	"runtime"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/nvml"
	"gorgonia.org/cu"
)

// MemoryStats is part of engine.MemoryReporter.
func (d *Device) MemoryStats() map[string]int64 {
	m := d.Memory()
	return map[string]int64{
		"allocated_bytes.all.current":   m.Allocated,
		"allocated_bytes.all.peak":      m.Peak,
		"allocated_bytes.all.allocated": m.Total,
		"allocated_bytes.all.freed":     m.Total - m.Allocated,
		"reserved_bytes.all.current":    m.Reserved,
		"reserved_bytes.all.peak":       m.PeakReserved,
		"allocation.all.current":        m.Blocks,
		"num_alloc_retries":             m.Retries,
		"num_ooms":                      m.Refused,
	}
}

// ResetPeak is part of engine.MemoryReporter.
func (d *Device) ResetPeak() {
	d.memory.resetPeak()
	d.ahead.memory.resetPeak()
}

// Free returns the bytes that neither this process nor another one has of the GPU's memory.
func (d *Device) Free() (n int64) {
	d.check("Free", d.do(func() (err error) {
		n, _, err = cu.MemInfo()
		return err
	}))
	return n
}

// Usage is part of engine.UsageReporter.
func (d *Device) Usage() (engine.Usage, error) {
	g, err := d.management()
	if err != nil {
		return engine.Usage{}, err
	}
	return g.Usage()
}

// management finds the GPU in NVML, which numbers GPUs in its own way, by its place on the bus.
func (d *Device) management() (*nvml.GPU, error) {
	g, err := cu.GetDevice(d.index)
	if err != nil {
		return nil, err
	}
	at, err := g.Attributes(pciDomain, cu.PciBusID, cu.PciDeviceID)
	if err != nil {
		return nil, err
	}
	return nvml.Open(fmt.Sprintf("%08x:%02x:%02x.0", at[0], at[1], at[2]))
}

// pciDomain is CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID.
const pciDomain cu.DeviceAttribute = 50

// Replays says how compiled functions are run again.
func (d *Device) Replays() string {
	if f := lacking(); f != "" {
		return "compiled functions run launch by launch: the driver lacks " + f
	}
	return "compiled functions run as CUDA graphs"
}

// mark is an event of the driver in the stream.
type mark struct {
	d *Device
	e cu.Event
}

// Mark is part of engine.Timer.
func (d *Device) Mark() engine.Mark {
	m := &mark{d: d}
	d.check("Mark", d.do(func() (err error) {
		if m.e, err = cu.MakeEvent(cu.DefaultEvent); err != nil {
			return err
		}
		return m.e.Record(d.stream)
	}))
	runtime.AddCleanup(m, func(e cu.Event) {
		_ = d.do(func() error { return cu.DestroyEvent(&e) })
	}, m.e)
	return m
}

// Since is part of engine.Mark.
func (m *mark) Since(earlier engine.Mark) (took time.Duration) {
	m.d.check("Mark", m.d.do(func() error {
		if err := m.e.Synchronize(); err != nil {
			return err
		}
		ms, err := earlier.(*mark).e.Elapsed(m.e)
		took = time.Duration(ms * float64(time.Millisecond))
		return err
	}))
	runtime.KeepAlive(earlier)
	runtime.KeepAlive(m)
	return took
}
