package lathe_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/lathe-ml/lathe"

// mayImport says for each part of the tree which other parts it may import; a part is the longest key
// that is a prefix of the package path. Every part may import itself.
var mayImport = map[string][]string{
	"engine":           {},
	"engine/cpu":       {"engine"},
	"engine/op":        {"engine", "engine/cpu"},
	"engine/roofline":  {"engine", "engine/cpu", "engine/op"},
	"engine/op/optest": {"engine", "engine/cpu", "engine/op", "eager"},
	"engine/cuda":      {"engine", "engine/cpu", "engine/op", "jit/codegen", "internal/atomicfile"}, // imported by cmd alone
	"eager":            {"engine", "engine/cpu", "engine/op"},
	"eager/gen":        {"engine/op"},
	"eager/nn":         {"engine", "engine/op", "eager"},
	"eager/linalg":     {"engine", "engine/op", "eager"},
	"eager/optim":      {"engine", "engine/op", "eager", "eager/nn"},
	"eager/amp":        {"engine", "engine/op", "eager", "eager/nn", "eager/optim"},
	"eager/dist":       {"engine", "engine/op", "eager", "eager/linalg", "eager/special"},
	"eager/special":    {"engine", "engine/op", "eager"},
	"eager/checkpoint": {"internal/atomicfile", "engine", "eager", "eager/nn", "eager/optim"},
	"eager/parallel":   {"engine", "engine/op", "eager", "eager/nn"},
	"eager/profile":    {"engine", "eager", "kernel/display"},
	"data":             {"internal/atomicfile", "engine", "eager", "kernel/display"},
	"jit/graph":        {"engine", "engine/cpu", "engine/op", "jit/codegen"},
	"jit/exec":         {"engine", "engine/cpu", "engine/op", "jit/graph", "jit/codegen"},
	"jit/pass":         {"engine", "engine/cpu", "engine/op", "jit/graph", "jit/exec", "jit/codegen"},
	"jit/view":         {"engine", "engine/op", "jit/graph", "kernel/display"},
	"jit/export":       {"internal/atomicfile", "engine", "eager", "eager/nn", "jit", "jit/graph", "jit/model", "jit/onnx", "jit/view", "kernel/display"},
	"jit/codegen":      {"engine", "engine/cpu", "engine/op"},
	"jit/model":        {"internal/atomicfile", "engine", "engine/cpu", "engine/op", "jit/graph", "jit/exec", "jit/pass"},
	"jit/quant":        {"engine", "engine/cpu", "engine/op", "jit/graph", "jit/exec", "jit/pass"},
	"jit/serve":        {"engine", "engine/cpu", "engine/op", "jit/graph", "jit/model", "jit/pass"},
	"jit": {
		"jit/model", "jit/quant", "engine", "engine/cpu", "engine/op", "eager", "eager/nn", "jit/graph", "jit/exec", "jit/pass", "jit/codegen",
		"jit/view", "kernel/display",
	},
	"jit/boxes":    {},
	"jit/caffe":    {"internal/atomicfile", "engine", "engine/op", "eager", "eager/nn", "jit/boxes"},
	"jit/caffe2":   {"engine", "engine/op", "eager", "jit/caffe"},
	"jit/importer": {"engine", "eager", "eager/checkpoint", "jit", "jit/caffe", "jit/caffe2", "jit/model", "jit/onnx"},
	"capi":         {"engine", "engine/cpu", "jit/importer", "jit/model", "internal/atomicfile"}, // the only part in C; nothing imports it
	"jit/zoo": {
		"internal/atomicfile", "engine", "eager", "eager/checkpoint", "eager/nn", "data", "jit", "jit/boxes", "jit/caffe", "jit/model", "jit/onnx",
	},
	"jit/onnx":        {"jit/boxes", "internal/atomicfile", "data", "engine", "engine/cpu", "engine/op", "eager", "eager/linalg", "eager/nn", "eager/checkpoint", "jit", "jit/graph"},
	"learn":           {"engine", "engine/cpu", "eager", "data", "kernel/display"},
	"learn/persist":   {"learn", "internal/atomicfile"},
	"learn/convert":   {"learn", "jit/onnx", "data", "eager"},
	"spark":           {"internal/atomicfile", "jit/model", "jit/onnx", "jit/serve", "engine", "engine/op", "eager", "eager/nn", "eager/optim", "eager/checkpoint", "eager/parallel", "data", "kernel/display", "viz/tensorboard"},
	"viz":             {"engine", "eager", "kernel/display"},
	"viz/tensorboard": {"engine", "eager", "kernel/display"},
	"kernel":          {"kernel/display", "internal/atomicfile"}, // not the tensor stack: symbols are handed to it
	"kernel/display":  {},
	"kernel/exectest": {"kernel", "kernel/symbols"}, // imported by tests alone
	"kernel/symbols": {
		"engine", "engine/op", "eager", "eager/dist", "eager/linalg", "eager/nn", "eager/optim", "eager/special",
		"eager/amp", "eager/checkpoint", "eager/parallel", "eager/profile", "data", "viz", "kernel", "kernel/display", "jit",
		"jit/caffe", "jit/caffe2", "jit/export", "jit/onnx", "jit/quant", "jit/zoo", "learn", "spark", "learn/convert", "learn/persist", "viz/tensorboard",
	},
	"debugger":            {"kernel", "kernel/display"},
	"debugger/dap":        {"debugger", "kernel", "kernel/display"},
	"debugger/tensor":     {"debugger", "eager", "engine"},
	"debugger/local":      {"debugger", "kernel", "kernel/symbols"}, // for tests and benchmarks
	"web":                 {"kernel"},
	"internal/atomicfile": {},
	"internal/torchnames": {},
	"cmd": {
		"internal/torchnames", "debugger/dap", "debugger/tensor", "engine", "engine/cpu", "engine/cuda", "engine/op", "engine/roofline", "eager", "kernel", "kernel/display",
		"kernel/symbols", "viz", "web", "spark", "data", "eager/checkpoint", "jit/graph", "jit/model", "jit/quant", "jit/serve", "jit", "jit/caffe", "jit/importer", "jit/onnx", "jit/zoo",
	},
	"internal/conform": {
		"engine", "engine/cpu", "engine/op", "eager", "eager/linalg", "eager/nn", "eager/optim",
		"eager/special", "eager/checkpoint", "data", "kernel", "kernel/symbols", "jit/caffe", "jit/onnx", "jit/zoo", "learn",
		"debugger/local",
	},
	"examples":    {"cmd", "kernel", "web"},
	"bench/gpu":   {"engine", "engine/cuda", "eager", "eager/nn", "eager/optim", "internal/atomicfile"},
	"bench/learn": {"eager", "eager/checkpoint", "learn"},
	"bench/spark": {"eager", "eager/nn", "eager/optim", "data", "spark"},
	"bench": {
		"engine", "engine/cpu", "engine/op", "eager", "eager/nn", "eager/optim", "eager/parallel", "eager/checkpoint", "data", "jit",
		"jit/graph", "jit/model", "jit/onnx", "jit/caffe", "jit/importer", "jit/zoo", "engine/roofline",
	},
	"bench/cells":    {"eager", "eager/nn", "eager/optim", "kernel", "kernel/check", "kernel/symbols"},
	"bench/debugger": {"debugger", "debugger/local", "debugger/tensor"},
}

func part(pkg string) string {
	best := ""
	for p := range mayImport {
		if (pkg == p || strings.HasPrefix(pkg, p+"/")) && len(p) > len(best) {
			best = p
		}
	}
	return best
}

// TestImportsPointOneWay holds the import directions that ARCHITECTURE.md draws.
func TestImportsPointOneWay(t *testing.T) {
	dec := json.NewDecoder(bytes.NewReader(goList(t)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if from == "" {
			continue
		}
		a := part(from)
		if a == "" {
			t.Errorf("package %s belongs to no part; add it to mayImport and to ARCHITECTURE.md", from)
			continue
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, module+"/")
			if b := part(to); ours && b != a && !contains(mayImport[a], b) {
				t.Errorf("%s (part %s) may not import %s (part %s)", from, a, to, b)
			}
		}
	}
}

func goList(t *testing.T) []byte {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// sources calls f with every tracked kind of Go and TypeScript source that a person wrote.
func sources(t *testing.T, f func(path string, src []byte)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "node_modules", "testdata", "dist", ".cache", ".venv":
				return fs.SkipDir
			}
			return nil
		}
		switch filepath.Ext(path) {
		case ".go", ".ts", ".tsx", ".css", ".py", ".sh":
		default:
			return nil
		}
		src, err := os.ReadFile(path)
		if err == nil && !generated(src) {
			f(path, src)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func generated(src []byte) bool {
	head := src[:min(len(src), 400)]
	return bytes.Contains(head, []byte("Code generated")) && bytes.Contains(head, []byte("DO NOT EDIT"))
}

// TestFilesFitAMind bounds the length of files that people write.
func TestFilesFitAMind(t *testing.T) {
	sources(t, func(path string, src []byte) {
		if n := bytes.Count(src, []byte("\n")); n > 600 {
			t.Errorf("%s has %d lines; split it by concept (limit 600)", path, n)
		}
	})
}

// TestNoUnfinishedMarks keeps promises out of the tree: what is missing is an error that says so.
func TestNoUnfinishedMarks(t *testing.T) {
	marks := []string{"TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"}
	sources(t, func(path string, src []byte) {
		for i, line := range strings.Split(string(src), "\n") {
			for _, m := range marks {
				if strings.Contains(line, m) {
					t.Errorf("%s:%d: %s", path, i+1, strings.TrimSpace(line))
				}
			}
		}
	})
}

// TestExportsAreDocumented wants a comment on every package and every exported identifier.
func TestExportsAreDocumented(t *testing.T) {
	packages := map[string]bool{}
	sources(t, func(path string, src []byte) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		dir := filepath.Dir(path)
		packages[dir] = packages[dir] || f.Doc != nil
		for _, name := range undocumented(f) {
			t.Errorf("%s: exported %s has no comment", path, name)
		}
	})
	for dir, ok := range packages {
		if !ok {
			t.Errorf("package in %s has no package comment", dir)
		}
	}
}

func undocumented(f *ast.File) (names []string) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			names = append(names, undocumentedSpecs(d)...)
		}
	}
	return names
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

func undocumentedSpecs(d *ast.GenDecl) (names []string) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
				names = append(names, s.Name.Name)
			}
		case *ast.ValueSpec:
			for _, n := range s.Names {
				if n.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}

// TestArchitectureNamesWhatExists checks every path in backquotes in ARCHITECTURE.md and README.md.
func TestArchitectureNamesWhatExists(t *testing.T) {
	for _, doc := range []string{"ARCHITECTURE.md", "README.md"} {
		src, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for i, quoted := range strings.Split(string(src), "`") {
			name := strings.TrimSuffix(quoted, "/")
			if i%2 == 0 || !strings.Contains(quoted, "/") || strings.ContainsAny(quoted, " \n*…:<>{}()$") ||
				strings.HasPrefix(quoted, "/") || strings.HasPrefix(quoted, "application/") {
				continue
			}
			if _, err := os.Stat(strings.TrimPrefix(name, "./")); err != nil {
				t.Errorf("%s names `%s`, which does not exist", doc, quoted)
			}
		}
	}
}

// TestGeneratedMethodsAreCurrent runs the generator of eager's methods and compares.
func TestGeneratedMethodsAreCurrent(t *testing.T) {
	out := filepath.Join(t.TempDir(), "methods_gen.go")
	if msg, err := exec.Command("go", "run", "./eager/gen", out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	want, _ := os.ReadFile(out)
	got, _ := os.ReadFile("eager/methods_gen.go")
	if !bytes.Equal(got, want) {
		t.Error("eager/methods_gen.go is not what the generator writes; run go generate ./eager")
	}
	want, _ = os.ReadFile(filepath.Join(filepath.Dir(out), "inplace_gen.go"))
	if got, _ = os.ReadFile("eager/inplace_gen.go"); !bytes.Equal(got, want) {
		t.Error("eager/inplace_gen.go is not what the generator writes; run go generate ./eager")
	}
}
