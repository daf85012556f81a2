// Package lib knows where NVIDIA's libraries lie: where a variable of the environment says, where the loader looks,
// in the toolkit, and beside other wheels.
//
//	for _, path := range lib.Find("LATHE_LIBCUBLAS", "cublas", "libcublas.so.13", "libcublas.so.12") {
//		fmt.Println(path) // to be tried by dlopen, in this order
//	}
//
// It opens nothing: packages nvrtc, blas, dnn and nccl do.
package lib

import (
	"os"
	"path/filepath"
)

// wheels are variables that may name a library in a wheel, whose neighbours are tried then.
var wheels = []string{"LATHE_LIBNVRTC", "LATHE_LIBCUBLAS", "LATHE_LIBCUDNN", "LATHE_LIBNCCL"}

// toolkit is where CUDA installs libraries.
const toolkit = "/usr/local/cuda/lib64"

// Find returns paths and names to open a library by, the likeliest first. The variable names the only one, if it is
// set; "none" means that there is to be no such library. wheel is the library's directory in NVIDIA's wheels.
func Find(variable, wheel string, names ...string) []string {
	switch v := os.Getenv(variable); v {
	case "none":
		return nil
	case "":
	default:
		return []string{v}
	}
	all := append([]string(nil), names...)
	for _, n := range names {
		all = append(all, filepath.Join(toolkit, n))
	}
	for _, other := range wheels {
		path := os.Getenv(other)
		if path == "" || path == "none" {
			continue
		}
		dir := filepath.Dir(path)
		for _, n := range names {
			all = append(all, filepath.Join(dir, n)) // CUDA 13's wheels share a directory
			all = append(all, filepath.Join(dir, "..", "..", wheel, "lib", n))
		}
	}
	return all
}
