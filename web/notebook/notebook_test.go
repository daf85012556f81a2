package notebook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/web/notebook"
)

func Example() {
	nb := notebook.New()
	cell := notebook.NewCell(notebook.Code, "fmt.Println(1)\n2")
	nb.Cells = append(nb.Cells, cell)
	change, _, err := notebook.FromMessage("stream", []byte(`{"name":"stdout","text":"1\n"}`))
	nb.Apply(cell.ID, change)
	fmt.Printf("%s%v", nb.Cells[0].Outputs[0].Text, err)
	// Output:
	// 1
	// <nil>
}

// jupyter.ipynb was written by nbformat 5.11.1; its bytes are the definition of "like Jupyter".
func TestWriteGivesJupytersBytes(t *testing.T) {
	want, err := os.ReadFile("testdata/jupyter.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	nb, err := notebook.Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("bytes differ\n%s", got)
	}
	if err := structure(got); err != nil {
		t.Error(err)
	}
}

func TestUnknownFieldsSurvive(t *testing.T) {
	in := `{"cells":[{"cell_type":"code","execution_count":7,"metadata":{"tags":["a"],"x":1.50},
	 "source":"a\nb","outputs":[{"output_type":"display_data","data":{"application/x+json":{"n":1e400}},
	 "metadata":{"k":[]},"future":true}],"novel":{"deep":[1,2]}}],
	 "metadata":{"widgets":{"state":{}}},"nbformat":4,"nbformat_minor":4,"signature":"s"}`
	nb, err := notebook.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	out, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"novel": {`, `"future": true`, `"n": 1e400`, `"x": 1.50`, `"widgets"`, `"signature": "s"`,
		`"nbformat_minor": 5`, "\"a\\n\",\n", `"execution_count": 7`,
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is lost in\n%s", want, out)
		}
	}
}

func TestMissingIDsAreAddedTheSameWayEveryTime(t *testing.T) {
	in := []byte(`{"cells":[{"cell_type":"raw","metadata":{},"source":"x"},
	 {"cell_type":"raw","metadata":{},"source":"x","id":"same"},
	 {"cell_type":"raw","metadata":{},"source":"y","id":"same"},
	 {"cell_type":"raw","metadata":{},"source":"z","id":"not valid!"}],
	 "metadata":{},"nbformat":4,"nbformat_minor":2}`)
	a, err := notebook.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := notebook.Parse(in)
	seen := map[string]bool{}
	for i, c := range a.Cells {
		if !notebook.ValidID(c.ID) || seen[c.ID] || c.ID != b.Cells[i].ID {
			t.Errorf("cell %d: ids %q and %q", i, c.ID, b.Cells[i].ID)
		}
		seen[c.ID] = true
	}
	if a.Cells[1].ID != "same" {
		t.Errorf("the first use of an id was renamed to %q", a.Cells[1].ID)
	}
}

func TestBrokenNotebooksAreRefusedWithThePosition(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		line     int
		column   int
		message  string
	}{
		{"empty", "", 1, 1, "want a JSON value, got the end of the file"},
		{"truncated", "{\n \"cells\": [", 2, 12, "want a JSON value, got the end of the file"},
		{"comma", "{\n \"cells\": []\n \"metadata\": {}}", 3, 2, "want ',' or '}', got '\"'"},
		{"merge conflict", "{\n<<<<<<< HEAD\n", 2, 1, "want a key in double quotes, got '<'"},
		{"raw newline", "{\"a\": \"x\ny\"}", 1, 9, "want an escape such as"},
		{"after umlauts", "{\"ä\": x}", 1, 7, "want a JSON value, got 'x'"},
		{"NaN", "{\"a\": NaN}", 1, 7, "want a JSON value, got 'N'"},
		{"twice", "{\"a\": 1,\n \"a\": 2}", 2, 2, `want each key once, got a second "a"`},
		{"no cells", `{"nbformat":4,"nbformat_minor":5,"metadata":{}}`, 1, 1, `want the key "cells"`},
		{"old", `{"nbformat": 3,"nbformat_minor":0,"metadata":{}}`, 1, 14, "from 4 to 4"},
		{
			"cell type",
			"{\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{},\"cells\":[\n{\"cell_type\":\"sql\",\"source\":\"\",\"metadata\":{}}]}",
			2, 14, `cells[0].cell_type: want "code", "markdown" or "raw", got "sql"`,
		},
		{
			"source",
			"{\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{},\"cells\":[\n{\"cell_type\":\"raw\",\"source\":[1],\"metadata\":{}}]}",
			2, 30, "cells[0].source[0]: want a string, got a number",
		},
		{"list", "[]", 1, 1, "want an object, got a list"},
		{"deep", strings.Repeat("[", 100000), 1, 501, "at most 500 nested values"},
	} {
		_, err := notebook.Parse([]byte(tc.in))
		var pos *notebook.PositionError
		if !errors.As(err, &pos) {
			t.Errorf("%s: error %v is no PositionError", tc.name, err)
			continue
		}
		if pos.Line != tc.line || pos.Column != tc.column || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: %v; want line %d column %d and %q", tc.name, err, tc.line, tc.column, tc.message)
		}
	}
}

func TestWriteFileReplacesTheFileOrLeavesIt(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.ipynb")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := notebook.New()
	bad.Metadata["x"] = func() {}
	if err := bad.WriteFile(name); err == nil {
		t.Fatal("a notebook that cannot be encoded was written")
	}
	if data, _ := os.ReadFile(name); string(data) != "old" {
		t.Fatalf("the file became %q", data)
	}
	if err := notebook.New().WriteFile(name); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600 kept", info.Mode(), err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("%d files left in the folder", len(entries))
	}
}

func TestWritingThroughALinkKeepsTheLinkAndStaysInside(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(
		os.Mkdir(filepath.Join(dir, "in"), 0o700),
		os.Symlink("../real.ipynb", filepath.Join(dir, "in", "link.ipynb")),
		os.Symlink("../out.ipynb", filepath.Join(dir, "bad.ipynb")),
		os.Symlink(dir+"/real.ipynb", filepath.Join(dir, "absolute.ipynb")),
	); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := notebook.Replace(root, "in/link.ipynb", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(filepath.Join(dir, "real.ipynb")); string(data) != "x" {
		t.Errorf("the file behind the link holds %q", data)
	}
	for _, name := range []string{"bad.ipynb", "absolute.ipynb"} {
		if err := notebook.Replace(root, name, []byte("x")); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func TestCellAndOutputJSONRoundTrips(t *testing.T) {
	nb, err := notebook.ReadFile("testdata/jupyter.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := nb.Bytes()
	for i, c := range nb.Cells {
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		back := new(notebook.Cell)
		if err := json.Unmarshal(data, back); err != nil {
			t.Fatal(err)
		}
		nb.Cells[i] = back
	}
	if got, _ := nb.Bytes(); !bytes.Equal(got, want) {
		t.Errorf("bytes differ after a trip through JSON\n%s", got)
	}
}
