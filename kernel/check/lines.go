package check

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
)

// magic is a line that is no Go, such as %time.
var magic = regexp.MustCompile(`(?m)^[%!].*$`)

// Lines returns the lines of a cell on which a statement begins, in order.
func Lines(text string) (lines []int) {
	fset := token.NewFileSet()
	text = magic.ReplaceAllString(text, "")
	p, err := parse(fset, "cell", text)
	if err != nil {
		return nil
	}
	add := func(list []ast.Stmt) {
		for _, s := range list {
			switch s.(type) {
			case *ast.EmptyStmt, *ast.BlockStmt:
			default:
				lines = append(lines, fset.Position(s.Pos()).Line)
			}
		}
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			add(n.List)
		case *ast.CaseClause:
			add(n.Body)
		case *ast.CommClause:
			add(n.Body)
		}
		return true
	}
	add(p.stmts)
	for _, s := range p.stmts {
		ast.Inspect(s, visit)
	}
	for _, d := range p.decls {
		ast.Inspect(d, visit)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
