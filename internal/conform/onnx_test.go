package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	conformonnx "github.com/lathe-ml/lathe/internal/conform/onnx"
	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// TestONNXFailsWhereItIsKnownTo compares the failures with testdata/onnx/known.tsv, and docs/onnx.md with both.
func TestONNXFailsWhereItIsKnownTo(t *testing.T) {
	refs, err := open("onnx", "")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := report.New("onnx", &out)
	if err := conformonnx.Run(refs, r); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/onnx/known.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		name, _, _ := strings.Cut(line, "\t")
		known = append(known, name)
	}
	var failed []string
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if name, _, ok := strings.Cut(line, ": "); ok {
			failed = append(failed, name)
			if !slices.Contains(known, name) {
				t.Errorf("%s", line)
			}
		}
	}
	for _, name := range known {
		if !slices.Contains(failed, name) {
			t.Errorf("%s passes; take it out of known.tsv", name)
		}
	}
	page := onnxPage(r, string(text))
	const file = "../../docs/onnx.md"
	if *update {
		if err := os.WriteFile(file, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, page) {
		t.Errorf("%s is not current (%v); run go test ./internal/conform -update", file, err)
	}
}

// onnxPage lists the operators that are imported and exported, and the tests that do not agree.
func onnxPage(r *report.Report, known string) []byte {
	var b bytes.Buffer
	passed := 0
	for _, n := range r.Passed() {
		passed += n
	}
	fmt.Fprintf(&b, "# ONNX\n\nWritten by a test of `internal/conform`. Of %d tests of the ONNX project (version 1.23.2), %d agree.\n\n",
		passed+r.Failed(), passed)
	fmt.Fprintf(&b, "## Tests that do not agree\n\n| test | why |\n|---|---|\n")
	for _, line := range strings.Split(strings.TrimSpace(known), "\n") {
		name, why, _ := strings.Cut(line, "\t")
		fmt.Fprintf(&b, "| %s | %s |\n", name, why)
	}
	ops := onnx.Operators()
	fmt.Fprintf(&b, "\n## Operators that are imported\n\n%d operators, each in the meaning of every version of its operator set up to "+
		"ai.onnx 28, ai.onnx.ml 5: %s.\n", len(ops), strings.Join(ops, ", "))
	out, not := onnx.Exported()
	fmt.Fprintf(&b, "\n## Operators that are exported\n\nTo version 20 of ai.onnx: %s.\n\nNot exported: %s. A graph with one of these is an "+
		"error that names it.\n", strings.Join(out, ", "), strings.Join(not, ", "))
	return b.Bytes()
}
