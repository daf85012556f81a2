// Package compile makes programs of cells with go build, and writes the functions by which a session calls them.
//
//	c, err := compile.Compile(ctx, source, compile.Options{Cell: "cell 1", Importer: lib, Prelude: names})
//	p, err := session.Check("cell 1", c.Wrapper) // functions of the same names
//	fmt.Println(c.Inside)                        // which ones stay inside, and why
//	native.Close()
//
// The package does not decide which cells are compiled, and does not run them (see kernel/native).
package compile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/native"
)

// Options of Compile.
type Options struct {
	Cell     string            // its name, for errors
	Importer types.Importer    // of the packages that it may use
	Prelude  map[string]string // packages that need no import: name → path
}

// Cell is a compiled cell.
type Cell struct {
	ID      int
	Wrapper string   // declarations for the session, each on the line of the original
	Inside  []string // why functions of the cell cannot be called from the session
}

// Compile compiles a cell of declarations.
func Compile(ctx context.Context, source string, o Options) (*Cell, error) {
	tool, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("there is no Go toolchain on PATH; the cell runs without this line")
	}
	c := &compiler{Options: o, fset: token.NewFileSet(), lines: strings.Split(source, "\n")}
	if err := c.read(); err != nil {
		return nil, err
	}
	wrapper, main := c.write()
	if len(c.wrapped) == 0 {
		return nil, fmt.Errorf("want a function that the session can call; %s", strings.Join(append(c.inside, "there is none"), "; "))
	}
	path, err := c.build(ctx, tool, main)
	if err != nil {
		return nil, err
	}
	id := native.Register(path)
	return &Cell{id, strings.ReplaceAll(wrapper, idMark, strconv.Itoa(id)), c.inside}, nil
}

// idMark stands for the number of the cell while that is not known.
const idMark = "\x00"

// compiler is one run of Compile.
type compiler struct {
	Options
	fset    *token.FileSet
	lines   []string
	text    string // the source as a file
	file    *ast.File
	pkg     *types.Package
	info    *types.Info
	wrapped []*ast.FuncDecl
	inside  []string
}

// read parses and type-checks the source, with the imports that it needs on the line of its package clause.
func (c *compiler) read() error {
	head := "package main"
	for range 2 { // the second time with imports
		c.text = head + ";" + strings.Join(c.lines, "\n")
		file, err := parser.ParseFile(c.fset, c.Cell, c.text, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("%w; such a cell has declarations alone", err)
		}
		c.file = file
		if head == "package main" {
			head += c.imports()
		}
	}
	c.info = &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	var list check.Errors
	conf := types.Config{Importer: c.Importer, Sizes: types.SizesFor("gc", "amd64"), Error: func(err error) {
		if e, ok := err.(types.Error); ok && !e.Soft {
			pos := c.fset.Position(e.Pos)
			list = append(list, &check.Error{Pos: pos, Msg: e.Msg + " (a compiled cell sees its own declarations only)"})
		}
	}}
	c.pkg, _ = conf.Check("main", c.fset, []*ast.File{c.file}, c.info) // errors are in list
	if len(list) > 0 {
		return list
	}
	return nil
}

// imports are the import clauses for packages of the prelude that the source mentions.
func (c *compiler) imports() string {
	has := map[string]bool{}
	for _, s := range c.file.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if s.Name != nil {
			name = s.Name.Name
		}
		has[name] = true
	}
	out := ""
	ast.Inspect(c.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if ok && !has[x.Name] && c.Prelude[x.Name] != "" && ast.IsExported(sel.Sel.Name) {
			has[x.Name] = true
			out += "; import " + x.Name + " " + strconv.Quote(c.Prelude[x.Name])
		}
		return true
	})
	return out
}

// write returns the declarations for the session and the main function of the program.
func (c *compiler) write() (wrapper, main string) {
	out := make([]string, len(c.lines))
	var cases strings.Builder
	for _, d := range c.file.Decls {
		line := c.fset.Position(d.Pos()).Line - 1
		f, ok := d.(*ast.FuncDecl)
		switch {
		case ok && f.Recv == nil:
			if w := c.wrap(f); w != "" {
				out[line] = w
				cases.WriteString(c.serve(f))
			}
		case ok || d.(*ast.GenDecl).Tok == token.TYPE || d.(*ast.GenDecl).Tok == token.CONST:
			for i, l := range strings.Split(c.source(d), "\n") {
				out[line+i] += l
			}
		}
	}
	out[0] = `import nativeᐧ "github.com/lathe-ml/lathe/kernel/native";` + c.importsOf() + out[0]
	return strings.Join(out, "\n"), fmt.Sprintf(mainSource, cases.String())
}

// importsOf repeats the imports that the declarations for the session may need.
func (c *compiler) importsOf() (out string) {
	for _, s := range c.file.Imports {
		out += "import " + c.source(s) + ";"
	}
	return out
}

func (c *compiler) source(n ast.Node) string {
	return c.text[c.fset.Position(n.Pos()).Offset:c.fset.Position(n.End()).Offset]
}

// wrap returns a function for the session that calls f, or "" when it cannot.
func (c *compiler) wrap(f *ast.FuncDecl) string {
	name := f.Name.Name
	sig := c.info.Defs[f.Name].Type().(*types.Signature)
	if name == "main" || name == "init" || name == "_" {
		return ""
	}
	why := ""
	if sig.TypeParams().Len() > 0 {
		why = "it is generic"
	}
	for _, t := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range t.Variables() {
			if isError(v.Type()) && t == sig.Results() {
				continue
			}
			if bad := uncopied(v.Type(), nil); bad != "" && why == "" {
				why = bad
			}
		}
	}
	if why != "" {
		c.inside = append(c.inside, name+" is called inside the cell only: "+why)
		return ""
	}
	c.wrapped = append(c.wrapped, f)
	var params, args, results, places []string
	for i, v := range vars(sig.Params()) {
		t := c.spell(v.Type())
		if sig.Variadic() && i == sig.Params().Len()-1 {
			t = "..." + strings.TrimPrefix(t, "[]")
		}
		params = append(params, "aᐧ"+strconv.Itoa(i)+" "+t)
		args = append(args, "aᐧ"+strconv.Itoa(i))
	}
	for i, v := range vars(sig.Results()) {
		results = append(results, "rᐧ"+strconv.Itoa(i)+" "+c.spell(v.Type()))
		places = append(places, ", &rᐧ"+strconv.Itoa(i))
	}
	return fmt.Sprintf("func %s(%s) (%s) { nativeᐧ.Call(%s, %q, []any{%s}%s); return };", name, strings.Join(params, ", "),
		strings.Join(results, ", "), idMark, name, strings.Join(args, ", "), strings.Join(places, ""))
}

func vars(t *types.Tuple) []*types.Var { return slices.Collect(t.Variables()) }

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

func (c *compiler) spell(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == c.pkg {
			return ""
		}
		return p.Name()
	})
}

// uncopied says why values of t cannot be copied from process to process, or "".
func uncopied(t types.Type, outer []types.Type) string {
	if slices.Contains(outer, t) {
		return "a type that leads back to itself is not copied"
	}
	outer = append(outer, t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() != types.UnsafePointer && u.Kind() != types.Uintptr {
			return ""
		}
	case *types.Slice:
		return uncopied(u.Elem(), outer)
	case *types.Array:
		return uncopied(u.Elem(), outer)
	case *types.Map:
		if why := uncopied(u.Key(), outer); why != "" {
			return why
		}
		return uncopied(u.Elem(), outer)
	case *types.Struct:
		for f := range u.Fields() {
			if !f.Exported() {
				return fmt.Sprintf("the field %s of %s is not copied, as it is not exported", f.Name(), types.TypeString(t, noPackage))
			}
			if why := uncopied(f.Type(), outer); why != "" {
				return why
			}
		}
		return ""
	}
	return fmt.Sprintf("values of type %s are not copied; numbers, text, slices, maps and structs of those are", types.TypeString(t, noPackage))
}

func noPackage(*types.Package) string { return "" }

// serve returns the part of main that calls f.
func (c *compiler) serve(f *ast.FuncDecl) string {
	sig := c.info.Defs[f.Name].Type().(*types.Signature)
	var b strings.Builder
	fmt.Fprintf(&b, "\t\tcase %q:\n", f.Name.Name)
	var args, results []string
	for i, v := range vars(sig.Params()) {
		fmt.Fprintf(&b, "\t\t\tvar aᐧ%d %s\n\t\t\tgetᐧ(&aᐧ%d)\n", i, c.spell(v.Type()), i)
		args = append(args, "aᐧ"+strconv.Itoa(i))
	}
	if sig.Variadic() {
		args[len(args)-1] += "..."
	}
	for i, v := range vars(sig.Results()) {
		fmt.Fprintf(&b, "\t\t\tvar rᐧ%d %s\n", i, c.spell(v.Type()))
		results = append(results, "rᐧ"+strconv.Itoa(i))
	}
	set := ""
	if len(results) > 0 {
		set = strings.Join(results, ", ") + " = "
	}
	fmt.Fprintf(&b, "\t\t\tif callᐧ(func() { %s%s(%s) }) {\n", set, f.Name.Name, strings.Join(args, ", "))
	for i, v := range vars(sig.Results()) {
		if isError(v.Type()) {
			fmt.Fprintf(&b, "\t\t\t\tputᐧ(errorᐧ(rᐧ%d))\n", i)
		} else {
			fmt.Fprintf(&b, "\t\t\t\tputᐧ(&rᐧ%d)\n", i)
		}
	}
	b.WriteString("\t\t\t}\n")
	return b.String()
}

// mainSource is the program around the functions. Its names are none of a cell.
const mainSource = `package main

import (
	gobᐧ "encoding/gob"
	fmtᐧ "fmt"
	osᐧ "os"
	debugᐧ "runtime/debug"
	regexpᐧ "regexp"
)

var (
	inᐧ   = gobᐧ.NewDecoder(osᐧ.NewFile(3, "requests"))
	outᐧ  = gobᐧ.NewEncoder(osᐧ.NewFile(4, "answers"))
	lineᐧ = regexpᐧ.MustCompile("cell\\.go:(\\d+)")
)

func getᐧ(p any) {
	if inᐧ.Decode(p) != nil {
		osᐧ.Exit(1)
	}
}

func putᐧ(v any) {
	if err := outᐧ.Encode(v); err != nil {
		fmtᐧ.Fprintln(osᐧ.Stderr, err)
		osᐧ.Exit(1)
	}
}

func errorᐧ(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func callᐧ(f func()) (good bool) {
	defer func() {
		if v := recover(); v != nil {
			text := fmtᐧ.Sprint("panic: ", v)
			if m := lineᐧ.FindSubmatch(debugᐧ.Stack()); m != nil {
				text += fmtᐧ.Sprintf(" (line %%s of the compiled cell)", m[1])
			}
			putᐧ(text)
			good = false
		}
	}()
	f()
	putᐧ("")
	return true
}

func main() {
	for {
		var name string
		if inᐧ.Decode(&name) != nil {
			return
		}
		switch name {
%s		}
	}
}
`

// build makes a program of the source.
func (c *compiler) build(ctx context.Context, tool, main string) (string, error) {
	dir, err := os.MkdirTemp("", "lathe-native")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{
		"go.mod": "module cell\n\ngo 1.26\n", "cell.go": c.text, "main.go": main,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	out, err := os.CreateTemp("", "lathe-native-*")
	if err != nil {
		return "", err
	}
	if err := out.Close(); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, tool, "build", "-o", out.Name(), ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GO111MODULE=on", "GOWORK=off", "CGO_ENABLED=0", "GOPROXY=off")
	text, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = os.Remove(out.Name())
		return "", fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(text))
	}
	return out.Name(), nil
}
