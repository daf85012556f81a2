// Command wheel writes the Python package lathe_runtime with the library in it as a wheel, which pip installs.
//
//	go run ./capi/wheel -o dist
//	pip install dist/lathe_runtime-*.whl
//	python -c 'import lathe_runtime; print(lathe_runtime.Model("net.onnx"))'
//
// It needs Go and a C compiler, and no Python. The wheel is for the system and processor that it was built on; it is not built
// against an old C library, as wheels for public indexes are.
package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

const (
	name    = "lathe_runtime"
	version = "1.0.0"
)

func main() {
	out := flag.String("o", "dist", "`folder` for the wheel")
	lib := flag.String("library", "", "`FILE` of a library that is built already")
	flag.Parse()
	path, err := build(*out, *lib)
	if err != nil {
		fmt.Fprintln(os.Stderr, "wheel:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

// platform is what wheels call this system.
func platform() (string, error) {
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	if runtime.GOOS != "linux" || arch == "" {
		return "", fmt.Errorf("wheels are made on linux/amd64 and linux/arm64, this is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return "linux_" + arch, nil
}

// build writes the wheel and returns its path.
func build(out, lib string) (string, error) {
	tag, err := platform()
	if err != nil {
		return "", err
	}
	root, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/lathe-ml/lathe/capi").Output()
	if err != nil {
		return "", fmt.Errorf("run it inside the repository: %w", err)
	}
	dir := strings.TrimSpace(string(root))
	if lib == "" {
		tmp, err := os.MkdirTemp("", "wheel")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(tmp)
		lib = filepath.Join(tmp, "liblathe.so")
		c := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", lib, dir)
		if text, err := c.CombinedOutput(); err != nil {
			return "", fmt.Errorf("go build: %w\n%s", err, text)
		}
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(out, fmt.Sprintf("%s-%s-py3-none-%s.whl", name, version, tag))
	return path, atomicfile.Write(path, func(w io.Writer) error { return archive(w, dir, lib, tag) })
}

// archive writes the files of a wheel and the record of their sums.
func archive(w io.Writer, dir, lib, tag string) error {
	z := zip.NewWriter(w)
	record := ""
	add := func(to string, b []byte) error {
		f, err := z.Create(to)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		record += fmt.Sprintf("%s,sha256=%s,%d\n", to, base64.RawURLEncoding.EncodeToString(sum[:]), len(b))
		_, err = f.Write(b)
		return err
	}
	for to, from := range map[string]string{
		name + "/__init__.py": filepath.Join(dir, "python", name, "__init__.py"), name + "/liblathe.so": lib,
	} {
		b, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := add(to, b); err != nil {
			return err
		}
	}
	info := fmt.Sprintf("%s-%s.dist-info/", name, version)
	for to, text := range map[string]string{
		"METADATA": fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: Runs models of Lathe, ONNX, Caffe and Caffe2\n"+
			"Requires-Python: >=3.8\nRequires-Dist: numpy\n", strings.ReplaceAll(name, "_", "-"), version),
		"WHEEL": "Wheel-Version: 1.0\nGenerator: lathe\nRoot-Is-Purelib: false\nTag: py3-none-" + tag + "\n",
	} {
		if err := add(info+to, []byte(text)); err != nil {
			return err
		}
	}
	f, err := z.Create(info + "RECORD")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(f, record+info+"RECORD,,\n"); err != nil {
		return err
	}
	return z.Close()
}
