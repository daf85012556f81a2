//go:build cuda

package nvml

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
// typedef struct { unsigned gpu, memory; } rates;
// typedef struct { unsigned long long total, free, used; } amounts;
// static struct {
//   int (*init)(void);
//   const char* (*error)(int);
//   int (*by_bus)(const char*, void**);
//   int (*rates)(void*, rates*);
//   int (*amounts)(void*, amounts*);
// } ml;
// static const char* ml_open(const char* path) {
//   void* lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
//   if (!lib) return dlerror();
//   const char* names[] = {"nvmlInit_v2", "nvmlErrorString", "nvmlDeviceGetHandleByPciBusId_v2",
//     "nvmlDeviceGetUtilizationRates", "nvmlDeviceGetMemoryInfo"};
//   for (int i = 0; i < 5; i++) {
//     if (!(((void**)&ml)[i] = dlsym(lib, names[i]))) return dlerror();
//   }
//   return 0;
// }
// static int ml_init(void) { return ml.init(); }
// static const char* ml_error(int e) { return ml.error(e); }
// static int ml_by_bus(const char* bus, void** d) { return ml.by_bus(bus, d); }
// static int ml_rates(void* d, rates* r) { return ml.rates(d, r); }
// static int ml_amounts(void* d, amounts* a) { return ml.amounts(d, a); }
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
	names := lib.Find("LATHE_LIBNVIDIAML", "nvml", "libnvidia-ml.so.1")
	why := make([]string, 0, len(names))
	for _, n := range names {
		c := C.CString(n)
		e := C.ml_open(c)
		C.free(unsafe.Pointer(c))
		if e == nil {
			return failure("nvmlInit", C.ml_init())
		}
		why = append(why, C.GoString(e))
	}
	return fmt.Errorf("NVML is not there (%s); it comes with NVIDIA's driver, and LATHE_LIBNVIDIAML may name it",
		strings.Join(why, "; "))
})

// GPU is a device of the library. It is safe for concurrent use.
type GPU struct{ handle unsafe.Pointer }

// Open finds the GPU with an address on the bus: domain, bus and device as in "00000000:01:00.0".
func Open(bus string) (*GPU, error) {
	if err := load(); err != nil {
		return nil, err
	}
	c := C.CString(bus)
	defer C.free(unsafe.Pointer(c))
	var g GPU
	if err := failure("GPU at "+bus, C.ml_by_bus(c, &g.handle)); err != nil {
		return nil, err
	}
	return &g, nil
}

// Usage asks for what is used now, by all processes.
func (g *GPU) Usage() (u engine.Usage, err error) {
	var a C.amounts
	if err := failure("memory", C.ml_amounts(g.handle, &a)); err != nil {
		return u, err
	}
	u.Used, u.Total = int64(a.used), int64(a.total)
	var r C.rates
	if err := failure("utilisation", C.ml_rates(g.handle, &r)); err != nil {
		return u, err
	}
	u.Busy = float64(r.gpu) / 100
	return u, nil
}

func failure(what string, rc C.int) error {
	if rc == 0 {
		return nil
	}
	return fmt.Errorf("NVML: %s: %s", what, C.GoString(C.ml_error(rc)))
}
