//go:build full

package notebook_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/lathe-ml/lathe/web/notebook"
)

// TestPythonsNbformatAcceptsWhatWeWrite needs python3 with nbformat; LATHE_PYTHON names another
// interpreter.
func TestPythonsNbformatAcceptsWhatWeWrite(t *testing.T) {
	old, err := notebook.Parse([]byte(`{"cells":[{"cell_type":"code","metadata":{},"source":"x",
	"outputs":[],"execution_count":null}],"metadata":{},"nbformat":4,"nbformat_minor":0}`))
	if err != nil {
		t.Fatal(err)
	}
	rich, err := notebook.ReadFile("testdata/jupyter.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	const check = `import nbformat, sys
nb = nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT)
nbformat.validate(nb)
assert (nb.nbformat, nb.nbformat_minor) == (4, 5), nb.nbformat_minor`
	for name, nb := range map[string]*notebook.Notebook{"old": old, "rich": rich, "new": notebook.New()} {
		file := filepath.Join(t.TempDir(), name+".ipynb")
		if err := nb.WriteFile(file); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(cmp.Or(os.Getenv("LATHE_PYTHON"), "python3"), "-c", check, file)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
