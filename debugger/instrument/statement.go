package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/kernel/outcome"
)

// statement instruments what stands inside a statement: blocks and function literals.
func (w *walker) statement(s ast.Stmt) {
	mark := len(w.visible)
	defer func() { w.visible = w.visible[:mark] }()
	switch s := s.(type) {
	case *ast.LabeledStmt:
		w.statement(s.Stmt)
	case *ast.BlockStmt:
		w.block(&s.List, nil)
	case *ast.IfStmt:
		w.branch(s, nil)
	case *ast.ForStmt:
		first := w.header(s.Init)
		w.literals(s.Cond, s.Post)
		w.body(s.Body, first, s.Pos())
	case *ast.RangeStmt:
		w.literals(s.X, s.Key, s.Value)
		var first []int
		for _, e := range []ast.Expr{s.Key, s.Value} {
			if id, ok := e.(*ast.Ident); ok && s.Tok == token.DEFINE && id.Name != "_" {
				first = append(first, w.slot(&Slot{Name: id.Name, Variable: true, ident: id}))
			}
		}
		w.body(s.Body, first, s.Pos())
	case *ast.SwitchStmt:
		first := w.header(s.Init)
		w.literals(s.Tag)
		for _, c := range s.Body.List {
			clause := c.(*ast.CaseClause)
			for _, e := range clause.List {
				w.literals(e)
			}
			w.block(&clause.Body, first)
		}
	case *ast.TypeSwitchStmt:
		w.typeSwitch(s)
	case *ast.SelectStmt:
		for _, c := range s.Body.List {
			clause := c.(*ast.CommClause)
			mark := len(w.visible)
			w.block(&clause.Body, w.header(clause.Comm))
			w.visible = w.visible[:mark]
		}
	case *ast.DeferStmt:
		if lit, ok := ast.Unparen(s.Call.Fun).(*ast.FuncLit); ok && w.recovers(lit) {
			w.f.Recovers = true
		}
		w.literals(s)
	default:
		w.literals(s)
	}
}

// header instruments the statement in the head of another and returns what it declares.
func (w *walker) header(s ast.Stmt) []int {
	if s == nil {
		return nil
	}
	w.literals(s)
	return w.declared(s)
}

// branch instruments an if with its else branches. first are variables of ifs before it.
func (w *walker) branch(s *ast.IfStmt, first []int) {
	first = append(slices.Clone(first), w.header(s.Init)...)
	w.literals(s.Cond)
	w.block(&s.Body.List, first)
	switch e := s.Else.(type) {
	case *ast.BlockStmt:
		w.block(&e.List, first)
	case *ast.IfStmt:
		w.branch(e, first)
	}
}

// typeSwitch instruments a type switch, which may declare a variable in each clause.
func (w *walker) typeSwitch(s *ast.TypeSwitchStmt) {
	first := w.header(s.Init)
	w.literals(s.Assign)
	for _, c := range s.Body.List {
		clause := c.(*ast.CaseClause)
		mark := len(w.visible)
		in := slices.Clone(first)
		if o := w.info.Implicits[clause]; o != nil {
			in = append(in, w.slot(&Slot{Name: o.Name(), Variable: true, clause: clause}))
		}
		w.block(&clause.Body, in)
		w.visible = w.visible[:mark]
	}
}

// recovers reports whether a function literal calls recover itself.
func (w *walker) recovers(lit *ast.FuncLit) (found bool) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			if id, ok := ast.Unparen(c.Fun).(*ast.Ident); ok {
				b, ok := w.info.Uses[id].(*types.Builtin)
				found = found || ok && b.Name() == "recover"
			}
		}
		_, inner := n.(*ast.FuncLit)
		return !inner && !found
	})
	return found
}

// literals instruments the function literals in nodes that hold no other statements.
func (w *walker) literals(nodes ...ast.Node) {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		ast.Inspect(n, func(n ast.Node) bool {
			lit, ok := n.(*ast.FuncLit)
			if !ok {
				return true
			}
			name := "func literal"
			if w.f.Name != outcome.CellFunc {
				name = "func literal in " + strings.TrimPrefix(w.f.Name, "func literal in ")
			}
			if w.f.Name == name {
				name = w.f.Name
			}
			if w.f.Name == "func literal" {
				name = w.f.Name
			}
			w.function(&Func{Name: name, Cell: w.f.Cell, Path: w.f.Path}, nil, lit.Type, lit.Body, w.captured(lit))
			return false
		})
	}
}

// captured returns a use of each variable of a function around that a literal uses.
func (w *walker) captured(lit *ast.FuncLit) (out []*ast.Ident) {
	seen := map[types.Object]bool{}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := w.info.Uses[id].(*types.Var)
		if !ok || v.IsField() || seen[v] || v.Parent() == nil || v.Pkg() == nil || v.Parent() == v.Pkg().Scope() ||
			v.Parent() == types.Universe || lit.Pos() <= v.Pos() && v.Pos() < lit.End() {
			return true
		}
		seen[v] = true
		if strings.HasPrefix(v.Name(), mark) {
			return true // of a literal that was instrumented before
		}
		out = append(out, id)
		return true
	})
	return out
}
