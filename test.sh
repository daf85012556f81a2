#!/usr/bin/env bash
# Runs the full suite. Installs what it needs beyond Go into .cache (Python packages, node modules) and, with
# root rights, the chromium package; reuses what is there. Fails when a tool is missing; skips nothing.
#   ./test.sh            everything but lab (JupyterLab's panel), spark (installs 520 MB, starts a cluster) and octave (370 MB)
#   ./test.sh STEP...    some of: tools lint test race conform full lab spark octave cuda
#   ./test.sh --gpu      what a machine with an NVIDIA GPU can show
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD
export GOFLAGS="${GOFLAGS:-} -p=2"
mkdir -p .cache

say() { printf '\n== %s (%ss)\n' "$*" "$SECONDS"; }
die() { printf 'test.sh: %s\n' "$*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || die "$1 is missing; install it ($2) and run again"; }

step_tools() {
  say tools
  need go "Go 1.26"
  need node "Node 20 or newer"
  need npm "comes with Node"
  need python3 "Python 3.11 or newer"
  if ! command -v chromium >/dev/null; then
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || die "chromium is missing and cannot be installed here"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
  fi
  if [ ! -x .cache/venv/bin/python ]; then
    python3 -m venv .cache/venv
  fi
  if ! cmp -s internal/requirements.txt .cache/venv/requirements.txt; then
    .cache/venv/bin/pip install -q -r internal/requirements.txt
    cp internal/requirements.txt .cache/venv/requirements.txt
  fi
  if ! cmp -s web/ui/package-lock.json .cache/package-lock.json || [ ! -d web/ui/node_modules ]; then
    (cd web/ui && npm ci --no-audit --no-fund)
    cp web/ui/package-lock.json .cache/package-lock.json
  fi
}

step_lint() {
  say lint
  # Generated protobuf code is as protoc-gen-go wrote it: gofumpt and gofmt disagree on its long tables.
  unformatted=$(go tool gofumpt -l . | grep -Ev 'testdata/|node_modules/|\.cache/|\.pb\.go$' || true)
  [ -z "$unformatted" ] || die "not formatted with gofumpt: $unformatted"
  go vet ./...
  go vet -tags full ./...
  GOARCH=arm64 go vet ./engine/... ./eager/... ./kernel/exact/...
  go tool staticcheck ./...
}

step_test() {
  say "go test ./..."
  go test ./...
}

# kernel/host and kernel/symbols are left out: running cells poll a plain word for an interrupt, which costs
# 3-8 ns instead of a call, and which the detector reports. Cells under kernel/yaegi are left out because the
# interpreter itself grows its frames while goroutines of earlier cells read them (yaegi 0.16.1).
step_race() {
  say "go test -race"
  go test -race ./engine ./eager/... ./data/... ./viz/... ./kernel ./kernel/check ./kernel/display ./kernel/jupyter/... \
    ./kernel/memory ./kernel/wire ./kernel/exact/... ./web/...
  go test -race -skip TestExecutor ./kernel/yaegi/...
  go test -race -skip /yaegi ./debugger/...
}

step_conform() {
  say conform
  go run ./internal/conform torch
  go run ./internal/conform models
  go run ./internal/conform golang -executor exact -known
  go run ./internal/conform golang -executor yaegi -known
}

# Chromium, the real server and kernel, Python's validators: the tests behind the build tag full. What JupyterLab's
# debugger asks of the kernel is replayed here (debugger/dap); JupyterLab itself is the step lab.
step_full() {
  say "go test -tags full"
  LATHE_PYTHON="$root/.cache/venv/bin/python" go test -tags full -skip '^TestJupyterLab$' -timeout 25m -count=1 ./web/... ./cmd/... ./kernel/... ./jit/caffe ./jit/export ./jit/onnx ./jit/serve ./learn/convert ./internal/conform/sklearn ./debugger/... ./capi
}

# The debugger in a real JupyterLab. Its panel loses clicks and its own state when the machine is busy, so this is
# for a quiet one.
step_lab() {
  say "JupyterLab"
  LATHE_PYTHON="$root/.cache/venv/bin/python" go test -tags full -run '^TestJupyterLab$' -timeout 10m -count=1 ./web/ui/e2e
}

# A real Spark: the client, MLlib beside pyspark's records, gangs on a standalone cluster of two workers, the
# example notebook, and TensorBoard.
step_spark() {
  say "go test -tags full ./spark/..."
  need java "a JDK 17 or newer"
  need javac "a JDK 17 or newer"
  [ -x .cache/venv/bin/python ] || python3 -m venv .cache/venv
  .cache/venv/bin/python -c 'import pyspark, tensorboard' 2>/dev/null || .cache/venv/bin/pip install -q pyspark==4.3.0 tensorboard==2.21.0
  export LATHE_PYTHON="$root/.cache/venv/bin/python"
  go test -tags full -timeout 10m -count=1 -p 1 ./spark/... ./viz/tensorboard
  go test -tags spark -timeout 10m -count=1 -run TestTheSparkNotebookRuns ./cmd/lathe
}

# The MEX file in Octave, whose packages take 370 MB.
step_octave() {
  say "Octave"
  if ! command -v mkoctfile >/dev/null; then
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || die "octave-dev is missing and cannot be installed here"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends octave-dev >/dev/null
  fi
  go test -tags 'full octave' -run TestTheMEXFileRunsInOctave -count=1 -v ./capi
}

# NVIDIA's wheels: the headers, the run-time compiler, the assembler; 135 MB, no GPU. What tests compile with them is kept
# in .cache/cuda/tested, by the texts and the compilers' versions: a second run compiles only what changed.
cuda_tools() {
  need gcc "a C compiler"
  need g++ "a C++ compiler"
  need python3 "Python 3.11 or newer, with venv"
  cuda_wheels nvidia-cuda-runtime-cu12==12.9.79 nvidia-cuda-nvrtc-cu12==12.9.86 nvidia-cuda-nvcc-cu12==12.9.86
  go run ./engine/cuda/shim .cache/cuda/shim
  LATHE_CUDA=$(echo "$root"/.cache/cuda/lib/python3*/site-packages/nvidia)
  for f in cuda_runtime/include/cuda.h cuda_nvrtc/lib/libnvrtc.so.12 cuda_nvcc/bin/ptxas; do
    [ -e "$LATHE_CUDA/$f" ] || die "$LATHE_CUDA/$f is missing; remove .cache/cuda and run again"
  done
  export LATHE_CUDA_CACHE="$root/.cache/cuda/tested"
  # Headers of cuBLAS, cuDNN and NCCL are there where a wheel of PyTorch is; without them their declarations are not compared.
  LATHE_CUDA_HEADERS=""
  for d in "$root"/bench/.venv/lib/python3*/site-packages/nvidia/{cu13,cublas,cudnn,nccl}/include; do
    [ ! -d "$d" ] || LATHE_CUDA_HEADERS="$LATHE_CUDA_HEADERS:$d"
  done
  [ -z "$LATHE_CUDA_HEADERS" ] || export LATHE_CUDA_HEADERS="${LATHE_CUDA_HEADERS#:}:$LATHE_CUDA/cuda_nvcc/include:$LATHE_CUDA/cuda_runtime/include"
  export LATHE_CUDA CGO_CFLAGS="-I$LATHE_CUDA/cuda_runtime/include" CGO_LDFLAGS="-L$root/.cache/cuda/shim"
}

# cuda_wheels installs wheels into .cache/cuda that are not there in these versions.
cuda_wheels() {
  if [ ! -x .cache/cuda/bin/pip ]; then
    python3 -m venv .cache/cuda
  fi
  local have
  have=$(.cache/cuda/bin/pip freeze)
  for w in "$@"; do
    if ! grep -qx "$w" <<<"$have"; then
      .cache/cuda/bin/pip install -q "$@" || die "the wheels $* cannot be installed into .cache/cuda"
      return
    fi
  done
}

# cuda_tests prints results, counts and what failed of go test; all of its output is in .cache/cuda/test.log.
cuda_tests() {
  go test -tags 'cuda full' -timeout 40m -count=1 -v "$@" 2>&1 | tee -a .cache/cuda/test.log |
    grep -E '^ *--- (FAIL|SKIP)|^(ok|FAIL|panic|#)|_test.go|cannot|undefined' ||
    die "go test $*: see .cache/cuda/test.log"
}

# The GPU without one: kernels compile and assemble, the emulator runs them, the binary starts without a driver.
# The last lines before the program's say how many operators, kernels and cases that was.
step_cuda() {
  say "go test -tags 'cuda full' ./engine/cuda/..."
  cuda_tools
  : >.cache/cuda/test.log
  go vet -tags 'cuda full' ./engine/cuda/... ./bench/gpu ./cmd/lathe
  cuda_tests ./engine/cuda/... ./bench/gpu
  cuda_tests -run 'OnADevice|RunsWhere|MayMove' ./jit
  go build -tags cuda -o .cache/cuda/lathe ./cmd/lathe
  go build -tags cuda -o .cache/cuda/gpu ./bench/gpu
  .cache/cuda/lathe doctor | grep gpu
  grep -E 'kernels compiled|samples in|loops in|graphs on|functions on|programs on|products$' .cache/cuda/test.log | sed 's/.*_test.go:[0-9]*: /cuda: /'
}

# On a machine with a GPU and its driver: the same cases on the device, compiled functions, training, and bench/gpu.md.
step_gpu() {
  say "go test -tags 'cuda full' on the GPU"
  cuda_tools
  export LATHE_GPU=1 LATHE_LIBNVRTC="$LATHE_CUDA/cuda_nvrtc/lib/libnvrtc.so.12"
  go build -tags cuda -o .cache/cuda/gpu ./bench/gpu
  .cache/cuda/gpu -check || die "there is no GPU that can be used here (see above); ./test.sh cuda checks without one"
  cuda_wheels nvidia-cublas-cu12==12.9.1.4 nvidia-cudnn-cu12==9.10.2.21 nvidia-nccl-cu12==2.27.3
  .cache/cuda/gpu -check -libraries || die "cuBLAS, cuDNN or NCCL is installed in .cache/cuda but cannot be used (see above)"
  : >.cache/cuda/test.log
  cuda_tests ./engine/cuda
  cuda_tests -run 'OnADevice|RunsWhere|MayMove' ./jit
  python=${LATHE_TORCH_PYTHON:-}
  [ -n "$python" ] || python=$root/bench/.venv/bin/python
  .cache/cuda/gpu -python "$python" -o bench/gpu.md
}

steps=("$@")
[ "${steps[*]:-}" != --gpu ] || steps=(gpu)
[ ${#steps[@]} -gt 0 ] || steps=(tools lint test race conform full cuda)
for s in "${steps[@]}"; do
  declare -F "step_$s" >/dev/null || die "unknown step $s"
  "step_$s"
done
say passed
