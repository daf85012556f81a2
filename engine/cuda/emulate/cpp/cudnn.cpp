// A libcudnn.so.9 that computes convolutions by loops, and refuses what cuDNN refuses: shapes that do not belong
// together, workspaces that are too small, arrays outside of memory, algorithms that were not offered.
#include "library.h"
#include "dnn.h"
#include <vector>
using namespace library;
enum { OK = 0, NOT_INITIALIZED = 1001, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, EXECUTION = 5000 };

struct Tensor {
  Type t;
  std::vector<int> shape, strides;
};
struct Convolution {
  std::vector<int> pad, stride, dilation;
  int sums, groups = 1, math;
};
struct Context {
  int magic;
  void* stream;
};
static bool good(dnn_object h) { return h && ((Context*)h)->magic == 0xd22 && context(); }
static bool type_of(int type, Type* t) {
  switch (type) {
    case DNN_FLOAT: return *t = F32, true;
    case DNN_DOUBLE: return *t = F64, true;
    case DNN_HALF: return *t = F16, true;
    case DNN_BFLOAT16: return *t = BF16, true;
  }
  return false;
}

// An algorithm that gives other bits each time comes first, one that wants memory second.
struct Offer {
  int algorithm, status, deterministic;
  size_t memory;
};
static const Offer offers[] = {{6, NOT_SUPPORTED, 1, 0}, {3, OK, 0, 64}, {1, OK, 1, 1000}, {0, OK, 0, 0}};

static bool belong(const Tensor* x, const Tensor* w, const Tensor* y, const Convolution* c) {
  size_t n = x->shape.size();
  if (n < 4 || n > 5 || w->shape.size() != n || y->shape.size() != n || c->pad.size() != n - 2) return false;
  if (x->t != w->t || x->t != y->t || c->sums != (x->t == F64 ? DNN_DOUBLE : DNN_FLOAT)) return false;
  if (x->shape[1] != w->shape[1] * c->groups || w->shape[0] % c->groups || y->shape[1] != w->shape[0]) return false;
  if (y->shape[0] != x->shape[0]) return false;
  for (size_t i = 0; i + 2 < n; i++) {
    int size = (x->shape[2 + i] + 2 * c->pad[i] - c->dilation[i] * (w->shape[2 + i] - 1) - 1) / c->stride[i] + 1;
    if (y->shape[2 + i] != size) return !wrong("a size of the result", y->shape[2 + i], size);
  }
  return true;
}
static int find(dnn_object h, const Tensor* x, const Tensor* w, const Tensor* y, const Convolution* c, int most, int* n,
                dnn_found* found) {
  if (!good(h) || !belong(x, w, y, c)) return BAD_PARAM;
  *n = 0;
  for (const Offer& o : offers) {
    if (*n == most) break;
    found[(*n)++] = dnn_found{o.algorithm, o.status, (float)*n, o.memory, o.deterministic, c->math, {}};
  }
  return OK;
}
static bool inside(const Tensor* a, const void* p) {
  size_t n = 1;
  for (int s : a->shape) n *= s;
  size_t size = size_of(a->t);
  if ((size_t)p % size) return !wrong("a pointer that is not aligned", (long long)(size_t)p, size);
  return has(p, n * size) || !wrong("an array outside of memory", (long long)(n * size), (long long)(size_t)p);
}

// each calls f with the places in x, w and y of all products.
template <class F> static void each(const Tensor& x, const Tensor& w, const Tensor& y, const Convolution& c, F f) {
  int spatial = (int)x.shape.size() - 2, per = w.shape[0] / c.groups;
  long long taps = 1, places = 1, plane = 1;
  for (int d = 0; d < spatial; d++) taps *= w.shape[2 + d], places *= y.shape[2 + d], plane *= x.shape[2 + d];
  for (long long i = 0; i < (long long)y.shape[0] * y.shape[1] * places; i++) {
    long long p = i % places, o = i / places % y.shape[1], n = i / places / y.shape[1];
    for (long long j = 0; j < w.shape[1] * taps; j++) {
      long long tap = j % taps, ch = j / taps, at = 0, unit = 1, rp = p, rt = tap;
      bool in = true;
      for (int d = spatial - 1; d >= 0; d--) {
        int q = (int)(rp % y.shape[2 + d]) * c.stride[d] + (int)(rt % w.shape[2 + d]) * c.dilation[d] - c.pad[d];
        in = in && q >= 0 && q < x.shape[2 + d];
        at += q * unit;
        unit *= x.shape[2 + d];
        rp /= y.shape[2 + d];
        rt /= w.shape[2 + d];
      }
      if (in) f((n * x.shape[1] + o / per * w.shape[1] + ch) * plane + at, o * w.shape[1] * taps + j, i);
    }
  }
}
static int run(int kind, dnn_object h, const void* alpha, const Tensor* x, const Tensor* w, const Tensor* y,
               const Convolution* c, const void* a, const void* b, void* to, int algorithm, void* workspace, size_t n,
               const void* beta) {
  if (!good(h) || !belong(x, w, y, c)) return BAD_PARAM;
  const Offer* use = 0;
  for (const Offer& o : offers) {
    if (o.algorithm == algorithm && o.status == OK) use = &o;
  }
  if (!use) return NOT_SUPPORTED;
  if (n < use->memory || (n > 0 && !has(workspace, n))) return wrong("a workspace", (long long)n, use->memory), BAD_PARAM;
  const Tensor* operands[3][3] = {{x, w, y}, {w, y, x}, {x, y, w}};
  if (!inside(operands[kind][0], a) || !inside(operands[kind][1], b) || !inside(operands[kind][2], to)) return EXECUTION;
  double one = c->sums == DNN_DOUBLE ? *(double*)alpha : *(float*)alpha;
  double add = c->sums == DNN_DOUBLE ? *(double*)beta : *(float*)beta;
  if (one != 1 || add != 0) return NOT_SUPPORTED;
  Tensor X = *x, W = *w, Y = *y;
  Convolution C = *c;
  enqueue(((Context*)h)->stream, [=] {
    Type t = X.t;
    size_t count = 1;
    for (int s : (kind == 0 ? Y : kind == 1 ? X : W).shape) count *= s;
    std::vector<double> sums(count);
    each(X, W, Y, C, [&](long long i, long long j, long long k) {
      if (kind == 0) sums[k] += load(t, a, i).re * load(t, b, j).re;
      if (kind == 1) sums[i] += load(t, a, j).re * load(t, b, k).re;
      if (kind == 2) sums[j] += load(t, a, i).re * load(t, b, k).re;
    });
    for (size_t i = 0; i < count; i++) store(t, to, i, Number{sums[i], 0});
  });
  return OK;
}

extern "C" {
size_t cudnnGetVersion() { return 91000; }
const char* cudnnGetErrorString(int e) {
  switch (e) {
    case OK: return "CUDNN_STATUS_SUCCESS";
    case NOT_INITIALIZED: return "CUDNN_STATUS_NOT_INITIALIZED";
    case BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
    case NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
  }
  return "CUDNN_STATUS_EXECUTION_FAILED";
}
int cudnnCreate(dnn_object* h) { return context() ? (*h = new Context{0xd22, 0}, OK) : NOT_INITIALIZED; }
int cudnnDestroy(dnn_object h) { return delete (Context*)h, OK; }
int cudnnSetStream(dnn_object h, void* s) { return ((Context*)h)->stream = s, stream(s) ? OK : BAD_PARAM; }
int cudnnCreateTensorDescriptor(dnn_object* d) { return *d = new Tensor, OK; }
int cudnnDestroyTensorDescriptor(dnn_object d) { return delete (Tensor*)d, OK; }
int cudnnCreateFilterDescriptor(dnn_object* d) { return *d = new Tensor, OK; }
int cudnnDestroyFilterDescriptor(dnn_object d) { return delete (Tensor*)d, OK; }
int cudnnCreateConvolutionDescriptor(dnn_object* d) { return *d = new Convolution, OK; }
int cudnnDestroyConvolutionDescriptor(dnn_object d) { return delete (Convolution*)d, OK; }
int cudnnSetTensorNdDescriptor(dnn_object d, int type, int n, const int* shape, const int* strides) {
  Tensor* x = (Tensor*)d;
  if (!type_of(type, &x->t) || n < 4 || n > 5) return BAD_PARAM;
  int dense = 1;
  for (int i = n - 1; i >= 0; i--) {
    if (shape[i] < 1 || strides[i] != dense) return BAD_PARAM;
    dense *= shape[i];
  }
  x->shape.assign(shape, shape + n);
  return x->strides.assign(strides, strides + n), OK;
}
int cudnnSetFilterNdDescriptor(dnn_object d, int type, int format, int n, const int* shape) {
  Tensor* x = (Tensor*)d;
  if (!type_of(type, &x->t) || n < 4 || n > 5 || format != DNN_NCHW) return BAD_PARAM;
  return x->shape.assign(shape, shape + n), OK;
}
int cudnnSetConvolutionNdDescriptor(dnn_object d, int n, const int* pad, const int* stride, const int* dilation, int mode,
                                    int sums) {
  Convolution* c = (Convolution*)d;
  if (mode != DNN_CROSS_CORRELATION || n < 2 || n > 3) return BAD_PARAM;
  c->pad.assign(pad, pad + n);
  c->stride.assign(stride, stride + n);
  c->dilation.assign(dilation, dilation + n);
  for (int i = 0; i < n; i++) {
    if (pad[i] < 0 || stride[i] < 1 || dilation[i] < 1) return BAD_PARAM;
  }
  return c->sums = sums, OK;
}
int cudnnSetConvolutionGroupCount(dnn_object d, int n) { return ((Convolution*)d)->groups = n, n < 1 ? BAD_PARAM : OK; }
int cudnnSetConvolutionMathType(dnn_object d, int m) { return ((Convolution*)d)->math = m, OK; }
#define FIND(name, x, w, y)                                                                                        \
  int name(dnn_object h, dnn_object a, dnn_object b, dnn_object c, dnn_object d, int most, int* n, dnn_found* f) { \
    return find(h, (Tensor*)x, (Tensor*)w, (Tensor*)y, (Convolution*)c, most, n, f);                               \
  }
FIND(cudnnGetConvolutionForwardAlgorithm_v7, a, b, d)
FIND(cudnnGetConvolutionBackwardDataAlgorithm_v7, d, a, b)
FIND(cudnnGetConvolutionBackwardFilterAlgorithm_v7, a, d, b)
#define RUN(name, kind, x, w, y)                                                                                   \
  int name(dnn_object h, const void* alpha, dnn_object a, const void* pa, dnn_object b, const void* pb, dnn_object c, \
           int algorithm, void* workspace, size_t n, const void* beta, dnn_object d, void* pd) {                   \
    return run(kind, h, alpha, (Tensor*)x, (Tensor*)w, (Tensor*)y, (Convolution*)c, pa, pb, pd, algorithm, workspace, n, \
               beta);                                                                                              \
  }
RUN(cudnnConvolutionForward, 0, a, b, d)
RUN(cudnnConvolutionBackwardData, 1, d, a, b)
RUN(cudnnConvolutionBackwardFilter, 2, a, d, b)
}
