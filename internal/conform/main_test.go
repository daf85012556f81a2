package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/internal/conform/models"
	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/internal/conform/torch"
)

var update = flag.Bool("update", false, "rewrite the lists of passing cases")

func TestTorchAgreesAndNothingSupportedIsLost(t *testing.T) {
	refs, err := open("torch", "")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := report.New("torch", &out)
	if err := torch.Run(refs, r); err != nil {
		t.Fatal(err)
	}
	if r.Failed() > 0 {
		t.Errorf("%d cases disagree with PyTorch:\n%s", r.Failed(), out.String())
	}
	const file, page = "testdata/torch-passing.txt", "../../docs/torch-cases.md"
	if *update {
		if err := os.WriteFile(file, counts(r.Passed()), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(page, r.Table(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(page); err != nil || !bytes.Equal(text, r.Table()) {
		t.Errorf("%s is not current (%v); run go test ./internal/conform -update", page, err)
	}
	list, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		var group string
		var n int
		if _, err := fmt.Sscan(line, &n, &group); err != nil {
			t.Fatalf("%s: line %q: %v", file, line, err)
		}
		if got := r.Passed()[group]; got < n {
			t.Errorf("%s: %d cases pass, %d did before", group, got, n)
		} else if got > n {
			t.Errorf("%s: %d cases pass, %s says %d; run go test ./internal/conform -update", group,
				got, file, n)
		}
		delete(r.Passed(), group)
	}
	for group, n := range r.Passed() {
		t.Errorf("%s: %d cases pass, %s does not list it; run go test ./internal/conform -update",
			group, n, file)
	}
}

func TestTrainedNetworksReturnWhatWasRecorded(t *testing.T) {
	refs, err := open("models", "")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := report.New("models", &out)
	if err := models.Run(refs, r); err != nil {
		t.Fatal(err)
	}
	r.Summary()
	for group, n := range map[string]int{
		"mtcnn.pnet": 1, "mtcnn.rnet": 1, "mtcnn.onet": 1, "basic_pitch": 3, "silero_vad": 7, "caffe": 2,
	} {
		if got := r.Passed()[group]; got != n {
			t.Errorf("%s: %d cases agree, want %d:\n%s", group, got, n, out.String())
		}
	}
}

func counts(passed map[string]int) []byte {
	var lines []string
	for g, n := range passed {
		lines = append(lines, fmt.Sprintf("%3d %s", n, g))
	}
	sort.Slice(lines, func(i, j int) bool { return lines[i][4:] < lines[j][4:] })
	return []byte(strings.Join(lines, "\n") + "\n")
}

func TestExitStatusAndMessages(t *testing.T) {
	empty, broken := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(broken, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("ops.json", `[
{"id":"add#1","op":"add","variant":"","tier":1,"dtype":"f64","input":{"$t":["f64",[1],0,8]},`+
		`"args":[1],"kwargs":{},"requires_grad":[],"output":{"$t":["f64",[1],8,8]}},
{"id":"abs#1","op":"abs","input":{"$t":["f64",[1],0,8]},"args":[],"kwargs":{},"output":{"$t":["f64",[1],0,8]}},
{"id":"nope#1","op":"nope","input":1}
]`)
	write("ops.bin", string([]byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f})) // 1, 1
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"sklearn", "-refs", empty}, 2, "no estimators.json"},
		{[]string{"onnx", "-refs", empty}, 2, "no MANIFEST.tsv"},
		{
			[]string{"keras"},
			2,
			`conform: suite "keras" is unknown; known: golang models onnx sklearn torch`,
		},
		{nil, 2, "usage: conform SUITE"},
		{[]string{"torch", "-refs", empty + "/no"}, 2, "no such file"},
		{[]string{"torch", "-refs", empty}, 2, "no ops.json"},
		{[]string{"torch", "-refs", broken}, 1, "ops add#1: result element 0 of f64[1] is 2, want 1\n" +
			"torch: not supported yet: 1 cases (nope 1)\ntorch: 1 passed, 1 failed\n"},
	} {
		var out bytes.Buffer
		if got := run(c.args, &out, &out); got != c.status || !strings.Contains(out.String(), c.want) {
			t.Errorf("conform %v: status %d, want %d; output %q, want %q", c.args, got, c.status,
				out.String(), c.want)
		}
	}
}
