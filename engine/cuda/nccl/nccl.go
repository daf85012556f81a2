//go:build cuda

package nccl

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
// #include "declared.h"
// static nccl_functions f;
// static const char* open_nccl(const char* path) {
//   void* lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
//   if (!lib) return dlerror();
//   const char* names[] = NCCL_NAMES;
//   for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
//     if (!(((void**)&f)[i] = dlsym(lib, names[i]))) return dlerror();
//   }
//   return 0;
// }
// static int nccl_version(int* v) { return f.version(v); }
// static const char* nccl_error(int e) { return f.error(e); }
// static int nccl_init(nccl_communicator* c, int n, const int* devices) { return f.init_all(c, n, devices); }
// static int nccl_destroy(nccl_communicator c) { return f.destroy(c); }
// typedef struct {
//   unsigned long long at, stream;
// } part;
// // root −1: all_reduce by op.
// static int nccl_run(int n, const nccl_communicator* c, const part* p, size_t count, int type, int op, int root) {
//   int e = f.group_start();
//   for (int i = 0; i < n && !e; i++) {
//     void *at = (void*)p[i].at, *stream = (void*)p[i].stream;
//     e = root < 0 ? f.all_reduce(at, at, count, type, op, c[i], stream)
//                  : f.broadcast(at, at, count, type, root, c[i], stream);
//   }
//   int end = f.group_end();
//   return e ? e : end;
// }
import "C"

import (
	"fmt"
	"strings"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/lib"
)

var load = sync.OnceValue(func() error {
	names := lib.Find("LATHE_LIBNCCL", "nccl", "libnccl.so.2")
	why := make([]string, 0, len(names))
	for _, n := range names {
		c := C.CString(n)
		e := C.open_nccl(c)
		C.free(unsafe.Pointer(c))
		if e == nil {
			return nil
		}
		why = append(why, C.GoString(e))
	}
	return fmt.Errorf("NCCL is not there (%s); LATHE_LIBNCCL may name it", strings.Join(why, "; "))
})

// Available says why there is no NCCL; nil when there is.
func Available() error { return load() }

// Communicator joins devices of this process. It is not safe for concurrent use.
type Communicator struct{ c []C.nccl_communicator }

// New joins devices, given by their numbers.
func New(devices []int) (*Communicator, error) {
	if err := load(); err != nil {
		return nil, err
	}
	list := make([]C.int, len(devices))
	for i, d := range devices {
		list[i] = C.int(d)
	}
	c := &Communicator{make([]C.nccl_communicator, len(devices))}
	if e := C.nccl_init(&c.c[0], C.int(len(list)), &list[0]); e != 0 {
		return nil, failure("ncclCommInitAll", e)
	}
	return c, nil
}

// Close frees the communicator.
func (c *Communicator) Close() error {
	for _, one := range c.c {
		if e := C.nccl_destroy(one); e != 0 {
			return failure("ncclCommDestroy", e)
		}
	}
	return nil
}

// Part is what one device contributes: an address, and the stream in whose order it is read and written.
type Part struct {
	Address uint64
	Stream  uintptr
}

var types = map[engine.DType]C.int{
	engine.F16: C.NCCL_F16, engine.F32: C.NCCL_F32, engine.F64: C.NCCL_F64, engine.BF16: C.NCCL_BF16,
}

// AllReduce replaces n elements of each part by their sum, or mean, over all.
func (c *Communicator) AllReduce(parts []Part, n int, t engine.DType, mean bool) error {
	by := C.int(C.NCCL_SUM)
	if mean {
		by = C.NCCL_AVG
	}
	return c.run("ncclAllReduce", parts, n, t, by, -1)
}

// Broadcast replaces n elements of each part by those of the first.
func (c *Communicator) Broadcast(parts []Part, n int, t engine.DType) error {
	return c.run("ncclBroadcast", parts, n, t, 0, 0)
}

func (c *Communicator) run(what string, parts []Part, n int, t engine.DType, by, root C.int) error {
	dt, ok := types[t]
	if !ok || len(parts) != len(c.c) {
		return fmt.Errorf("nccl: %s of %d parts of %v; want %d of f16, bf16, f32 or f64", what, len(parts), t, len(c.c))
	}
	list := make([]C.part, len(parts))
	for i, p := range parts {
		list[i] = C.part{C.ulonglong(p.Address), C.ulonglong(p.Stream)}
	}
	if e := C.nccl_run(C.int(len(list)), &c.c[0], &list[0], C.size_t(n), dt, by, root); e != 0 {
		return failure(what, e)
	}
	return nil
}

func failure(what string, e C.int) error {
	return fmt.Errorf("nccl: %s: %s", what, C.GoString(C.nccl_error(e)))
}
