package golang

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/internal/conform/report"
)

// The test binary runs programs as the command does.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == ChildName {
		os.Exit(Child(os.Args[2]))
	}
	os.Exit(m.Run())
}

func suite(t *testing.T, executor, only string) *report.Report {
	var out bytes.Buffer
	r := report.New("golang", &out)
	refs := os.DirFS("../testdata/golang")
	if err := Run(refs, r, Options{Executor: executor, Only: only}); err != nil {
		t.Fatal(err)
	}
	if r.Failed() > 0 {
		t.Error(out.String())
	}
	return r
}

// A part of the programs that is quick; the command runs all.
func TestProgramsPrintWhatTheyPrintCompiled(t *testing.T) {
	total := 0
	for _, only := range []string{"interface/", "ken/c"} {
		for _, n := range suite(t, "exact", only).Passed() {
			total += n
		}
	}
	if total < 20 {
		t.Errorf("%d programs", total)
	}
}

func TestWhatAProgramDoesWrongIsSaid(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"applicable.tsv": "program\na.go\nb.go\nc.go\nd.go\n",
		"programs/a.go":  "package main\nfunc main() { print(nope) }",
		"programs/b.go":  "package main\nimport \"fmt\"\nfunc main() { fmt.Println(1); fmt.Println(2) }",
		"expected/b.out": "1\n3\n",
		"programs/c.go":  "package main\nfunc main() { var s []int; s[1] = 2 }",
		"programs/d.go":  "package main\nimport \"os\"\nfunc main() { os.Exit(0) }",
		"expected/d.out": "",
	} {
		if err := os.MkdirAll(dir+"/"+strings.Trim(name[:strings.LastIndexByte("/"+name, '/')], "/"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	r := report.New("golang", &out)
	if err := Run(os.DirFS(dir), r, Options{Executor: "exact"}); err != nil {
		t.Fatal(err)
	}
	r.Summary()
	for _, want := range []string{
		"a.go: exit status 3: cell 1 line 2: nope is unknown", `b.go: prints "2" in line 2, want "3"`,
		"c.go: exit status 1: cell 1 line 2: panic: runtime error: index out of range [1] with length 0",
		"golang: 1 passed, 3 failed",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got\n%s\nwant %q", out.String(), want)
		}
	}
}

func TestOnlyUnknownFailuresAndThoseThatAreGoneAreDifferences(t *testing.T) {
	known := []Failure{{"a.go", "x"}, {"b.go", "slow: no end"}, {"c.go", "y"}}
	var out bytes.Buffer
	if !Compare([]Failure{{"a.go", "z"}, {"c.go", ""}}, known, &out) || out.Len() > 0 {
		t.Errorf("the same failures differ: %s", out.String())
	}
	if Compare([]Failure{{"a.go", ""}, {"d.go", "new"}}, known, &out) {
		t.Error("other failures are the same")
	}
	want := "d.go is not a known failure: new\nc.go passes; take it off the list of known failures (-update)\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	list := List([]Failure{{"a.go", "exit status 1: at 0xc000 of\ngoroutine 7"}, {"b.go", "no end within 1m0s"}})
	if string(list) != "a.go\tat … of …\nb.go\tslow: no end within 1m0s\n" {
		t.Errorf("got %q", list)
	}
}
