// Package emulate stands in for a GPU in tests: a libcuda and a libnvrtc that compile kernels as C++ and run
// them on the CPU, thread by thread, with every access checked (emulate.h).
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
	for from, to := range map[string]string{"driver.cpp": "libcuda.so.1", "nvrtc.cpp": "libnvrtc.so.12"} {
		cmd := exec.Command("g++", "-std=c++17", "-O2", "-Wall", "-shared", "-fPIC", "-o", to, from)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("emulate: %s: %w\n%s", from, err, out)
		}
	}
	return []string{
		"LATHE_LIBCUDA=" + filepath.Join(dir, "libcuda.so.1"),
		"LATHE_LIBNVRTC=" + filepath.Join(dir, "libnvrtc.so.12"),
		"LATHE_EMULATE_DIR=" + dir,
		"XDG_CACHE_HOME=" + filepath.Join(dir, "cache"),
	}, nil
}
