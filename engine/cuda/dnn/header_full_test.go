//go:build full

package dnn

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// header compiles when dnn.h says what NVIDIA's header says.
const header = `
#include <stddef.h>
#include <cudnn.h>
#include "dnn.h"
static_assert((int)CUDNN_DATA_FLOAT == DNN_FLOAT && (int)CUDNN_DATA_DOUBLE == DNN_DOUBLE, "types");
static_assert((int)CUDNN_DATA_HALF == DNN_HALF && (int)CUDNN_DATA_BFLOAT16 == DNN_BFLOAT16, "types");
static_assert((int)CUDNN_TENSOR_NCHW == DNN_NCHW && (int)CUDNN_CROSS_CORRELATION == DNN_CROSS_CORRELATION, "modes");
static_assert((int)CUDNN_DEFAULT_MATH == DNN_DEFAULT_MATH && (int)CUDNN_TENSOR_OP_MATH == DNN_TENSOR_OP_MATH &&
              (int)CUDNN_FMA_MATH == DNN_FMA_MATH, "arithmetic");
template <class P> constexpr bool same_layout() {
  return sizeof(P) == sizeof(dnn_found) && offsetof(P, algo) == offsetof(dnn_found, algorithm) &&
         offsetof(P, status) == offsetof(dnn_found, status) && offsetof(P, time) == offsetof(dnn_found, time) &&
         offsetof(P, memory) == offsetof(dnn_found, memory) && offsetof(P, determinism) == offsetof(dnn_found, deterministic) &&
         offsetof(P, mathType) == offsetof(dnn_found, math);
}
static_assert(same_layout<cudnnConvolutionFwdAlgoPerf_t>() && same_layout<cudnnConvolutionBwdDataAlgoPerf_t>() &&
              same_layout<cudnnConvolutionBwdFilterAlgoPerf_t>(), "algorithms");
static_assert(CUDNN_DETERMINISTIC == 1, "determinism");
template <class T> struct plain { typedef T type; };
#define PLAIN(T, U) template <> struct plain<T> { typedef U type; }
PLAIN(cudnnStatus_t, int); PLAIN(cudnnDataType_t, int); PLAIN(cudnnTensorFormat_t, int); PLAIN(cudaStream_t, void*);
PLAIN(cudnnConvolutionMode_t, int); PLAIN(cudnnMathType_t, int); PLAIN(cudnnHandle_t, dnn_object);
PLAIN(cudnnConvolutionFwdAlgo_t, int); PLAIN(cudnnConvolutionBwdDataAlgo_t, int); PLAIN(cudnnConvolutionBwdFilterAlgo_t, int);
PLAIN(cudnnTensorDescriptor_t, dnn_object); PLAIN(cudnnFilterDescriptor_t, dnn_object); PLAIN(cudnnConvolutionDescriptor_t, dnn_object);
PLAIN(cudnnHandle_t*, dnn_object*); PLAIN(cudnnTensorDescriptor_t*, dnn_object*); PLAIN(cudnnFilterDescriptor_t*, dnn_object*);
PLAIN(cudnnConvolutionDescriptor_t*, dnn_object*); PLAIN(cudnnConvolutionFwdAlgoPerf_t*, dnn_found*);
PLAIN(cudnnConvolutionBwdDataAlgoPerf_t*, dnn_found*); PLAIN(cudnnConvolutionBwdFilterAlgoPerf_t*, dnn_found*);
template <class R, class... A> typename plain<R>::type (*ints(R (*)(A...)))(typename plain<A>::type...) { return 0; }
void check(dnn_functions f) {
  f.version = ints(cudnnGetVersion);
  f.error = ints(cudnnGetErrorString);
  f.create = ints(cudnnCreate);
  f.destroy = ints(cudnnDestroy);
  f.set_stream = ints(cudnnSetStream);
  f.create_tensor = ints(cudnnCreateTensorDescriptor);
  f.set_tensor = ints(cudnnSetTensorNdDescriptor);
  f.destroy_tensor = ints(cudnnDestroyTensorDescriptor);
  f.create_filter = ints(cudnnCreateFilterDescriptor);
  f.set_filter = ints(cudnnSetFilterNdDescriptor);
  f.destroy_filter = ints(cudnnDestroyFilterDescriptor);
  f.create_convolution = ints(cudnnCreateConvolutionDescriptor);
  f.set_convolution = ints(cudnnSetConvolutionNdDescriptor);
  f.set_groups = ints(cudnnSetConvolutionGroupCount);
  f.set_math = ints(cudnnSetConvolutionMathType);
  f.destroy_convolution = ints(cudnnDestroyConvolutionDescriptor);
  f.find[0] = ints(cudnnGetConvolutionForwardAlgorithm_v7);
  f.find[1] = ints(cudnnGetConvolutionBackwardDataAlgorithm_v7);
  f.find[2] = ints(cudnnGetConvolutionBackwardFilterAlgorithm_v7);
  f.run[0] = ints(cudnnConvolutionForward);
  f.run[1] = ints(cudnnConvolutionBackwardData);
  f.run[2] = ints(cudnnConvolutionBackwardFilter);
}
`

func TestTheDeclarationsAreThoseOfTheRealHeader(t *testing.T) {
	dirs := filepath.SplitList(os.Getenv("LATHE_CUDA_HEADERS"))
	if len(dirs) == 0 {
		t.Skip("LATHE_CUDA_HEADERS does not list directories with cudnn.h; ./test.sh cuda sets it where wheels hold them")
	}
	src := filepath.Join(t.TempDir(), "check.cpp")
	if err := os.WriteFile(src, []byte(header), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-std=c++17", "-fsyntax-only", "-Wno-deprecated-declarations", "-I."}
	for _, d := range dirs {
		args = append(args, "-I"+d)
	}
	if out, err := exec.Command("g++", append(args, src)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
