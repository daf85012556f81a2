//go:build full

package blas

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// header compiles when blas.h says what NVIDIA's header says.
const header = `
#include <cublas_v2.h>
#include "blas.h"
static_assert((int)CUBLAS_OP_N == BLAS_OP_N && (int)CUBLAS_OP_T == BLAS_OP_T, "operations");
static_assert((int)CUDA_R_32F == BLAS_R_32F && (int)CUDA_R_64F == BLAS_R_64F && (int)CUDA_R_16F == BLAS_R_16F, "types");
static_assert((int)CUDA_C_32F == BLAS_C_32F && (int)CUDA_C_64F == BLAS_C_64F && (int)CUDA_R_16BF == BLAS_R_16BF, "types");
static_assert((int)CUBLAS_COMPUTE_32F == BLAS_COMPUTE_32F && (int)CUBLAS_COMPUTE_64F == BLAS_COMPUTE_64F, "sums");
static_assert((int)CUBLAS_COMPUTE_32F_FAST_TF32 == BLAS_COMPUTE_32F_FAST_TF32, "TF32");
static_assert((int)CUBLAS_GEMM_DEFAULT == BLAS_GEMM_DEFAULT && (int)CUBLAS_DEFAULT_MATH == BLAS_DEFAULT_MATH, "modes");
static_assert((int)CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION == BLAS_NO_REDUCED_SUMS, "modes");
template <class T> struct plain { typedef T type; };
template <> struct plain<cublasStatus_t> { typedef int type; };
template <> struct plain<cublasOperation_t> { typedef int type; };
template <> struct plain<cudaDataType> { typedef int type; };
template <> struct plain<cublasComputeType_t> { typedef int type; };
template <> struct plain<cublasGemmAlgo_t> { typedef int type; };
template <> struct plain<cublasMath_t> { typedef int type; };
template <> struct plain<cudaStream_t> { typedef void* type; };
template <class R, class... A> typename plain<R>::type (*as_ints(R (*)(A...)))(typename plain<A>::type...) { return 0; }
void check(blas_functions f) {
  f.create = as_ints(cublasCreate_v2);
  f.destroy = as_ints(cublasDestroy_v2);
  f.version = as_ints(cublasGetVersion_v2);
  f.set_stream = as_ints(cublasSetStream_v2);
  f.set_workspace = as_ints(cublasSetWorkspace_v2);
  f.set_math = as_ints(cublasSetMathMode);
  f.gemm = as_ints((cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const void*,
      const void*, cudaDataType, int, long long, const void*, cudaDataType, int, long long, const void*, void*, cudaDataType,
      int, long long, int, cublasComputeType_t, cublasGemmAlgo_t))cublasGemmStridedBatchedEx);
}
`

func TestTheDeclarationsAreThoseOfTheRealHeader(t *testing.T) {
	dirs := filepath.SplitList(os.Getenv("LATHE_CUDA_HEADERS"))
	if len(dirs) == 0 {
		t.Skip("LATHE_CUDA_HEADERS does not list directories with cublas_v2.h; ./test.sh cuda sets it where wheels hold them")
	}
	src := filepath.Join(t.TempDir(), "check.cpp")
	if err := os.WriteFile(src, []byte(header), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-std=c++17", "-fsyntax-only", "-I."}
	for _, d := range dirs {
		args = append(args, "-I"+d)
	}
	if out, err := exec.Command("g++", append(args, src)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
