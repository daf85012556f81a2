package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const one = `{"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":null,"outputs":[],` +
	`"source":"fmt.Println(\"ran\")"}],"metadata":META,"nbformat":4,"nbformat_minor":5}`

func TestRunChecksItsOutputBeforeItRuns(t *testing.T) {
	path := write(t, "one.ipynb", strings.Replace(one, "META", "{}", 1))
	dir := t.TempDir()
	readOnly := filepath.Join(dir, "ro.ipynb")
	if err := os.WriteFile(readOnly, nil, 0o444); err != nil {
		t.Fatal(err)
	}
	for out, want := range map[string]string{
		dir:                                    "it is a folder; want the name of a file",
		filepath.Join(dir, "no", "out.ipynb"):  "there is no folder",
		os.DevNull:                             "not an ordinary file",
		readOnly:                               "the file is read-only",
		filepath.Join(path, "under-a-file.nb"): "cannot write",
	} {
		code, stdout, stderr := lathe(t, "run", path, "-o", out)
		if code != 1 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("-o %s: status %d, printed %q, %q; want …%s… and nothing run", out, code, stdout, stderr, want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%v was left behind", left)
	}
}

func TestRunNamesTheLanguageOfAForeignNotebook(t *testing.T) {
	for meta, want := range map[string]string{
		`{"kernelspec":{"name":"python3","display_name":"Python 3","language":"python"}}`: "written in python; its cells are run as Go",
		`{"language_info":{"name":"R"}}`: "written in R; its cells are run as Go",
	} {
		path := write(t, "py.ipynb", strings.Replace(one, "META", meta, 1))
		if code, _, stderr := lathe(t, "run", path); code != 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %q; want 0 and …%s…", meta, code, stderr, want)
		}
	}
}

func TestTheVersionIsAFlagToo(t *testing.T) {
	_, want, _ := lathe(t, "version")
	if code, got, stderr := lathe(t, "--version"); code != 0 || got != want {
		t.Errorf("status %d, %q, %q; want what lathe version prints, %q", code, got, stderr, want)
	}
}

func TestServeTakesFoldersAndNotebooksOnly(t *testing.T) {
	path := write(t, "notes.txt", "hi")
	if code, _, stderr := lathe(t, "serve", "--no-open", path); code != 1 || !strings.Contains(stderr, ".ipynb") {
		t.Errorf("status %d, %q; want 1 and a message on .ipynb", code, stderr)
	}
	if code, _, stderr := lathe(t, "run", path, "--memory", "10"); code != 2 || !strings.Contains(stderr, "64M or more") {
		t.Errorf("status %d, %q; want 2 and a message on --memory", code, stderr)
	}
	if code, _, stderr := lathe(t, "run", path, "--timeout", "-5s"); code != 2 || !strings.Contains(stderr, "--timeout -5s") {
		t.Errorf("status %d, %q; want 2 and a message on --timeout", code, stderr)
	}
}
