//go:build cuda

package blas

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
// #include "blas.h"
// static blas_functions f;
// static const char* open_blas(const char* path) {
//   void* lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
//   if (!lib) return dlerror();
//   const char* names[] = BLAS_NAMES;
//   for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
//     if (!(((void**)&f)[i] = dlsym(lib, names[i]))) return dlerror();
//   }
//   return 0;
// }
// static int blas_create(blas_handle* h) { return f.create(h); }
// static int blas_destroy(blas_handle h) { return f.destroy(h); }
// static int blas_version(blas_handle h, int* v) { return f.version(h, v); }
// static int blas_prepare(blas_handle h, unsigned long long stream, unsigned long long at, size_t n, int math) {
//   int e = f.set_stream(h, (void*)stream);  // takes the workspace away
//   if (!e) e = f.set_workspace(h, (void*)at, n);
//   return e ? e : f.set_math(h, math);
// }
// typedef struct {
//   int ta, tb, m, n, k, type, lda, ldb, ldc, batch, compute, add;
//   long long sa, sb, sc;
//   unsigned long long a, b, c;
// } product;
// static int blas_product(blas_handle h, const product* p) {
//   float one[2] = {1, 0}, other[2] = {p->add, 0};
//   double one_d[2] = {1, 0}, other_d[2] = {p->add, 0};
//   int wide = p->compute == BLAS_COMPUTE_64F;
//   return f.gemm(h, p->ta, p->tb, p->m, p->n, p->k, wide ? (void*)one_d : (void*)one, (void*)p->a, p->type, p->lda, p->sa,
//                 (void*)p->b, p->type, p->ldb, p->sb, wide ? (void*)other_d : (void*)other, (void*)p->c, p->type, p->ldc,
//                 p->sc, p->batch, p->compute, BLAS_GEMM_DEFAULT);
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
	names := lib.Find("LATHE_LIBCUBLAS", "cublas", "libcublas.so.13", "libcublas.so.12", "libcublas.so.11")
	why := make([]string, 0, len(names))
	for _, n := range names {
		c := C.CString(n)
		e := C.open_blas(c)
		C.free(unsafe.Pointer(c))
		if e == nil {
			return nil
		}
		why = append(why, C.GoString(e))
	}
	return fmt.Errorf("cuBLAS is not there (%s); LATHE_LIBCUBLAS may name it", strings.Join(why, "; "))
})

// Available says why there is no cuBLAS; nil when there is.
func Available() error { return load() }

// Handle is cuBLAS on one device. It is not safe for concurrent use.
type Handle struct{ h C.blas_handle }

// New makes a handle for the context that is current.
func New() (*Handle, error) {
	if err := load(); err != nil {
		return nil, err
	}
	var h Handle
	if e := C.blas_create(&h.h); e != 0 {
		return nil, failure("cublasCreate", e)
	}
	return &h, nil
}

// Version returns 120903 for 12.9.3.
func (h *Handle) Version() (int, error) {
	var v C.int
	if e := C.blas_version(h.h, &v); e != 0 {
		return 0, failure("cublasGetVersion", e)
	}
	return int(v), nil
}

// Close frees the handle.
func (h *Handle) Close() error {
	if e := C.blas_destroy(h.h); e != 0 {
		return failure("cublasDestroy", e)
	}
	return nil
}

// Prepare sets the stream of products, and memory of the device for them. Sums of f16 and bf16 stay in f32.
func (h *Handle) Prepare(stream uintptr, workspace uint64, n int) error {
	e := C.blas_prepare(h.h, C.ulonglong(stream), C.ulonglong(workspace), C.size_t(n), C.BLAS_NO_REDUCED_SUMS)
	if e != 0 {
		return failure("cublasSetWorkspace", e)
	}
	return nil
}

// Matrix is a matrix in column-major order: columns LD elements apart, matrices of a batch Stride. T: its rows are
// what lies one behind the other.
type Matrix struct {
	Address    uint64
	LD, Stride int
	T          bool
}

// Product is C = A·B, or C + A·B with Add, of matrices [M K] and [K N], in a batch.
type Product struct {
	M, N, K, Batch int
	DType          engine.DType
	A, B, C        Matrix
	Add, TF32      bool
}

// types are cudaDataType and the type that sums are in.
var types = map[engine.DType][2]C.int{
	engine.F32: {C.BLAS_R_32F, C.BLAS_COMPUTE_32F}, engine.F64: {C.BLAS_R_64F, C.BLAS_COMPUTE_64F},
	engine.F16: {C.BLAS_R_16F, C.BLAS_COMPUTE_32F}, engine.BF16: {C.BLAS_R_16BF, C.BLAS_COMPUTE_32F},
	engine.C64: {C.BLAS_C_32F, C.BLAS_COMPUTE_32F}, engine.C128: {C.BLAS_C_64F, C.BLAS_COMPUTE_64F},
}

// Product gives a product to the stream.
func (h *Handle) Product(p *Product) error {
	t, ok := types[p.DType]
	if !ok {
		return fmt.Errorf("cuBLAS: no products of %v", p.DType)
	}
	compute := t[1]
	if p.TF32 && (p.DType == engine.F32 || p.DType == engine.C64) {
		compute = C.BLAS_COMPUTE_32F_FAST_TF32
	}
	flag := func(b bool) C.int {
		if b {
			return 1
		}
		return 0
	}
	q := C.product{
		ta: flag(p.A.T), tb: flag(p.B.T), m: C.int(p.M), n: C.int(p.N), k: C.int(p.K), _type: t[0],
		lda: C.int(p.A.LD), ldb: C.int(p.B.LD), ldc: C.int(p.C.LD), batch: C.int(p.Batch), compute: compute, add: flag(p.Add),
		sa: C.longlong(p.A.Stride), sb: C.longlong(p.B.Stride), sc: C.longlong(p.C.Stride),
		a: C.ulonglong(p.A.Address), b: C.ulonglong(p.B.Address), c: C.ulonglong(p.C.Address),
	}
	if e := C.blas_product(h.h, &q); e != 0 {
		return failure("cublasGemmStridedBatchedEx", e)
	}
	return nil
}

// statuses are cublasStatus_t.
var statuses = map[C.int]string{
	1: "not initialized", 3: "allocation failed", 7: "invalid value", 8: "architecture mismatch", 11: "mapping error",
	13: "execution failed", 14: "internal error", 15: "not supported", 16: "license error",
}

func failure(what string, e C.int) error {
	s := statuses[e]
	if s == "" {
		s = "unknown"
	}
	return fmt.Errorf("%s: status %d (%s)", what, int(e), s)
}
