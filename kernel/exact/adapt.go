package exact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
	"github.com/lathe-ml/lathe/kernel/outcome"
)

// adapt replaces the functions that read standard input, print, wait or end the process.
func (x *Executor) adapt(symbols map[string]map[string]reflect.Value) {
	set := func(path string, fns map[string]any) {
		if symbols[path] == nil {
			return
		}
		own := maps.Clone(symbols[path])
		for name, f := range fns {
			own[name] = reflect.ValueOf(f)
		}
		symbols[path] = own
	}
	set("fmt", map[string]any{
		"Print":   func(a ...any) (int, error) { return fmt.Fprint(x.stdout(), a...) },
		"Printf":  func(f string, a ...any) (int, error) { return fmt.Fprintf(x.stdout(), f, a...) },
		"Println": func(a ...any) (int, error) { return fmt.Fprintln(x.stdout(), a...) },
		"Scan":    func(a ...any) (int, error) { return fmt.Fscan(x.opts.Stdin, a...) },
		"Scanf":   func(f string, a ...any) (int, error) { return fmt.Fscanf(x.opts.Stdin, f, a...) },
		"Scanln":  func(a ...any) (int, error) { return fmt.Fscanln(x.opts.Stdin, a...) },
	})
	set("os", map[string]any{"Exit": func(code int) { panic(exit(code)) }})
	fatal := func(text string) {
		_ = log.Output(3, text) // there is nothing left to do about it
		panic(exit(1))
	}
	set("log", map[string]any{
		"Fatal":   func(a ...any) { fatal(fmt.Sprint(a...)) },
		"Fatalf":  func(f string, a ...any) { fatal(fmt.Sprintf(f, a...)) },
		"Fatalln": func(a ...any) { fatal(fmt.Sprintln(a...)) },
	})
	set("time", map[string]any{"Sleep": x.sleep, "AfterFunc": x.afterTime})
	set("context", map[string]any{"AfterFunc": x.afterContext})
	x.m.instead["(*sync.WaitGroup).Go"] = reflect.ValueOf(x.waitGroupGo)
	set("runtime", map[string]any{"Breakpoint": func() { panic(errBreakpoint) }})
}

var errBreakpoint = errors.New("runtime.Breakpoint: no debugger is attached")

// stdout is where fmt prints: nowhere, for a goroutine that outlived its interrupted cell.
func (x *Executor) stdout() io.Writer {
	if x.Stray() {
		return io.Discard
	}
	return os.Stdout
}

// sleep is time.Sleep, ended by a stop of the run.
func (x *Executor) sleep(d time.Duration) {
	in := x.m.live.here()
	if in == nil || in.run == nil || d <= 0 {
		time.Sleep(d)
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-in.run.done:
		poll(in)
	}
}

// spawn returns a function that runs f as a goroutine of the cell that is running now. Were it a goroutine of
// compiled code, a panic in f would end the kernel. end, if there is one, is called when f has ended.
func (x *Executor) spawn(f, end func()) (start func()) {
	r := x.m.live.runOf(x.m.live.here())
	return func() {
		x.m.live.start(&goroutine{run: r}, f, func(f *outcome.Failure) {
			if f != nil && !f.Interrupted {
				x.m.live.report(f)
			}
			if end != nil {
				end()
			}
		})
	}
}

// afterTime is time.AfterFunc.
func (x *Executor) afterTime(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, x.spawn(f, nil))
}

// afterContext is context.AfterFunc.
func (x *Executor) afterContext(ctx context.Context, f func()) (stop func() bool) {
	return context.AfterFunc(ctx, x.spawn(f, nil))
}

// waitGroupGo is the method Go of sync.WaitGroup.
func (x *Executor) waitGroupGo(w *sync.WaitGroup, f func()) {
	w.Add(1)
	x.spawn(f, w.Done)()
}

// input stands for os.Stdin where that is used as a reader.
type input struct{ io.Reader }

// standardInput compiles the conversion of os.Stdin to an interface that readers implement.
func (c *compiler) standardInput(in *ssa.MakeInterface, it reflect.Type) op {
	read, ok := in.X.(*ssa.UnOp)
	if !ok || c.m.stdin == nil {
		return nil
	}
	g, ok := read.X.(*ssa.Global)
	t := reflect.TypeFor[*input]()
	if !ok || g.Name() != "Stdin" || g.Pkg.Pkg.Path() != "os" || it.NumMethod() == 0 || !t.Implements(it) {
		return nil
	}
	d, tab, data := c.off(in), native.Table(native.Of(it), native.Of(t)), P(c.m.stdin)
	return func(fp P) { *(*native.Iface)(unsafe.Add(fp, d)) = native.Iface{Tab: tab, Data: data} }
}

// intrinsic compiles calls of functions that have neither a symbol nor a body.
func (c *compiler) intrinsic(s *ssa.Function, site *callSite) op {
	if s.Origin() != nil {
		s = s.Origin()
	}
	name := s.String()
	if method, ok := strings.CutPrefix(name, "(*sync/atomic.Pointer[T])."); ok {
		return atomicPointer(method, site)
	}
	if name == overlayPath("maps")+".clone" {
		x, d := site.args[0].off, site.results[0].off
		return func(fp P) {
			v := reflect.ValueOf(load[any](fp, x))
			n := reflect.MakeMapWithSize(v.Type(), v.Len())
			for it := v.MapRange(); it.Next(); {
				n.SetMapIndex(it.Key(), it.Value())
			}
			store(fp, d, n.Interface())
		}
	}
	return nil
}

// atomicPointer compiles the methods of atomic.Pointer, whose pointer is the last field.
func atomicPointer(method string, site *callSite) op {
	arg := func(i int) uintptr { return site.args[i].off }
	var d uintptr
	if len(site.results) > 0 {
		d = site.results[0].off
	}
	word := func(fp P) *P {
		p := load[P](fp, arg(0))
		if p == nil {
			nilPanic()
		}
		return (*P)(p)
	}
	switch method {
	case "Load":
		return func(fp P) { v := atomic.LoadPointer(word(fp)); storeResult(fp, d, v) }
	case "Store":
		return func(fp P) { atomic.StorePointer(word(fp), load[P](fp, arg(1))) }
	case "Swap":
		return func(fp P) { v := atomic.SwapPointer(word(fp), load[P](fp, arg(1))); storeResult(fp, d, v) }
	case "CompareAndSwap":
		return func(fp P) {
			ok := atomic.CompareAndSwapPointer(word(fp), load[P](fp, arg(1)), load[P](fp, arg(2)))
			if d != 0 {
				store(fp, d, ok)
			}
		}
	}
	return nil
}

func storeResult(fp P, d uintptr, v unsafe.Pointer) {
	if d != 0 {
		store(fp, d, v)
	}
}
