// The part of cuBLAS's interface that package blas calls; cublas_api.h of CUDA 11 to 13 has the same.
#pragma once
typedef struct cublasContext* blas_handle;
enum {
  BLAS_OP_N = 0,
  BLAS_OP_T = 1,
  BLAS_R_32F = 0,
  BLAS_R_64F = 1,
  BLAS_R_16F = 2,
  BLAS_C_32F = 4,
  BLAS_C_64F = 5,
  BLAS_R_16BF = 14,
  BLAS_COMPUTE_32F = 68,
  BLAS_COMPUTE_64F = 70,
  BLAS_COMPUTE_32F_FAST_TF32 = 77,
  BLAS_GEMM_DEFAULT = -1,
  BLAS_DEFAULT_MATH = 0,
  BLAS_NO_REDUCED_SUMS = 16,  // CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION
};
typedef struct {
  int (*create)(blas_handle*);
  int (*destroy)(blas_handle);
  int (*version)(blas_handle, int*);
  int (*set_stream)(blas_handle, void*);
  int (*set_workspace)(blas_handle, void*, __SIZE_TYPE__);
  int (*set_math)(blas_handle, int);
  int (*gemm)(blas_handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at, int lda,
              long long sa, const void* b, int bt, int ldb, long long sb, const void* beta, void* c, int ct, int ldc,
              long long sc, int batch, int compute, int algorithm);
} blas_functions;
#define BLAS_NAMES                                                                                               \
  {"cublasCreate_v2",      "cublasDestroy_v2",   "cublasGetVersion_v2",        "cublasSetStream_v2",             \
   "cublasSetWorkspace_v2", "cublasSetMathMode", "cublasGemmStridedBatchedEx"}
