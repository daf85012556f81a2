// A libcublas.so.12 that computes products by loops, and refuses what cuBLAS refuses: leading dimensions that are too
// small, matrices outside of memory, calls without a context, a stream or a workspace.
#include "library.h"
#include "blas.h"
using namespace library;
enum { OK = 0, NOT_INITIALIZED = 1, INVALID = 7, EXECUTION = 13, NOT_SUPPORTED = 15 };

struct cublasContext {
  int magic;
  void *stream, *workspace;
  size_t size;
};
static bool good(blas_handle h) { return h && h->magic == 0xb1a5; }

// extent checks the memory of a batch of matrices.
static bool extent(const char* what, const void* p, int rows, int cols, int ld, long long stride, int batch, Type t) {
  size_t n = size_of(t), one = (size_t)(cols - 1) * ld + rows;
  if (ld < rows || ld < 1) return !wrong(what, ld, rows);
  if ((size_t)p % n) return !wrong("a pointer that is not aligned", (long long)(size_t)p, n);
  for (int b = 0; b < batch; b++) {
    if (!has((const char*)p + b * stride * (long long)n, one * n)) return !wrong("a matrix outside of memory", b, one);
  }
  return true;
}
static double rounded(double x, bool tf32) {
  return tf32 ? from_bits((to_bits((float)x) + 0xfff + (to_bits((float)x) >> 13 & 1)) & ~0x1fffu) : x;
}

extern "C" {
int cublasCreate_v2(blas_handle* h) {
  if (!context()) return NOT_INITIALIZED;
  return *h = new cublasContext{0xb1a5, 0, 0, 0}, OK;
}
int cublasDestroy_v2(blas_handle h) {
  if (!good(h)) return NOT_INITIALIZED;
  h->magic = 0;
  return delete h, OK;
}
int cublasGetVersion_v2(blas_handle, int* v) { return *v = 120903, OK; }
int cublasSetStream_v2(blas_handle h, void* s) {
  if (!good(h)) return NOT_INITIALIZED;
  h->workspace = 0;  // as the real one does
  return h->stream = s, stream(s) ? OK : INVALID;
}
int cublasSetWorkspace_v2(blas_handle h, void* p, size_t n) {
  if (!good(h) || (size_t)p % 256 || !has(p, n)) return INVALID;
  h->workspace = p;
  return h->size = n, OK;
}
int cublasSetMathMode(blas_handle h, int mode) { return good(h) && (mode & ~19) == 0 ? OK : INVALID; }
int cublasGemmStridedBatchedEx(blas_handle h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a,
                               int at, int lda, long long sa, const void* b, int bt, int ldb, long long sb,
                               const void* beta, void* c, int ct, int ldc, long long sc, int batch, int compute,
                               int algorithm) {
  if (!good(h) || !context()) return NOT_INITIALIZED;
  if (!h->workspace) return wrong("a product without a workspace"), EXECUTION;
  if (at != bt || at != ct || algorithm != BLAS_GEMM_DEFAULT) return NOT_SUPPORTED;
  if (m < 0 || n < 0 || k < 0 || batch < 0 || (ta | tb) & ~1) return INVALID;
  Type t;
  bool wide = compute == BLAS_COMPUTE_64F, tf32 = compute == BLAS_COMPUTE_32F_FAST_TF32;
  switch (at) {
    case BLAS_R_32F: t = F32; break;
    case BLAS_R_64F: t = F64; break;
    case BLAS_R_16F: t = F16; break;
    case BLAS_R_16BF: t = BF16; break;
    case BLAS_C_32F: t = C64; break;
    case BLAS_C_64F: t = C128; break;
    default: return NOT_SUPPORTED;
  }
  if (wide != (t == F64 || t == C128) || (!wide && !tf32 && compute != BLAS_COMPUTE_32F)) return NOT_SUPPORTED;
  if (tf32 && t != F32 && t != C64) return NOT_SUPPORTED;
  double one = wide ? *(const double*)alpha : *(const float*)alpha, add = wide ? *(const double*)beta : *(const float*)beta;
  if (!extent("lda", a, ta ? k : m, ta ? m : k, lda, sa, batch, t) ||
      !extent("ldb", b, tb ? n : k, tb ? k : n, ldb, sb, batch, t) || !extent("ldc", c, m, n, ldc, sc, batch, t)) {
    return INVALID;
  }
  bool apart = sc >= (long long)ldc * (n - 1) + m, between = sc >= m && ldc >= sc * (batch - 1) + m;
  if (batch > 1 && !apart && !between) return wrong("results that overlap", sc, ldc), INVALID;
  enqueue(h->stream, [=] {
    size_t size = size_of(t);
    for (int w = 0; w < batch; w++) {
      const char *x = (const char*)a + w * sa * (long long)size, *y = (const char*)b + w * sb * (long long)size;
      char* z = (char*)c + w * sc * (long long)size;
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < m; i++) {
          Number s = {0, 0};
          for (int l = 0; l < k; l++) {
            Number u = load(t, x, ta ? l + (long long)i * lda : i + (long long)l * lda);
            Number v = load(t, y, tb ? j + (long long)l * ldb : l + (long long)j * ldb);
            u.re = rounded(u.re, tf32), v.re = rounded(v.re, tf32);
            s.re += u.re * v.re - u.im * v.im;
            s.im += u.re * v.im + u.im * v.re;
          }
          Number old = {0, 0};
          if (add != 0) old = load(t, z, i + (long long)j * ldc);
          store(t, z, i + (long long)j * ldc, Number{one * s.re + add * old.re, one * s.im + add * old.im});
        }
      }
    }
  });
  return OK;
}
}
