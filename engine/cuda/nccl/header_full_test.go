//go:build full

package nccl

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// header compiles when nccl.h says what NVIDIA's header says.
const header = `
#include <nccl.h>
#include "declared.h"
static_assert((int)ncclFloat16 == NCCL_F16 && (int)ncclFloat32 == NCCL_F32 && (int)ncclFloat64 == NCCL_F64 &&
              (int)ncclBfloat16 == NCCL_BF16, "types");
static_assert((int)ncclSum == NCCL_SUM && (int)ncclAvg == NCCL_AVG, "operators");
template <class T> struct plain { typedef T type; };
template <> struct plain<ncclResult_t> { typedef int type; };
template <> struct plain<ncclDataType_t> { typedef int type; };
template <> struct plain<ncclRedOp_t> { typedef int type; };
template <> struct plain<cudaStream_t> { typedef void* type; };
template <class R, class... A> typename plain<R>::type (*ints(R (*)(A...)))(typename plain<A>::type...) { return 0; }
void check(nccl_functions f) {
  f.version = ints(ncclGetVersion);
  f.error = ints(ncclGetErrorString);
  f.init_all = ints(ncclCommInitAll);
  f.destroy = ints(ncclCommDestroy);
  f.group_start = ints(ncclGroupStart);
  f.group_end = ints(ncclGroupEnd);
  f.all_reduce = ints(ncclAllReduce);
  f.broadcast = ints(ncclBroadcast);
}
`

func TestTheDeclarationsAreThoseOfTheRealHeader(t *testing.T) {
	dirs := filepath.SplitList(os.Getenv("LATHE_CUDA_HEADERS"))
	if len(dirs) == 0 {
		t.Skip("LATHE_CUDA_HEADERS does not list directories with nccl.h; ./test.sh cuda sets it where wheels hold them")
	}
	src := filepath.Join(t.TempDir(), "check.cpp")
	if err := os.WriteFile(src, []byte(header), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-std=c++17", "-fsyntax-only", "-iquote", "."}
	for _, d := range dirs {
		args = append(args, "-I"+d)
	}
	if out, err := exec.Command("g++", append(args, src)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
