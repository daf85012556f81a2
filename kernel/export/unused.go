package export

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// A session takes variables of functions, and labels, that nothing uses; a program does not.

// edit replaces the bytes from at to end of a text.
type edit struct {
	at, end int
	text    string
}

// useAll makes a program use every variable that it declares, and drops labels that it does not.
func useAll(text []byte, imports types.Importer) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "main.go", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	var unused []token.Pos
	conf := types.Config{Importer: imports, Sizes: types.SizesFor("gc", "amd64"), Error: func(err error) {
		if e, ok := err.(types.Error); ok && e.Soft && strings.Contains(e.Msg, "declared and not used") {
			unused = append(unused, e.Pos)
		}
	}}
	conf.Check("main", fset, []*ast.File{file}, nil) // other errors are for the compiler to tell
	var edits []edit
	for _, pos := range unused {
		if e, ok := use(file, pos, fset.File(file.Pos())); ok {
			edits = append(edits, e)
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return b.at - a.at })
	for _, e := range edits {
		text = slices.Concat(text[:e.at], []byte(e.text), text[e.end:])
	}
	if len(edits) == 0 {
		return text, nil
	}
	out, err := format.Source(bytes.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return append(out, '\n'), nil
}

// use returns the edit that uses the variable declared at pos.
func use(file *ast.File, pos token.Pos, f *token.File) (edit, bool) {
	path, _ := astutil.PathEnclosingInterval(file, pos, pos)
	id, ok := path[0].(*ast.Ident)
	if !ok {
		return edit{}, false
	}
	insert := func(at token.Pos, text string) (edit, bool) {
		return edit{f.Offset(at), f.Offset(at), text}, true
	}
	after := "; _ = " + id.Name
	first := " _ = " + id.Name + ";"
	for i, n := range path {
		stmt, ok := n.(ast.Stmt)
		if !ok || i+1 == len(path) {
			continue
		}
		if l, ok := stmt.(*ast.LabeledStmt); ok && l.Label == id {
			return edit{f.Offset(l.Pos()), f.Offset(l.Colon + 1), ""}, true
		}
		switch parent := path[i+1].(type) {
		case *ast.BlockStmt, *ast.CaseClause:
			if r, ok := stmt.(*ast.RangeStmt); ok {
				return insert(r.Body.Lbrace+1, first)
			}
			return insert(stmt.End(), after)
		case *ast.CommClause:
			if parent.Comm == stmt {
				return insert(parent.Colon+1, first)
			}
			return insert(stmt.End(), after)
		case *ast.IfStmt:
			return insert(parent.Body.Lbrace+1, first)
		case *ast.ForStmt:
			return insert(parent.Body.Lbrace+1, first)
		case *ast.TypeSwitchStmt:
			if a, ok := stmt.(*ast.AssignStmt); ok && parent.Assign == stmt { // switch x := y.(type)
				return edit{f.Offset(a.Pos()), f.Offset(a.Rhs[0].Pos()), ""}, true
			}
		case *ast.SwitchStmt:
			if a, ok := stmt.(*ast.AssignStmt); ok && len(a.Lhs) == 1 {
				return edit{f.Offset(a.Pos()), f.Offset(a.Rhs[0].Pos()), "_ = "}, true
			}
		}
	}
	return edit{}, false
}
