//go:build cuda

package dnn

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
// #include "dnn.h"
// static dnn_functions f;
// static const char* open_dnn(const char* path) {
//   void* lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
//   if (!lib) return dlerror();
//   const char* names[] = DNN_NAMES;
//   for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
//     if (!(((void**)&f)[i] = dlsym(lib, names[i]))) return dlerror();
//   }
//   return 0;
// }
// static size_t dnn_version(void) { return f.version(); }
// static const char* dnn_error(int e) { return f.error(e); }
// static int dnn_create(dnn_object* h, unsigned long long stream) {
//   int e = f.create(h);
//   return e ? e : f.set_stream(*h, (void*)stream);
// }
// static int dnn_destroy(dnn_object h) { return f.destroy(h); }
// typedef struct {
//   int kind, type, sums, math, n, groups;
//   int x[5], xs[5], w[5], y[5], ys[5], pad[3], stride[3], dilation[3];
//   dnn_object xd, wd, yd, cd;
// } convolution;
// static int dnn_describe(convolution* c) {
//   int e = f.create_tensor(&c->xd);
//   if (!e) e = f.set_tensor(c->xd, c->type, c->n, c->x, c->xs);
//   if (!e) e = f.create_tensor(&c->yd);
//   if (!e) e = f.set_tensor(c->yd, c->type, c->n, c->y, c->ys);
//   if (!e) e = f.create_filter(&c->wd);
//   if (!e) e = f.set_filter(c->wd, c->type, DNN_NCHW, c->n, c->w);
//   if (!e) e = f.create_convolution(&c->cd);
//   if (!e) e = f.set_convolution(c->cd, c->n - 2, c->pad, c->stride, c->dilation, DNN_CROSS_CORRELATION, c->sums);
//   if (!e) e = f.set_groups(c->cd, c->groups);
//   return e ? e : f.set_math(c->cd, c->math);
// }
// static void dnn_forget(convolution* c) {
//   if (c->xd) f.destroy_tensor(c->xd);
//   if (c->yd) f.destroy_tensor(c->yd);
//   if (c->wd) f.destroy_filter(c->wd);
//   if (c->cd) f.destroy_convolution(c->cd);
// }
// // The operands of each kind, in their order.
// static void dnn_order(const convolution* c, dnn_object* o) {
//   o[0] = c->kind == 1 ? c->wd : c->xd;
//   o[1] = c->kind == 0 ? c->wd : c->yd;
//   o[2] = c->kind == 0 ? c->yd : c->kind == 1 ? c->xd : c->wd;
// }
// static int dnn_find(dnn_object h, const convolution* c, int most, int* n, dnn_found* found) {
//   dnn_object o[3];
//   dnn_order(c, o);
//   return f.find[c->kind](h, o[0], o[1], c->cd, o[2], most, n, found);
// }
// static int dnn_run(dnn_object h, const convolution* c, int algorithm, unsigned long long a, unsigned long long b,
//                    unsigned long long to, unsigned long long workspace, size_t n) {
//   dnn_object o[3];
//   dnn_order(c, o);
//   float one = 1, none = 0;
//   double one_d = 1, none_d = 0;
//   int wide = c->sums == DNN_DOUBLE;
//   return f.run[c->kind](h, wide ? (void*)&one_d : (void*)&one, o[0], (void*)a, o[1], (void*)b, c->cd, algorithm,
//                         (void*)workspace, n, wide ? (void*)&none_d : (void*)&none, o[2], (void*)to);
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
	names := lib.Find("LATHE_LIBCUDNN", "cudnn", "libcudnn.so.9", "libcudnn.so.8")
	why := make([]string, 0, len(names))
	for _, n := range names {
		c := C.CString(n)
		e := C.open_dnn(c)
		C.free(unsafe.Pointer(c))
		if e == nil {
			return nil
		}
		why = append(why, C.GoString(e))
	}
	return fmt.Errorf("cuDNN is not there (%s); LATHE_LIBCUDNN may name it", strings.Join(why, "; "))
})

// Available says why there is no cuDNN; nil when there is.
func Available() error { return load() }

// Version returns 92600 for 9.26.0.
func Version() (int, error) {
	if err := load(); err != nil {
		return 0, err
	}
	return int(C.dnn_version()), nil
}

// Handle is cuDNN on one stream of a device. It is not safe for concurrent use.
type Handle struct{ h C.dnn_object }

// New makes a handle for the context that is current.
func New(stream uintptr) (*Handle, error) {
	if err := load(); err != nil {
		return nil, err
	}
	var h Handle
	if e := C.dnn_create(&h.h, C.ulonglong(stream)); e != 0 {
		return nil, failure("cudnnCreate", e)
	}
	return &h, nil
}

// Close frees the handle.
func (h *Handle) Close() error {
	if e := C.dnn_destroy(h.h); e != 0 {
		return failure("cudnnDestroy", e)
	}
	return nil
}

// Kinds of convolutions: y from x and w, dx from w and dy, dw from x and dy.
const (
	Forward = iota
	InputGradient
	WeightGradient
)

// Convolution is what a plan depends on. Shapes have two to three spatial axes behind samples and channels.
type Convolution struct {
	Kind, Groups, Rank    int // Rank: of X, W and Y, 4 or 5
	DType                 engine.DType
	X, W, Y               [5]int
	Pad, Stride, Dilation [3]int
	TF32                  bool
}

// Plan is a convolution with its algorithm. It lasts as long as the process.
type Plan struct {
	c         C.convolution
	algorithm C.int
	Workspace int // bytes
}

// types are cudnnDataType_t, the type of sums and the mode of arithmetic.
var types = map[engine.DType][3]C.int{
	engine.F32:  {C.DNN_FLOAT, C.DNN_FLOAT, C.DNN_FMA_MATH},
	engine.F64:  {C.DNN_DOUBLE, C.DNN_DOUBLE, C.DNN_DEFAULT_MATH},
	engine.F16:  {C.DNN_HALF, C.DNN_FLOAT, C.DNN_TENSOR_OP_MATH},
	engine.BF16: {C.DNN_BFLOAT16, C.DNN_FLOAT, C.DNN_TENSOR_OP_MATH},
}

// Takes reports whether there are convolutions of t.
func Takes(t engine.DType) bool { _, ok := types[t]; return ok }

// mostWorkspace bounds the memory that algorithms are chosen with.
const mostWorkspace = 1 << 30

// Plan asks for an algorithm: the best that gives the same bits each time, and if none does the best.
func (h *Handle) Plan(c *Convolution) (*Plan, error) {
	p := &Plan{}
	t, ok := types[c.DType]
	if !ok {
		return nil, fmt.Errorf("cuDNN: no convolutions of %v", c.DType)
	}
	p.c.kind, p.c._type, p.c.sums, p.c.math = C.int(c.Kind), t[0], t[1], t[2]
	if c.TF32 && c.DType == engine.F32 {
		p.c.math = C.DNN_TENSOR_OP_MATH
	}
	p.c.n, p.c.groups = C.int(c.Rank), C.int(c.Groups)
	xs, ys := 1, 1
	for i := c.Rank - 1; i >= 0; i-- {
		p.c.x[i], p.c.w[i], p.c.y[i] = C.int(c.X[i]), C.int(c.W[i]), C.int(c.Y[i])
		p.c.xs[i], p.c.ys[i] = C.int(xs), C.int(ys)
		xs, ys = xs*c.X[i], ys*c.Y[i]
	}
	for i := range c.Rank - 2 {
		p.c.pad[i], p.c.stride[i], p.c.dilation[i] = C.int(c.Pad[i]), C.int(c.Stride[i]), C.int(c.Dilation[i])
	}
	if e := C.dnn_describe(&p.c); e != 0 {
		C.dnn_forget(&p.c)
		return nil, failure("describing a convolution", e)
	}
	if err := h.choose(p); err != nil {
		C.dnn_forget(&p.c)
		return nil, err
	}
	return p, nil
}

func (h *Handle) choose(p *Plan) error {
	var found [8]C.dnn_found
	var n C.int
	if e := C.dnn_find(h.h, &p.c, C.int(len(found)), &n, &found[0]); e != 0 {
		return failure("cudnnGetConvolutionAlgorithm", e)
	}
	best := -1
	for i, f := range found[:n] {
		if f.status != 0 || f.memory > mostWorkspace {
			continue
		}
		if best < 0 || f.deterministic != 0 && found[best].deterministic == 0 {
			best = i
		}
	}
	if best < 0 {
		return fmt.Errorf("cuDNN: none of %d algorithms takes this convolution", int(n))
	}
	p.algorithm, p.Workspace = found[best].algorithm, int(found[best].memory)
	return nil
}

// Run gives a convolution to the stream. The addresses are those of the two operands, in the order that the kinds
// name them, of the result, and of Workspace bytes.
func (h *Handle) Run(p *Plan, a, b, to, workspace uint64) error {
	e := C.dnn_run(h.h, &p.c, p.algorithm, C.ulonglong(a), C.ulonglong(b), C.ulonglong(to), C.ulonglong(workspace),
		C.size_t(p.Workspace))
	if e != 0 {
		return failure("a convolution", e)
	}
	return nil
}

func failure(what string, e C.int) error {
	return fmt.Errorf("cuDNN: %s: %s", what, C.GoString(C.dnn_error(e)))
}
