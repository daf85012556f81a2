package op

import (
	"fmt"
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/engine"
)

// Device runs operators in memory of its own.
type Device interface {
	engine.Device
	// Run computes out from in as Def.CPU does: promoted, broadcast, any strides, also of results. All lie on
	// the device, but for operands of one element that is in the memory of the CPU. It returns when the work
	// is given to the device; later work and Download wait for it. It panics with *engine.Error for an
	// operator that the device lacks, and for values out of range at the latest in Download.
	Run(d *Def, a Attrs, out, in []engine.Array)
}

// Step is one application of an operator in a Sequence. The memory of its arrays is what their Buffers stand for
// when the Sequence runs, and their offsets may change in between, as its attributes may.
type Step struct {
	Def     *Def
	Attrs   Attrs // of the first run
	Out, In []engine.Array
}

// Sequence is a list of steps that a Device knows ahead. It runs for one caller at a time.
type Sequence interface {
	// Run does the steps; attrs returns the attributes of step i in this run.
	Run(attrs func(i int) Attrs)
	// String says how the steps are done.
	String() string
}

// Recorder is a Device that does a list of steps again with less work than one by one.
type Recorder interface {
	Device
	// Record returns the steps as a Sequence; nil where it has no better way than Run for each.
	Record(steps []Step) Sequence
}

// devices open the devices of each kind.
var devices = map[string]func(i int) (Device, error){}

// RegisterDevices says how the devices of a kind ("cuda") are opened. Packages of devices call it from init.
func RegisterDevices(kind string, open func(i int) (Device, error)) { devices[kind] = open }

// opened are the devices that OpenDevice has returned.
var opened struct {
	sync.Mutex
	list []Device
}

// Opened returns the devices that this process has opened, each once, in that order.
func Opened() []Device {
	opened.Lock()
	defer opened.Unlock()
	return slices.Clone(opened.list)
}

// OpenDevice returns device i of a kind.
func OpenDevice(kind string, i int) (Device, error) {
	open := devices[kind]
	if open == nil {
		return nil, fmt.Errorf("this binary has no devices of kind %s; build it with -tags %s, see docs/%s.md", kind, kind,
			kind)
	}
	d, err := open(i)
	if err != nil {
		return nil, err
	}
	opened.Lock()
	defer opened.Unlock()
	if !slices.Contains(opened.list, d) {
		opened.list = append(opened.list, d)
	}
	return d, nil
}
