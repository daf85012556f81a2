// Command record writes what the compiled programs of the notebook cases print, beside the cases.
//
//	go run ./kernel/exectest/record
//
// It exports each case as a program (kernel/export), builds all of them, runs each twice, and fails when
// one does not print the same both times.
package main

import (
	"bytes"
	"fmt"
	"go/token"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exectest"
	"github.com/lathe-ml/lathe/kernel/export"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

func main() {
	log.SetFlags(0)
	if err := run("kernel/exectest"); err != nil {
		log.Fatalf("record: %v", err)
	}
}

func run(root string) error {
	dir, err := os.MkdirTemp("", "record")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cases, err := exectest.Cases()
	if err != nil {
		return err
	}
	if err := os.WriteFile(dir+"/go.mod", []byte("module cases\n\ngo 1.26\n"), 0o644); err != nil {
		return err
	}
	for i, c := range cases {
		text, err := program(c)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", c.File, c.Name, err)
		}
		sub := filepath.Join(dir, fmt.Sprintf("c%03d", i))
		if err := os.Mkdir(sub, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(sub+"/main.go", text, 0o644); err != nil {
			return err
		}
	}
	build := exec.Command("go", "build", "-o", "bin/", "./...")
	build.Dir, build.Stderr = dir, os.Stderr
	if err := os.Mkdir(dir+"/bin", 0o755); err != nil {
		return err
	}
	if err := build.Run(); err != nil {
		return err
	}
	out := map[string]*strings.Builder{}
	for i, c := range cases {
		bin := fmt.Sprintf("%s/bin/c%03d", dir, i)
		a, errA := output(bin)
		b, errB := output(bin)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			return fmt.Errorf("%s: %s: prints %q and %q (%v, %v)", c.File, c.Name, a, b, errA, errB)
		}
		file := strings.TrimSuffix(c.File, ".txt") + ".out"
		if out[file] == nil {
			out[file] = &strings.Builder{}
		}
		fmt.Fprintf(out[file], "== %s\n%s", c.Name, a)
	}
	for file, text := range out {
		if err := os.WriteFile(filepath.Join(root, file), []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func output(bin string) ([]byte, error) { return exec.Command(bin).Output() }

// program exports the cells of a case that are not refused.
func program(c exectest.Case) ([]byte, error) {
	lib := check.Open(std.Exports)
	s := check.New(token.NewFileSet(), lib, check.Options{Prelude: exectest.Prelude()})
	var cells []export.Cell
	for i, text := range c.Cells {
		if exectest.Refused(text) == "" {
			cells = append(cells, export.Cell{Name: fmt.Sprintf("cell %d", i+1), Text: text})
		}
	}
	return export.Program(s, cells, export.Options{Recover: true})
}
