package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/internal/torchnames"
	"github.com/lathe-ml/lathe/kernel/host"
)

func versionCommand() command {
	return command{
		name: "version", short: "print the version and how it was built", example: "lathe version",
		run: func(_ context.Context, e *env) error {
			if err := e.parse(); err != nil {
				return err
			}
			fmt.Fprintln(e.stdout, versionLine())
			return nil
		},
	}
}

// versionLine names the module version or revision, the Go release and the platform.
func versionLine() string {
	version, revision := "development", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			version = v
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = " " + s.Value[:12]
			}
		}
	}
	return fmt.Sprintf("lathe %s%s %s %s/%s", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func doctorCommand() command {
	return command{
		name: "doctor", short: "say what this machine can do, and what PyTorch's names are called here",
		example: "lathe doctor --torch scatter_add",
		run: func(_ context.Context, e *env) error {
			torch := e.flags.String("torch", "", "say what this name of PyTorch is called here")
			if err := e.parse(); err != nil {
				return err
			}
			if *torch != "" {
				return translate(e.stdout, *torch)
			}
			for _, c := range diagnose() {
				fmt.Fprintf(e.stdout, "%-4s %-16s %s\n", c.mark, c.what, c.detail)
			}
			return nil
		},
	}
}

// translate prints what a name of PyTorch is called here, the nearest names first.
func translate(w io.Writer, name string) error {
	found, err := torchnames.Find(name, 5)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("doctor: no name of PyTorch that is like %q is known; docs/guide/torch.md lists all", name)
	}
	for _, e := range found {
		ours := e.Ours
		if ours == "" {
			ours = "nothing here"
		}
		fmt.Fprintf(w, "%s → %s\n", e.Torch, ours)
		for _, line := range []string{e.Doc, e.Note} {
			if line != "" {
				fmt.Fprintf(w, "    %s\n", line)
			}
		}
	}
	return nil
}

// check is one line of the doctor: ok, or note where something is not there but not needed.
type check struct{ mark, what, detail string }

func diagnose() []check {
	checks := []check{
		{"ok", "program", versionLine()},
		{"ok", "processor", fmt.Sprintf("%d threads used of %d, kernels: %s", engine.Threads(), runtime.NumCPU(), cpu.Level())},
	}
	if cpu.Level() == "portable" {
		checks[1].mark = "note"
		checks[1].detail += "; amd64 with AVX2 or AVX-512 is several times faster"
	}
	checks = append(checks, memoryCheck(), browserCheck(), writableCheck(), pythonCheck())
	return append(checks, gpuCheck())
}

func gpuCheck() check {
	d, err := op.OpenDevice("cuda", 0)
	if err != nil {
		return check{"note", "gpu", err.Error()}
	}
	if g, ok := d.(interface {
		Name() string
		Total() int64
	}); ok {
		detail := fmt.Sprintf("%v is %s with %s", d, g.Name(), bytesText(g.Total()))
		if l, ok := d.(interface{ Libraries() []string }); ok {
			detail += "; " + strings.Join(l.Libraries(), "; ")
		}
		if m, ok := d.(interface {
			Free() int64
			Replays() string
		}); ok {
			detail += fmt.Sprintf("; %s of memory free; %s", bytesText(m.Free()), m.Replays())
		}
		if u, ok := d.(engine.UsageReporter); ok {
			if now, err := u.Usage(); err != nil {
				detail += fmt.Sprintf("; its load is not known: %v", err)
			} else {
				detail += fmt.Sprintf("; busy %.0f %% of the time", 100*now.Busy)
			}
		}
		return check{"ok", "gpu", detail}
	}
	return check{"ok", "gpu", d.String()}
}

func memoryCheck() check {
	limit := host.DefaultMemoryLimit()
	return check{"ok", "memory", fmt.Sprintf("each kernel may use %s (change it with --memory)", bytesText(limit))}
}

func browserCheck() check {
	if name, _, err := browserCommand(""); err == nil {
		return check{"ok", "browser", "opened with " + name}
	}
	return check{"note", "browser", "no opener found: lathe prints the address to open by hand"}
}

func writableCheck() check {
	dir, err := os.Getwd()
	if err == nil {
		err = writable(dir)
	}
	if err != nil {
		return check{"bad", "folder", err.Error()}
	}
	return check{"ok", "folder", dir + " is writable"}
}

// writable says in one line why notebooks in dir could not be saved.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".lathe-*")
	if err != nil {
		return fmt.Errorf("%s is not writable: notebooks there can be run but not saved", dir)
	}
	f.Close()
	return os.Remove(f.Name())
}

func pythonCheck() check {
	if _, err := exec.LookPath("python3"); err != nil {
		return check{"note", "python", "not found; Lathe does not need it"}
	}
	return check{"ok", "python", "found; Lathe does not need it"}
}

// bytesText writes a size with a binary unit: "4.0 GiB".
func bytesText(n int64) string {
	f, unit := float64(n), "B"
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if f < 1024 {
			break
		}
		f, unit = f/1024, u
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") + " " + unit
}
