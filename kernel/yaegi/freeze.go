package yaegi

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ast/astutil"
)

// freeze gives each function literal of a lowered file a frame of its own to be made in, unless it is called
// on the spot. yaegi keeps a literal in the frame that makes it, puts back what was there when a call of the
// literal ends, and runs one that compiled code got directly with what the variables hold by then: goroutines
// would take each other's functions, and so would a call that is made while its arguments are.
func freeze(file *ast.File) {
	astutil.Apply(file, func(c *astutil.Cursor) bool {
		if e, ok := c.Node().(*ast.CallExpr); ok {
			if lit, ok := ast.Unparen(e.Fun).(*ast.FuncLit); ok {
				e.Fun = lit
			}
		}
		return true
	}, func(c *astutil.Cursor) bool {
		lit, ok := c.Node().(*ast.FuncLit)
		if !ok {
			return true
		}
		if parent, ok := c.Parent().(*ast.CallExpr); !ok || parent.Fun != lit {
			c.Replace(frozen(lit, lit.Pos()))
		}
		return true
	})
}

// frozen returns a function literal made by another one.
func frozen(lit *ast.FuncLit, pos token.Pos) ast.Expr {
	return call(&ast.FuncLit{
		Type: &ast.FuncType{
			Func: pos, Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: unnamed(lit.Type)}}},
		},
		Body: block(pos, &ast.ReturnStmt{Return: pos, Results: []ast.Expr{lit}}),
	})
}

// unnamed returns a function type without the names of its parameters and results.
func unnamed(t *ast.FuncType) *ast.FuncType {
	fields := func(list *ast.FieldList) *ast.FieldList {
		if list == nil {
			return nil
		}
		out := &ast.FieldList{Opening: list.Opening, Closing: list.Closing}
		for _, f := range list.List {
			for range max(len(f.Names), 1) {
				out.List = append(out.List, &ast.Field{Type: f.Type})
			}
		}
		return out
	}
	return &ast.FuncType{Func: t.Func, Params: fields(t.Params), Results: fields(t.Results)}
}
