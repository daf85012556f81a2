package exact

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/check"
)

// localTypes knows of types that are declared in functions what their names show: the type arguments
// of the function, and a number that tells them apart.
type localTypes struct {
	within  map[*types.TypeName][]types.Type
	numbers map[token.Pos]int // by where they are declared
	fn      *ssa.Function     // the declared function that is compiled now
}

// enter notes that fn is compiled: each instance of a generic function has local types of its own,
// which are first met in its code.
func (l *localTypes) enter(fn *ssa.Function) {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	l.fn = fn
}

// number counts the local types of a cell in the order of their declarations, after those of earlier
// cells.
func (l *localTypes) number(p *check.Program) {
	var found []token.Pos
	visit := func(n ast.Node) bool {
		if d, ok := n.(*ast.DeclStmt); ok {
			for _, s := range d.Decl.(*ast.GenDecl).Specs {
				if s, ok := s.(*ast.TypeSpec); ok && !s.Assign.IsValid() {
					found = append(found, s.Name.Pos())
				}
			}
		}
		return true
	}
	for _, d := range p.Decls {
		if f, ok := d.Node.(*ast.FuncDecl); ok {
			ast.Inspect(f, visit)
		}
	}
	for _, s := range p.Body {
		ast.Inspect(s, visit)
	}
	slices.SortFunc(found, cmp.Compare)
	for _, pos := range found {
		if l.numbers[pos] == 0 {
			l.numbers[pos] = len(l.numbers) + 1
		}
	}
}

// local is what check.LinkName asks.
func (tt *typeTable) local(o *types.TypeName) ([]types.Type, int) {
	l := &tt.locals
	n := l.numbers[o.Pos()]
	if n == 0 {
		return nil, 0
	}
	within, ok := l.within[o]
	if !ok && l.fn != nil && l.fn.Syntax() != nil && l.fn.Syntax().Pos() <= o.Pos() && o.Pos() < l.fn.Syntax().End() {
		within = l.fn.TypeArgs()
		l.within[o] = within
	}
	return within, n
}
