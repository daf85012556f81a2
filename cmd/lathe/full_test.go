//go:build full

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestDigitsReachTheirAccuracy trains the network of the README headlessly and validates the written
// notebook with nbformat.
func TestDigitsReachTheirAccuracy(t *testing.T) {
	nb := runExample(t, "03-digits.ipynb")
	found := regexp.MustCompile(`epoch \d+  test accuracy ([0-9.]+) %`).FindAllStringSubmatch(text(nb), -1)
	if len(found) == 0 {
		t.Fatal("no accuracy was printed")
	}
	last, err := strconv.ParseFloat(found[len(found)-1][1], 64)
	if err != nil || last < 97 {
		t.Errorf("test accuracy is %v %%, want at least 97", last)
	}
	path := filepath.Join(t.TempDir(), "digits.ipynb")
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	python := os.Getenv("LATHE_PYTHON")
	if python == "" {
		t.Fatal("LATHE_PYTHON names no Python with nbformat; run ./test.sh")
	}
	check := "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT))"
	if msg, err := exec.Command(python, "-c", check, path).CombinedOutput(); err != nil {
		t.Errorf("nbformat refuses the written notebook: %v\n%s", err, msg)
	}
}
