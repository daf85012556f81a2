// Package emulate stands in for a GPU in tests: a libcuda and a libnvrtc that compile kernels as C++ and run
// them on the CPU, thread by thread, with every access checked (emulate.h); and a libcublas, a libcudnn and a libnccl that
// compute by loops what is well-formed (library.h).
//
//	env, err := emulate.Build(dir) // LATHE_LIBCUDA=…, to be set before the process starts
//
// It needs g++ on amd64. It says nothing about speed, nor about what the hardware does between barriers:
// weak memory order, rounding of its own functions, tensor cores.
package emulate

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/lathe-ml/lathe/engine/cuda/blas"
	"github.com/lathe-ml/lathe/engine/cuda/dnn"
	"github.com/lathe-ml/lathe/engine/cuda/nccl"
)

//go:embed cpp
var sources embed.FS

// Build compiles the libraries into dir and returns the environment under which a process finds them.
func Build(dir string) ([]string, error) {
	files, err := sources.ReadDir("cpp")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		b, err := sources.ReadFile("cpp/" + f.Name())
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), b, 0o644); err != nil {
			return nil, err
		}
	}
	for name, text := range map[string]string{"blas.h": blas.Header, "dnn.h": dnn.Header, "nccl_declared.h": nccl.Header} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	for from, to := range map[string]string{
		"driver.cpp": "libcuda.so.1", "nvrtc.cpp": "libnvrtc.so.12", "cublas.cpp": "libcublas.so.12",
		"cudnn.cpp": "libcudnn.so.9", "nccl.cpp": "libnccl.so.2",
	} {
		cmd := exec.Command("g++", "-std=c++17", "-O2", "-Wall", "-shared", "-fPIC", "-o", to, from)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("emulate: %s: %w\n%s", from, err, out)
		}
	}
	return []string{
		"LATHE_LIBCUDA=" + filepath.Join(dir, "libcuda.so.1"),
		"LATHE_LIBNVRTC=" + filepath.Join(dir, "libnvrtc.so.12"),
		"LATHE_LIBCUBLAS=" + filepath.Join(dir, "libcublas.so.12"),
		"LATHE_LIBCUDNN=" + filepath.Join(dir, "libcudnn.so.9"),
		"LATHE_LIBNCCL=" + filepath.Join(dir, "libnccl.so.2"),
		"LATHE_EMULATE_DIR=" + dir,
		"XDG_CACHE_HOME=" + filepath.Join(dir, "cache"),
	}, nil
}

// Main ends the process with what run returns: here, where a GPU or a driver is named (LATHE_GPU, LATHE_LIBCUDA), otherwise in the
// same program once more, which finds the emulated driver at its start. Test packages pass m.Run.
func Main(run func() int) {
	if os.Getenv("LATHE_GPU") != "" || os.Getenv("LATHE_LIBCUDA") != "" {
		os.Exit(run())
	}
	os.Exit(underDriver())
}

func underDriver() int {
	dir, err := os.MkdirTemp("", "lathe-cuda")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	env, err := Build(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return 1
	}
	return 0
}
