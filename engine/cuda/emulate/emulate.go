// Package emulate stands in for a GPU in tests: a libcuda and a libnvrtc that compile kernels as C++ and run
// them on the CPU, thread by thread, with every access checked (emulate.h); and a libcublas, a libcudnn and a libnccl that
// compute by loops what is well-formed (library.h); and a libnvidia-ml.
//
//	env, err := emulate.Build(cache, scratch) // LATHE_LIBCUDA=…, to be set before the process starts
//
// It needs g++ on amd64. It says nothing about speed, nor about what the hardware does between barriers:
// weak memory order, rounding of its own functions, tensor cores.
package emulate

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/lathe-ml/lathe/engine/cuda/blas"
	"github.com/lathe-ml/lathe/engine/cuda/dnn"
	"github.com/lathe-ml/lathe/engine/cuda/nccl"
)

//go:embed cpp
var sources embed.FS

// libraries are the sources and what is made of them.
var libraries = map[string]string{
	"driver.cpp": "libcuda.so.1", "nvrtc.cpp": "libnvrtc.so.12", "cublas.cpp": "libcublas.so.12",
	"cudnn.cpp": "libcudnn.so.9", "nccl.cpp": "libnccl.so.2", "nvml.cpp": "libnvidia-ml.so.1",
}

// Build compiles the libraries below root, unless they are there, and returns the environment under which a process finds
// them. What is compiled, kernels included, is kept by the text of everything that it depends on and by the compiler, so
// that root may outlive the process. scratch is for files of the running process.
func Build(root, scratch string) ([]string, error) {
	texts, err := files()
	if err != nil {
		return nil, err
	}
	version, err := exec.Command("g++", "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("emulate: g++ --version: %w; the emulator needs a C++ compiler", err)
	}
	dir := filepath.Join(root, digest(texts, version))
	if _, err := os.Stat(dir); err != nil {
		if err := compileAll(root, dir, texts); err != nil {
			return nil, err
		}
	}
	env := []string{"LATHE_EMULATE_LIB=" + dir, "LATHE_EMULATE_DIR=" + scratch, "XDG_CACHE_HOME=" + filepath.Join(dir, "cache")}
	for _, lib := range libraries {
		name, _, _ := strings.Cut(lib, ".so")
		env = append(env, "LATHE_"+strings.ToUpper(strings.ReplaceAll(name, "-", ""))+"="+filepath.Join(dir, lib))
	}
	return env, nil
}

// files are the sources and headers by name.
func files() (map[string]string, error) {
	texts := map[string]string{"blas.h": blas.Header, "dnn.h": dnn.Header, "nccl_declared.h": nccl.Header}
	list, err := sources.ReadDir("cpp")
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		b, err := sources.ReadFile("cpp/" + f.Name())
		if err != nil {
			return nil, err
		}
		texts[f.Name()] = string(b)
	}
	return texts, nil
}

func digest(texts map[string]string, version []byte) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(h, "%s %d\n%s", name, len(texts[name]), texts[name])
	}
	fmt.Fprintf(h, "%s%v%v", version, compile, precompile)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Arguments of g++. nvrtc.cpp compiles kernels with those of precompile, as a precompiled header demands.
var (
	compile    = []string{"-std=c++17", "-O2", "-Wall", "-shared", "-fPIC"}
	precompile = []string{"-std=c++17", "-O1", "-w", "-ffp-contract=off", "-fPIC", "-x", "c++-header", "emulate.h"}
)

// compileAll makes dir, complete when it is there under its name.
func compileAll(root, dir string, texts map[string]string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(root, "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(temp, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	commands := [][]string{append(slices.Clone(precompile), "-o", "emulate.h.gch")}
	for from, to := range libraries {
		commands = append(commands, append(slices.Clone(compile), "-o", to, from))
	}
	var wait sync.WaitGroup
	errs := make([]error, len(commands))
	for i, args := range commands {
		wait.Go(func() {
			cmd := exec.Command("g++", args...)
			cmd.Dir = temp
			if out, err := cmd.CombinedOutput(); err != nil {
				errs[i] = fmt.Errorf("emulate: g++ %s: %w\n%s", strings.Join(args, " "), err, out)
			}
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := os.Rename(temp, dir); err != nil {
		if _, there := os.Stat(dir); there == nil { // another process was faster
			return nil
		}
		return err
	}
	return nil
}

// Main ends the process with what run returns: here, where a GPU or a driver is named (LATHE_GPU, LATHE_LIBCUDA), otherwise in the
// same program once more, which finds the emulated driver at its start. Test packages pass m.Run. What is compiled is kept
// in the directory that LATHE_CUDA_CACHE names; without it every run compiles anew.
func Main(run func() int) {
	if os.Getenv("LATHE_GPU") != "" || os.Getenv("LATHE_LIBCUDA") != "" {
		os.Exit(run())
	}
	os.Exit(underDriver())
}

func underDriver() int {
	scratch, err := os.MkdirTemp("", "lathe-cuda")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	root := scratch
	if cache := os.Getenv("LATHE_CUDA_CACHE"); cache != "" {
		root = filepath.Join(cache, "emulator")
	}
	env, err := Build(root, scratch)
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
