package exact_test

import (
	"path/filepath"
	"strings"
	"testing"
)

func inModule(t *testing.T) func(cell, want string) {
	t.Helper()
	cache, err := filepath.Abs("testdata/modules/cache")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOMODCACHE", cache)
	t.Chdir("testdata/modules/app")
	return cells(t)
}

func cells(t *testing.T) func(cell, want string) {
	nb := newNotebook(t)
	return func(cell, want string) {
		t.Helper()
		if got := nb.Run(t, cell); got != want && (want == "" || !strings.Contains(got, want)) {
			t.Errorf("%s\ngot  %q\nwant %q", cell, got, want)
		}
	}
}

func TestPackagesOfModulesAreReadFromSource(t *testing.T) {
	run := inModule(t)
	run("import \"example.com/app/shapes\"\nshapes.Order()", "=> [shapes after dep init]\n")
	run("s := shapes.Largest(&shapes.Square{2}, &shapes.Square{3})\nfmt.Println(s, s.Area())", "square of 3 9\n")
	run("fmt.Printf(\"%T\\n\", s)", "*shapes.Square\n")
	run("shapes.Order()", "=> [shapes after dep init]\n") // initialized once
	run("import \"example.com/vend\"\nvend.Name", "=> vend\n")
	run("import \"example.com/local\"\ntype N int\nlocal.Twice(N(4))", "=> 8\n")
}

func TestPackagesThatCannotBeReadSayWhy(t *testing.T) {
	run := inModule(t)
	run(`import "example.com/asm"`, "is not all Go: Fast has no body")
	run(`import "example.com/missing"`, "is not in the module cache")
	run(`import "example.com/other"`, "no module that")
	run("1 + 1", "=> 2\n")
}

// gonum.org/v1/gonum is a dependency of this module.
func TestARealPackageRunsFromTheModuleCache(t *testing.T) {
	t.Chdir("../..")
	run := cells(t)
	run("import \"gonum.org/v1/gonum/floats\"\nx := []float64{1, 2, 3}\nfloats.Add(x, []float64{1, 1, 1})\n"+
		"fmt.Println(x, floats.Sum(x), floats.Dot(x, x))", "[2 3 4] 9 29\n")
}
