// Command shim writes a static libcuda that package gorgonia.org/cu is linked with, so that the same binary
// starts on machines without a driver.
//
//	go run ./engine/cuda/shim .cache/cuda
//	CGO_LDFLAGS=-L$PWD/.cache/cuda go build -tags cuda ./cmd/lathe
//
// Each symbol of the driver that the package calls (symbols.txt) jumps to the function of libcuda.so.1, or of
// the library that LATHE_LIBCUDA names, when that was found at start, and else answers that there is no device.
// cuInit always succeeds: the package ends the process when it does not. It needs gcc and ar.
package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed symbols.txt
var symbols string

const head = `#include <dlfcn.h>
#include <stdlib.h>
static int no_device(void) { return 100; }
__attribute__((visibility("hidden"))) void* lathe_driver[%[1]d];
static int (*driver_init)(unsigned);
static int init(unsigned flags) {
  if (driver_init) driver_init(flags);
  return 0;
}
__attribute__((constructor)) static void find(void) {
  const char* path = getenv("LATHE_LIBCUDA");
  void* lib = dlopen(path ? path : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  static const char* names[] = {%[2]s};
  for (int i = 0; i < %[1]d; i++) {
    void* f = lib ? dlsym(lib, names[i]) : 0;
    lathe_driver[i] = f ? f : (void*)no_device;
  }
  driver_init = lib ? (int (*)(unsigned))dlsym(lib, "cuInit") : 0;
  lathe_driver[%[3]d] = (void*)init;
}
`

// source returns the C source for the symbols of the driver.
func source(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	var b strings.Builder
	fmt.Fprintf(&b, head, len(names), strings.Join(quoted, ", "), slices.Index(names, "cuInit"))
	for i, n := range names {
		fmt.Fprintf(&b, "__attribute__((naked)) int %s(void) { __asm__(\"jmp *lathe_driver+%d(%%rip)\"); }\n", n, 8*i)
	}
	return b.String()
}

func build(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	c, o, a := filepath.Join(dir, "shim.c"), filepath.Join(dir, "shim.o"), filepath.Join(dir, "libcuda.a")
	if err := os.WriteFile(c, []byte(source(strings.Fields(symbols))), 0o644); err != nil {
		return err
	}
	_ = os.Remove(a)
	for _, cmd := range [][]string{{"gcc", "-O1", "-fPIC", "-c", "-o", o, c}, {"ar", "rcs", a, o}} {
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(cmd, " "), err, out)
		}
	}
	return nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: shim DIRECTORY")
		os.Exit(2)
	}
	if err := build(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "shim:", err)
		os.Exit(1)
	}
}
