//go:build cuda && full

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine/cuda"
	"github.com/lathe-ml/lathe/engine/cuda/emulate"
)

// TestMain runs the tests a second time, in a process that finds the emulated driver at its start.
func TestMain(m *testing.M) { emulate.Main(m.Run) }

func TestEveryCaseIsARowOfTheTable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gpu.md")
	if err := run(file, "", true); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases(true) {
		if !strings.Contains(string(b), "\n| "+c.name+" | ") {
			t.Errorf("no row of %s in\n%s", c.name, b)
		}
	}
}

func TestAllLibrariesAreThereOrNamed(t *testing.T) {
	if err := say(true); err != nil {
		t.Error(err)
	}
}

// script is a python that prints text and ends with a status.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRatiosAreTheirTimeByOurs(t *testing.T) {
	r, err := torch(script(t, `echo '{"version": "2.9", "eager": {"add": 0.5}, "compiled": {"add": 0.25}}'`))
	if err != nil {
		t.Fatal(err)
	}
	d, err := cuda.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	var w strings.Builder
	report(&w, d, []measured{{benchCase: benchCase{name: "add", work: 2e9, unit: "GB/s"}, seconds: 0.25, own: 0.5}}, r)
	if want := "| add | 250000.0 µs | 8 GB/s | 2.00 × | 1.00 × | 0.50 × |"; !strings.Contains(w.String(), want) {
		t.Errorf("no %s in\n%s", want, w.String())
	}
}

func TestAPythonWithoutTorchSaysWhy(t *testing.T) {
	_, err := torch(script(t, "echo first >&2; echo 'torch 2.9 sees no GPU' >&2; exit 1"))
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 1: torch 2.9 sees no GPU") {
		t.Error(err)
	}
	if _, err := torch("/nowhere/python"); err == nil || !strings.Contains(err.Error(), "/nowhere/python") {
		t.Error(err)
	}
	if _, err := torch(script(t, "echo nonsense")); err == nil || !strings.Contains(err.Error(), "python: ") {
		t.Error(err)
	}
}
