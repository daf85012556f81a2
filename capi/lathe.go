// Command capi is Lathe as a library for C and whoever calls C: load a model, ask for its inputs, run it on the caller's memory.
//
//	go build -buildmode=c-shared -o liblathe.so ./capi
//	gcc main.c -I capi -L . -llathe
//	lathe_open("net.onnx", NULL, NULL, &m);
//	lathe_run(m, &x, 1, &y, 1);
//
// lathe.h tells what each function does; python/ and octave/ call it. It does not train, and it has no tensors, cells or notebooks.
// Nothing else in Lathe uses C, and nothing imports this package.
package main

/*
#include <stddef.h>
#include <stdint.h>

typedef struct { void *data; int32_t dtype; int32_t rank; int64_t shape[8]; } tensor;
typedef struct { char name[128]; int32_t dtype; int32_t rank; int64_t shape[8]; } info;
void lathe_set_error(const char *text, size_t n);
*/
import "C"

import (
	"fmt"
	"runtime/debug"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/jit/importer"
	"github.com/lathe-ml/lathe/jit/model"
)

const maxRank = 8

// handle is an open model. Runs hold mu for reading, or as a whole when the graph has states; closing waits for them.
type handle struct {
	mu     sync.RWMutex
	m      *model.Model
	states bool
}

var (
	mu     sync.Mutex
	models = map[C.uint64_t]*handle{}
	last   C.uint64_t
)

func main() {}

// guard runs f and turns its error, or a panic, into −1 and the thread's message.
func guard(f func() error) (code C.int) {
	defer func() {
		if r := recover(); r != nil {
			code = fault(fmt.Errorf("lathe: this should not happen: %v\n%s", r, debug.Stack()))
		}
	}()
	var err error
	if caught := engine.Catch(func() { err = f() }); caught != nil {
		err = caught
	}
	if err != nil {
		return fault(err)
	}
	return 0
}

func fault(err error) C.int {
	s := err.Error()
	C.lathe_set_error((*C.char)(unsafe.Pointer(unsafe.StringData(s))), C.size_t(len(s)))
	return -1
}

func find(id C.uint64_t) (*handle, error) {
	mu.Lock()
	defer mu.Unlock()
	if h := models[id]; h != nil {
		return h, nil
	}
	return nil, fmt.Errorf("lathe: model %d is not open", uint64(id))
}

func goString(s *C.char) string {
	if s == nil {
		return ""
	}
	return C.GoString(s)
}

//export lathe_open
func lathe_open(path, weights, shapes *C.char, id *C.uint64_t) C.int {
	return guard(func() error {
		if path == nil || id == nil {
			return fmt.Errorf("lathe_open: path and model must not be NULL")
		}
		m, err := importer.Model(goString(path), goString(weights), goString(shapes), nil)
		if err != nil {
			return err
		}
		g := m.Graph()
		for _, v := range g.Inputs {
			if s := g.Type(v.Value).Shape; len(s) > maxRank {
				return fmt.Errorf("lathe_open: input %s has rank %d, want at most %d", v.Name, len(s), maxRank)
			}
		}
		for _, v := range g.Outputs {
			if s := g.Type(v.Value).Shape; len(s) > maxRank {
				return fmt.Errorf("lathe_open: output %s has rank %d, want at most %d", v.Name, len(s), maxRank)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		last++
		models[last] = &handle{m: m, states: len(g.States) > 0}
		*id = last
		return nil
	})
}

//export lathe_close
func lathe_close(id C.uint64_t) {
	guard(func() error {
		mu.Lock()
		h := models[id]
		delete(models, id)
		mu.Unlock()
		if h == nil {
			return nil
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		m := h.m
		h.m = nil
		return m.Close()
	})
}

//export lathe_counts
func lathe_counts(id C.uint64_t, inputs, outputs *C.int32_t) C.int {
	return guard(func() error {
		h, err := find(id)
		if err != nil {
			return err
		}
		h.mu.RLock()
		defer h.mu.RUnlock()
		if h.m == nil || inputs == nil || outputs == nil {
			return fmt.Errorf("lathe_counts: the model is closed, or inputs or outputs is NULL")
		}
		g := h.m.Graph()
		*inputs, *outputs = C.int32_t(len(g.Inputs)), C.int32_t(len(g.Outputs))
		return nil
	})
}

//export lathe_input
func lathe_input(id C.uint64_t, i C.int32_t, out *C.info) C.int { return describe(id, i, out, true) }

//export lathe_output
func lathe_output(id C.uint64_t, i C.int32_t, out *C.info) C.int { return describe(id, i, out, false) }

func describe(id C.uint64_t, i C.int32_t, out *C.info, input bool) C.int {
	return guard(func() error {
		h, err := find(id)
		if err != nil {
			return err
		}
		h.mu.RLock()
		defer h.mu.RUnlock()
		if h.m == nil || out == nil {
			return fmt.Errorf("lathe: the model is closed, or info is NULL")
		}
		p := ports(h.m, input)
		if i < 0 || int(i) >= len(p) {
			return fmt.Errorf("lathe: input or output %d of %d", i, len(p))
		}
		*out = C.info{dtype: C.int32_t(p[i].dtype), rank: C.int32_t(len(p[i].shape))}
		for k, b := range []byte(p[i].name[:min(len(p[i].name), len(out.name)-1)]) {
			out.name[k] = C.char(b)
		}
		for k, n := range p[i].shape {
			out.shape[k] = C.int64_t(n)
		}
		return nil
	})
}

// port is an input or output of a model.
type port struct {
	name  string
	dtype engine.DType
	shape engine.Shape
}

func ports(m *model.Model, inputs bool) []port {
	g := m.Graph()
	var out []port
	if inputs {
		for _, v := range g.Inputs {
			t := g.Type(v.Value)
			out = append(out, port{v.Name, t.DType, t.Shape})
		}
		return out
	}
	for _, v := range g.Outputs {
		t := g.Type(v.Value)
		out = append(out, port{v.Name, t.DType, t.Shape})
	}
	return out
}

// view returns the caller's memory of a tensor as an array, after a check of its type and shape.
func view(kind string, i int, t *C.tensor, p port) (engine.Array, error) {
	var shape engine.Shape
	for k := range min(max(int(t.rank), 0), maxRank) {
		shape = append(shape, int(t.shape[k]))
	}
	if engine.DType(t.dtype) != p.dtype || int(t.rank) != len(p.shape) || !shape.Equal(p.shape) {
		return engine.Array{}, fmt.Errorf("lathe_run: %s %d (%s) has type %d and shape %v, the model wants %v%v (type %d)",
			kind, i, p.name, t.dtype, shape, p.dtype, p.shape, p.dtype)
	}
	n := p.shape.Numel() * p.dtype.Size()
	if t.data == nil && n > 0 {
		return engine.Array{}, fmt.Errorf("lathe_run: %s %d (%s) has no data", kind, i, p.name)
	}
	mem := unsafe.Slice((*byte)(t.data), n)
	if n > 0 && uintptr(t.data)%uintptr(p.dtype.Size()) != 0 {
		return engine.Array{}, fmt.Errorf("lathe_run: data of %s %d (%s) are at an odd address", kind, i, p.name)
	}
	return engine.Array{DType: p.dtype, Shape: p.shape, Strides: p.shape.Strides(), Buf: engine.WrapBytes(mem)}, nil
}

//export lathe_run
func lathe_run(id C.uint64_t, inputs *C.tensor, nIn C.int32_t, outputs *C.tensor, nOut C.int32_t) C.int {
	return guard(func() error {
		h, err := find(id)
		if err != nil {
			return err
		}
		if h.states {
			h.mu.Lock()
			defer h.mu.Unlock()
		} else {
			h.mu.RLock()
			defer h.mu.RUnlock()
		}
		if h.m == nil {
			return fmt.Errorf("lathe_run: model %d is closed", uint64(id))
		}
		in, out := ports(h.m, true), ports(h.m, false)
		if int(nIn) != len(in) || int(nOut) != len(out) || inputs == nil && nIn > 0 || outputs == nil && nOut > 0 {
			return fmt.Errorf("lathe_run: %d inputs and %d outputs, the model has %d and %d", nIn, nOut, len(in), len(out))
		}
		args, results := make([]engine.Array, len(in)), make([]engine.Array, len(out))
		for i, t := range unsafe.Slice(inputs, int(nIn)) {
			if args[i], err = view("input", i, &t, in[i]); err != nil {
				return err
			}
		}
		for i, t := range unsafe.Slice(outputs, int(nOut)) {
			if results[i], err = view("output", i, &t, out[i]); err != nil {
				return err
			}
		}
		y, err := h.m.Run(args)
		if err != nil {
			return err
		}
		for i, a := range y {
			if err := cpu.Copy(results[i], a); err != nil {
				return err
			}
		}
		return nil
	})
}

//export lathe_threads
func lathe_threads(n C.int32_t) { engine.SetThreads(max(int(n), 0)) }

//export lathe_version
func lathe_version() C.int { return 1 }
