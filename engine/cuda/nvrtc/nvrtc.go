//go:build cuda

package nvrtc

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
// typedef void* program;
// static struct {
//   int (*version)(int*, int*);
//   const char* (*error)(int);
//   int (*create)(program*, const char*, const char*, int, const char**, const char**);
//   int (*compile)(program, int, const char**);
//   int (*log_size)(program, size_t*);
//   int (*log)(program, char*);
//   int (*cubin_size)(program, size_t*);
//   int (*cubin)(program, char*);
//   int (*ptx_size)(program, size_t*);
//   int (*ptx)(program, char*);
//   int (*destroy)(program*);
// } nv;
// static const char* nv_open(const char* path) {
//   void* lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
//   if (!lib) return dlerror();
//   const char* names[] = {"nvrtcVersion", "nvrtcGetErrorString", "nvrtcCreateProgram", "nvrtcCompileProgram",
//     "nvrtcGetProgramLogSize", "nvrtcGetProgramLog", "nvrtcGetCUBINSize", "nvrtcGetCUBIN", "nvrtcGetPTXSize",
//     "nvrtcGetPTX", "nvrtcDestroyProgram"};
//   void** f = (void**)&nv;
//   for (int i = 0; i < 11; i++) {
//     if (!(f[i] = dlsym(lib, names[i]))) return dlerror();
//   }
//   return 0;
// }
// static int nv_version(int* a, int* b) { return nv.version(a, b); }
// static const char* nv_error(int e) { return nv.error(e); }
// static int nv_create(program* p, const char* s, const char* n) { return nv.create(p, s, n, 0, 0, 0); }
// static int nv_compile(program p, int n, const char** o) { return nv.compile(p, n, o); }
// static int nv_log_size(program p, size_t* n) { return nv.log_size(p, n); }
// static int nv_log(program p, char* b) { return nv.log(p, b); }
// static int nv_image_size(program p, int cubin, size_t* n) { return (cubin ? nv.cubin_size : nv.ptx_size)(p, n); }
// static int nv_image(program p, int cubin, char* b) { return (cubin ? nv.cubin : nv.ptx)(p, b); }
// static void nv_destroy(program p) { nv.destroy(&p); }
import "C"

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"
)

// libraries are the names that toolkits and wheels give the compiler.
var libraries = []string{
	"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so",
	"/usr/local/cuda/lib64/libnvrtc.so",
}

var load = sync.OnceValue(func() error {
	names := libraries
	if path := os.Getenv("LATHE_LIBNVRTC"); path != "" {
		names = []string{path}
	}
	var why []string
	for _, n := range names {
		c := C.CString(n)
		e := C.nv_open(c)
		C.free(unsafe.Pointer(c))
		if e == nil {
			return nil
		}
		why = append(why, C.GoString(e))
	}
	return fmt.Errorf("nvrtc: no compiler: %s; install the CUDA toolkit or the wheel nvidia-cuda-nvrtc, and name "+
		"the library in LATHE_LIBNVRTC where the loader does not find it", strings.Join(why, "; "))
})

// Version returns the compiler's version: "12.9".
func Version() (string, error) {
	if err := load(); err != nil {
		return "", err
	}
	var major, minor C.int
	if rc := C.nv_version(&major, &minor); rc != 0 {
		return "", failure("version", rc)
	}
	return fmt.Sprintf("%d.%d", major, minor), nil
}

// standard is the language that kernels are written in, as an option of the compiler.
const standard = "--std=c++17"

// Compile compiles CUDA C. arch is sm_80 for machine code, or compute_80 for PTX. The error holds the
// compiler's messages.
func Compile(source, arch string) ([]byte, error) {
	if err := load(); err != nil {
		return nil, err
	}
	text, name := C.CString(source), C.CString("kernel.cu")
	defer C.free(unsafe.Pointer(text))
	defer C.free(unsafe.Pointer(name))
	var p C.program
	if rc := C.nv_create(&p, text, name); rc != 0 {
		return nil, failure("create", rc)
	}
	defer C.nv_destroy(p)
	opts := []*C.char{C.CString("--gpu-architecture=" + arch), C.CString(standard)}
	defer func() {
		for _, o := range opts {
			C.free(unsafe.Pointer(o))
		}
	}()
	if rc := C.nv_compile(p, C.int(len(opts)), &opts[0]); rc != 0 {
		return nil, errors.Join(failure("compile for "+arch, rc), errors.New(messages(p)))
	}
	cubin := C.int(0)
	if strings.HasPrefix(arch, "sm_") {
		cubin = 1
	}
	var n C.size_t
	if rc := C.nv_image_size(p, cubin, &n); rc != 0 {
		return nil, failure("image", rc)
	}
	image := make([]byte, n)
	if rc := C.nv_image(p, cubin, (*C.char)(unsafe.Pointer(unsafe.SliceData(image)))); rc != 0 {
		return nil, failure("image", rc)
	}
	return image, nil
}

func messages(p C.program) string {
	var n C.size_t
	if C.nv_log_size(p, &n) != 0 || n == 0 {
		return ""
	}
	b := make([]byte, n)
	C.nv_log(p, (*C.char)(unsafe.Pointer(unsafe.SliceData(b))))
	return strings.TrimRight(string(b), "\x00\n")
}

func failure(what string, rc C.int) error {
	return fmt.Errorf("nvrtc: %s: %s", what, C.GoString(C.nv_error(rc)))
}
