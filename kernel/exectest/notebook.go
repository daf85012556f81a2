package exectest

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// notebooks are the cases of testdata/notebook: cells separated by "---" under a "== name". A cell
// that starts with "//! text" must be refused with that text and changes nothing. The .out files hold
// what go run prints for the program that kernel/export makes of the cells; record writes them.
//
//go:embed testdata/notebook
var notebooks embed.FS

// Case is a session with what the compiled program prints.
type Case struct {
	File, Name string
	Cells      []string
	Want       string
}

// Refused is the text with which a cell must be refused, or "".
func Refused(cell string) string {
	first, _, _ := strings.Cut(cell, "\n")
	text, ok := strings.CutPrefix(first, "//! ")
	if !ok {
		return ""
	}
	return text
}

// Cases reads the notebook cases.
func Cases() (list []Case, err error) {
	files, err := fs.Glob(notebooks, "testdata/notebook/*.txt")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := notebooks.ReadFile(file)
		if err != nil {
			return nil, err
		}
		out, _ := notebooks.ReadFile(strings.TrimSuffix(file, ".txt") + ".out")
		want := map[string]string{}
		for _, c := range sections(string(out)) {
			want[c[0]] = c[1]
		}
		for _, c := range sections(string(text)) {
			cells := strings.Split(strings.TrimSuffix(c[1], "\n"), "\n---\n")
			list = append(list, Case{file, c[0], cells, want[c[0]]})
		}
	}
	return list, nil
}

// sections splits a text at its "== name" lines.
func sections(text string) (list [][2]string) {
	for part := range strings.SplitSeq("\n"+text, "\n== ") {
		if name, body, ok := strings.Cut(part, "\n"); ok && name != "" {
			if !strings.HasSuffix(body, "\n") && body != "" {
				body += "\n"
			}
			list = append(list, [2]string{name, body})
		}
	}
	return list
}

// Prelude is what cells of the tables may use without an import.
func Prelude() map[string]string {
	prelude := map[string]string{}
	for _, p := range []string{
		"fmt", "strings", "math", "sort", "errors", "time", "os", "sync", "encoding/json", "slices",
	} {
		prelude[p[strings.LastIndexByte(p, '/')+1:]] = p
	}
	return prelude
}

// Notebooks runs the cases. instead has what cases give, by name, where the executor does not do what
// the compiled program does.
func Notebooks(t *testing.T, start New, instead map[string]string) {
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 200 {
		t.Errorf("%d cases, want at least 200", len(cases))
	}
	seen := map[string]bool{}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if seen[c.Name] {
				t.Fatal("a case of this name exists")
			}
			seen[c.Name] = true
			want, differs := instead[c.Name]
			if !differs {
				want = c.Want
			}
			if want == "" {
				t.Fatal("no recorded output; go run ./kernel/exectest/record")
			}
			nb := NewNotebook(t, start)
			nb.asProgram = true
			got := ""
			for _, cell := range c.Cells {
				out := nb.Run(t, cell)
				if text := Refused(cell); text != "" && strings.HasPrefix(out, "check: ") && strings.Contains(out, text) {
					continue
				}
				got += out
			}
			if got != want {
				t.Errorf("%s\ngot  %q\nwant %q", strings.Join(c.Cells, "\n---\n"), got, want)
			}
		})
	}
	for name := range instead {
		if !seen[name] {
			t.Errorf("no case is named %q", name)
		}
	}
}

// shownAsProgram writes the values and the failure of a cell as the exported program prints them.
func shownAsProgram(values []any, panicked string) string {
	text := ""
	if len(values) > 0 {
		text = fmt.Sprintln(values...)
	}
	if panicked != "" {
		text += "panic: " + panicked + "\n"
	}
	return text
}

// The names of notebook cases and programs in the list of differences that Run takes start with these.
const (
	notebookMark = "notebook: "
	programMark  = "program: "
)

// marked returns the differences whose names start with mark, without it.
func marked(instead map[string]string, mark string) map[string]string {
	out := map[string]string{}
	for name, want := range instead {
		if own, ok := strings.CutPrefix(name, mark); ok {
			out[own] = want
		}
	}
	return out
}
