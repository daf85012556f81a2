//go:build cuda

package cuda

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/nvrtc"
	"github.com/lathe-ml/lathe/engine/cuda/source"
	"github.com/lathe-ml/lathe/engine/op"
	"gorgonia.org/cu"
)

// Run is part of op.Device.
func (d *Device) Run(o *op.Def, a op.Attrs, out, in []engine.Array) {
	in = d.uploaded(o, in)
	p, err := d.target().For(o, a, out, in)
	d.check(o.Name, err)
	d.execute(o.Name, p)
	runtime.KeepAlive(out)
	runtime.KeepAlive(in)
}

// uploaded returns in with operands of one element brought to the device that are no arguments of o's kernel.
func (d *Device) uploaded(o *op.Def, in []engine.Array) []engine.Array {
	var r []engine.Array
	for i, x := range in {
		if x.Buf == nil || x.Device() != nil || source.TakesNumber(o, x) {
			continue
		}
		if r == nil {
			r = append(r, in...)
		}
		size := x.DType.Size()
		n := size
		if !repeats(x) { // converted after it was expanded
			if !x.IsContiguous() {
				engine.Fail(o.Name, "operand %d (%v) is on the CPU; move it: x.To(y.Device())", i, x)
			}
			n *= x.Numel()
		}
		r[i].Buf, r[i].Offset = d.New(n), 0
		d.Upload(r[i].Buf, 0, x.Buf.Bytes()[x.Offset*size:][:n])
	}
	if r == nil {
		return in
	}
	return r
}

// repeats reports whether all elements of x are the one at its offset.
func repeats(x engine.Array) bool {
	for i, n := range x.Shape {
		if n != 1 && x.Strides[i] != 0 {
			return false
		}
	}
	return x.Numel() > 0
}

// execute gives the launches of a plan to the stream.
func (d *Device) execute(name string, p *source.Plan) {
	temps := make([]*engine.Buffer, len(p.Temps))
	for i, n := range p.Temps {
		temps[i] = d.New(n)
	}
	for i := range p.Launches {
		l := &p.Launches[i]
		if l.Kernel == nil {
			d.check(name, d.call(l, temps))
			continue
		}
		f, err := d.programs.get(l.Kernel)
		d.check(name, err)
		words := d.words(l, temps) // before the lock: it may have work done that was put off
		d.check(name, d.do(func() error {
			d.head(name, words)
			return d.launch(f, l, words)
		}))
	}
	for _, t := range temps {
		t.Release() // the next use comes later in the stream
	}
}

// words are the arguments of a launch, behind an empty header.
func (d *Device) words(l *source.Launch, temps []*engine.Buffer) []uint64 {
	words := make([]uint64, source.HeadWords, source.HeadWords+len(l.Words))
	for _, w := range l.Words {
		v := w.Bits
		if w.Temp > 0 {
			v += temps[w.Temp-1].Addr()
		} else if w.Buf != nil {
			v += w.Buf.Addr()
		}
		words = append(words, v)
	}
	return words
}

// head fills in the header of the arguments of a launch for the operator name. mu is held.
func (d *Device) head(name string, words []uint64) {
	words[0], words[1], words[2] = uint64(len(words)), d.fault, uint64(d.site(name))
}

// launch starts a kernel. mu is held.
func (d *Device) launch(f cu.Function, l *source.Launch, words []uint64) error {
	// Launch copies the words one behind the other, which is the struct that the kernel takes.
	params := make([]unsafe.Pointer, len(words))
	for i := range words {
		params[i] = unsafe.Pointer(&words[i])
	}
	return f.Launch(l.Grid[0], l.Grid[1], l.Grid[2], l.Block, 1, 1, 0, d.stream, params)
}

// site is the number of an operator in faults.
func (d *Device) site(name string) int {
	s, ok := d.siteOf[name]
	if !ok {
		s = len(d.sites)
		d.sites, d.siteOf[name] = append(d.sites, name), s
	}
	return s
}

// programs holds the compiled kernels of a device.
type programs struct {
	d    *Device
	disk diskCache

	mu        sync.Mutex
	functions map[string]cu.Function
}

func newPrograms(d *Device) *programs {
	return &programs{d: d, disk: userCache(), functions: map[string]cu.Function{}}
}

func (p *programs) get(k *source.Kernel) (cu.Function, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f, ok := p.functions[k.Name]; ok {
		return f, nil
	}
	if err := p.load([]*source.Kernel{k}); err != nil {
		return cu.Function{}, err
	}
	return p.functions[k.Name], nil
}

// load compiles kernels as one program.
func (p *programs) load(kernels []*source.Kernel) error {
	image, err := p.image(source.Join(kernels))
	if err != nil {
		return fmt.Errorf("kernel %s: %w", kernels[0].Name, err)
	}
	return p.d.do(func() error {
		m, err := cu.LoadData(string(image))
		if err != nil {
			return fmt.Errorf("kernel %s: %w", kernels[0].Name, err)
		}
		for _, k := range kernels {
			if p.functions[k.Name], err = m.Function(k.Name); err != nil {
				return fmt.Errorf("kernel %s: %w", k.Name, err)
			}
		}
		return nil
	})
}

// image returns the machine code of a text, from the disk where it has been compiled before.
func (p *programs) image(text string) ([]byte, error) {
	version, err := nvrtc.Version()
	if err != nil {
		return nil, err
	}
	arch := fmt.Sprintf("sm_%d%d", p.d.major, p.d.minor)
	path := p.disk.path(text, arch+" "+p.d.name, version)
	if b, ok := p.disk.load(path); ok {
		return b, nil
	}
	b, err := nvrtc.Compile(text, arch)
	if err != nil {
		return nil, err
	}
	p.disk.store(path, b)
	return b, nil
}

// Prepare compiles kernels ahead of their first use, as one program.
func (d *Device) Prepare(kernels []*source.Kernel) error {
	p := d.programs
	p.mu.Lock()
	defer p.mu.Unlock()
	var rest []*source.Kernel
	for _, k := range kernels {
		if _, ok := p.functions[k.Name]; !ok {
			rest = append(rest, k)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return p.load(rest)
}

// userCache is the cache of the user who runs the process.
func userCache() diskCache {
	dir, err := os.UserCacheDir()
	if err != nil {
		return diskCache{}
	}
	return diskCache{filepath.Join(dir, "lathe", "cuda")}
}
