//go:build cuda && full

package nvrtc

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// tools are NVRTC and ptxas, and the folder with what they said before, by the texts, their versions and what they were
// asked for; "" keeps nothing.
type tools struct {
	ptxas, version, records string

	mu       sync.Mutex
	recorded int // texts whose record was found
}

// toolkit finds NVIDIA's wheels, or the toolkit, below the directory that LATHE_CUDA names, and sets the compiler.
func toolkit(t *testing.T) *tools {
	t.Helper()
	dir := os.Getenv("LATHE_CUDA")
	if dir == "" {
		t.Skip("LATHE_CUDA does not name a directory with libnvrtc and ptxas; ./test.sh cuda installs one")
	}
	var found tools
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil:
			return err
		case name == "ptxas":
			found.ptxas = path
		case strings.HasPrefix(name, "libnvrtc.so.") && !strings.Contains(name, "alt"):
			t.Setenv("LATHE_LIBNVRTC", path)
		}
		return nil
	})
	if found.ptxas == "" || os.Getenv("LATHE_LIBNVRTC") == "" {
		t.Fatalf("%s holds no ptxas or no libnvrtc", dir)
	}
	said, err := exec.Command(found.ptxas, "--version").Output()
	if err != nil {
		t.Fatalf("%s --version: %v", found.ptxas, err)
	}
	library, err := os.Stat(os.Getenv("LATHE_LIBNVRTC"))
	if err != nil {
		t.Fatal(err)
	}
	found.version = fmt.Sprintf("%s, NVRTC of %d bytes, %s", said, library.Size(), standard)
	if cache := os.Getenv("LATHE_CUDA_CACHE"); cache != "" {
		found.records = filepath.Join(cache, "assembled")
		if err := os.MkdirAll(found.records, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &found
}

// assembly is what ptxas says about a program.
type assembly struct {
	what                      string
	Kernels, Registers, Spill int
}

// assemble returns an assembly for each architecture of u.
func (tools *tools) assemble(u *unit) (all []assembly, err error) {
	h := sha256.Sum256([]byte(tools.version + "\x00" + u.arch + fmt.Sprint(u.on) + "\x00" + u.text))
	record := filepath.Join(tools.records, fmt.Sprintf("%x.json", h[:16]))
	if tools.records != "" {
		if b, err := os.ReadFile(record); err == nil && json.Unmarshal(b, &all) == nil && len(all) == len(u.on) {
			tools.mu.Lock()
			defer tools.mu.Unlock()
			tools.recorded++
			return all, nil
		}
		all = nil
	}
	ptx, err := Compile(u.text, u.arch)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "lathe-ptx")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "k.ptx")
	if err := os.WriteFile(in, []byte(strings.TrimRight(string(ptx), "\x00")), 0o644); err != nil {
		return nil, err
	}
	for _, arch := range u.on {
		out, err := exec.Command(tools.ptxas, "-v", "-arch="+arch, "-o", filepath.Join(dir, arch), in).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("ptxas for %s: %v\n%s", arch, err, out)
		}
		all = append(all, report(string(out)))
	}
	if tools.records != "" {
		b, err := json.Marshal(all)
		if err == nil {
			err = atomicfile.WriteBytes(record, b)
		}
		return all, err
	}
	return all, nil
}

var (
	spills    = regexp.MustCompile(`(\d+) bytes spill stores`)
	registers = regexp.MustCompile(`Used (\d+) registers`)
)

// report reads what ptxas -v says. What is not there counts as nothing, which check refuses.
func report(out string) (a assembly) {
	for _, m := range registers.FindAllStringSubmatch(out, -1) {
		n, _ := strconv.Atoi(m[1])
		a.Kernels++
		a.Registers = max(a.Registers, n)
	}
	for _, m := range spills.FindAllStringSubmatch(out, -1) {
		n, _ := strconv.Atoi(m[1])
		a.Spill = max(a.Spill, n)
	}
	return a
}
