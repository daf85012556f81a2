package jupyter

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

//go:embed logo.svg
var logo []byte

// InstallOptions say where and how the kernel is announced to Jupyter.
type InstallOptions struct {
	// Command starts the program; "kernel --connection FILE" is appended.
	Command []string
	// Name of the kernelspec; "" means lathe.
	Name string
	// DisplayName is what launchers show; "" means Go (Lathe).
	DisplayName string
	// Prefix is the directory of an environment, such as that of a virtual environment; the
	// kernelspec goes to share/jupyter under it. "" means the user's own data directory.
	Prefix string
	// MemoryLimit of the kernels in bytes; 0 means half of the RAM.
	MemoryLimit int64
	// Version is noted in the kernelspec.
	Version string
}

type kernelSpec struct {
	Argv          []string       `json:"argv"`
	DisplayName   string         `json:"display_name"`
	Language      string         `json:"language"`
	InterruptMode string         `json:"interrupt_mode"`
	Metadata      map[string]any `json:"metadata"`
}

var specName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// Install writes the kernelspec and returns its directory.
func Install(o InstallOptions) (string, error) {
	if o.Name == "" {
		o.Name = "lathe"
	}
	if !specName.MatchString(o.Name) || o.Name == "." || o.Name == ".." {
		return "", fmt.Errorf("jupyter: kernel name %q; want letters, digits, ., - and _", o.Name)
	}
	if o.DisplayName == "" {
		o.DisplayName = "Go (Lathe)"
	}
	data, err := dataDir(o.Prefix)
	if err != nil {
		return "", err
	}
	argv := append(append([]string{}, o.Command...), "kernel", "--connection", "{connection_file}")
	if o.MemoryLimit > 0 {
		argv = append(argv, "--memory", strconv.FormatInt(o.MemoryLimit, 10))
	}
	raw, err := json.MarshalIndent(kernelSpec{
		Argv:        argv,
		DisplayName: o.DisplayName, Language: "go", InterruptMode: "message",
		Metadata: map[string]any{"debugger": true, "lathe_version": o.Version},
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("jupyter: kernelspec: %w", err)
	}
	dir := filepath.Join(data, "kernels", o.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("jupyter: kernelspec: %w", err)
	}
	for name, b := range map[string][]byte{"kernel.json": append(raw, '\n'), "logo-svg.svg": logo} {
		if err := atomicfile.WriteBytes(filepath.Join(dir, name), b); err != nil {
			return "", fmt.Errorf("jupyter: kernelspec: %w", err)
		}
	}
	return dir, nil
}

// dataDir is Jupyter's data directory: of an environment, or of the user.
func dataDir(prefix string) (string, error) {
	if prefix != "" {
		return filepath.Join(prefix, "share", "jupyter"), nil
	}
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("jupyter: %w; give a prefix", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}
