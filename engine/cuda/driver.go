//go:build cuda

package cuda

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
// typedef struct {
//   void* func;
//   unsigned grid[3], block[3], shared;
//   void **params, **extra;
// } kernel_node;
// static struct {
//   int (*begin)(void* stream, int mode);
//   int (*end)(void* stream, void** graph);
//   int (*info)(void* stream, int* status, unsigned long long* id, void** graph, void* const** nodes, size_t* n);
//   int (*instantiate)(void** exec, void* graph, unsigned long long flags);
//   int (*params)(void* node, kernel_node* p);
//   int (*set)(void* exec, void* node, const kernel_node* p);
//   int (*launch)(void* exec, void* stream);
//   int (*drop)(void* exec);
//   int (*destroy)(void* graph);
//   int (*host_alloc)(void** p, size_t n, unsigned flags);
//   int (*host_free)(void* p);
// } drv;
// static const char* drv_open(const char* path) {
//   void* lib = dlopen(path ? path : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
//   if (!lib) return "libcuda.so.1";
//   static const char* names[] = {"cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuStreamGetCaptureInfo_v2",
//     "cuGraphInstantiateWithFlags", "cuGraphKernelNodeGetParams", "cuGraphExecKernelNodeSetParams", "cuGraphLaunch",
//     "cuGraphExecDestroy", "cuGraphDestroy", "cuMemHostAlloc", "cuMemFreeHost"};
//   void** f = (void**)&drv;
//   const char* lacks = 0;
//   for (int i = 10; i >= 0; i--) {
//     if (!(f[i] = dlsym(lib, names[i]))) lacks = names[i];
//   }
//   return lacks;
// }
// static int drv_begin(void* s) { return drv.begin(s, 1); }
// static int drv_end(void* s, void** graph) { return drv.end(s, graph); }
// static int drv_last(void* s, void** node) {
//   int status = 0;
//   unsigned long long id;
//   void *graph, *const* nodes = 0;
//   size_t n = 0;
//   int e = drv.info(s, &status, &id, &graph, &nodes, &n);
//   if (e || status != 1 || n != 1) return e ? e : 901;
//   *node = nodes[0];
//   return 0;
// }
// static int drv_instantiate(void** exec, void* graph) { return drv.instantiate(exec, graph, 0); }
// static int drv_set(void* exec, void* node, void* words) {
//   kernel_node p;
//   void* list[1] = {words};
//   int e = drv.params(node, &p);
//   p.params = list;
//   p.extra = 0;
//   return e ? e : drv.set(exec, node, &p);
// }
// static int drv_launch(void* exec, void* s) { return drv.launch(exec, s); }
// static void drv_drop(void* exec) { drv.drop(exec); }
// static void drv_destroy(void* graph) { drv.destroy(graph); }
// static void* drv_host(size_t n) {
//   void* p = 0;
//   return drv.host_alloc && drv.host_alloc(&p, n, 1) == 0 ? p : 0;
// }
import "C"

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"unsafe"

	"gorgonia.org/cu"
)

// The functions of the driver that package gorgonia.org/cu lacks: graphs of launches, and memory of the host that the
// GPU copies from by itself.

// lacking names a function that the driver does not have; "" when it has all.
var lacking = sync.OnceValue(func() string {
	var path *C.char
	if p := os.Getenv("LATHE_LIBCUDA"); p != "" {
		path = C.CString(p)
		defer C.free(unsafe.Pointer(path))
	}
	if e := C.drv_open(path); e != nil {
		return C.GoString(e)
	}
	return ""
})

// replay is an instantiated graph with its kernel nodes, in the order of the launches.
type replay struct {
	graph, exec unsafe.Pointer
	nodes       []unsafe.Pointer
}

func result(what string, e C.int) error {
	if e == 0 {
		return nil
	}
	return fmt.Errorf("%s: error %d of the driver", what, int(e))
}

func handle(s cu.Stream) unsafe.Pointer { return unsafe.Pointer(s.C()) }

// capture records what launch(i), for i below n, gives to the stream, which runs nothing of it, as a graph. Like all
// here it needs a context. Arguments can be replaced of those that are kernels.
func capture(s cu.Stream, n int, launch func(i int) error, kernel func(i int) bool) (*replay, error) {
	if err := result("cuStreamBeginCapture", C.drv_begin(handle(s))); err != nil {
		return nil, err
	}
	r := &replay{nodes: make([]unsafe.Pointer, n)}
	var err error
	for i := 0; i < n && err == nil; i++ {
		if err = launch(i); err == nil && kernel(i) {
			err = result("cuStreamGetCaptureInfo", C.drv_last(handle(s), &r.nodes[i]))
		}
	}
	if e := result("cuStreamEndCapture", C.drv_end(handle(s), &r.graph)); err == nil {
		err = e
	}
	if err == nil {
		err = result("cuGraphInstantiate", C.drv_instantiate(&r.exec, r.graph))
	}
	if err != nil {
		r.drop()
		return nil, err
	}
	liveGraphs.Add(1)
	return r, nil
}

// set replaces the arguments of launch i from the next replay on.
func (r *replay) set(i int, words []uint64) error {
	return result("cuGraphExecKernelNodeSetParams", C.drv_set(r.exec, r.nodes[i], unsafe.Pointer(&words[0])))
}

// launch starts all launches.
func (r *replay) launch(s cu.Stream) error {
	return result("cuGraphLaunch", C.drv_launch(r.exec, handle(s)))
}

// liveGraphs counts graphs that were instantiated and not dropped.
var liveGraphs atomic.Int64

func (r *replay) drop() {
	if r.exec != nil {
		liveGraphs.Add(-1)
	}
	if r.exec != nil {
		C.drv_drop(r.exec)
	}
	if r.graph != nil {
		C.drv_destroy(r.graph)
	}
	r.exec, r.graph = nil, nil
}

// pinned returns n bytes of the host's memory that the GPU can copy from by itself; nil: the driver gives none.
func pinned(n int) []byte {
	lacking() // finds the driver's functions; the one for this may be there where others are not
	p := C.drv_host(C.size_t(n))
	if p == nil {
		return nil
	}
	return unsafe.Slice((*byte)(p), n)
}
