//go:build full && octave

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheMEXFileRunsInOctave compiles it with mkoctfile and runs a model, mistakes and a thousand calls.
func TestTheMEXFileRunsInOctave(t *testing.T) {
	dir := library(t)
	tool(t, "mkoctfile", "--mex", "-I.", "-L"+dir, "-llathe", "-Wl,-rpath,"+dir, "-o", filepath.Join(dir, "lathe_mex.mex"), "octave/lathe_mex.c")
	out, err := exec.Command("octave", "--no-gui", "--norc", "--path", dir, "octave/check.m", filepath.Join(dir, "predict_net.pbtxt")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "passed") {
		t.Errorf("%v: %s", err, out)
	}
}
