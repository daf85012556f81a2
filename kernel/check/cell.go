package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Older marks identifiers that mean what a name was before the cell redefines it: in `x := x + 1`
// the right x. The mark is a letter that looks like a dot, because go/types says nothing about
// unknown names that are no identifiers.
const Older = "ᐧold"

// cellForm is a cell brought into the shape of package-level code: its variables are package
// variables, its other statements the body of a function. The nodes are those of the cell, so that
// types recorded for them serve the executor.
type cellForm struct {
	*syntax
	vars    []*ast.Ident // variables declared by statements, in order
	specs   []ast.Decl   // var declarations for the checker
	body    []ast.Stmt   // statements for the checker
	defines map[ast.Stmt]bool
	olds    map[string]bool // names that are used in their older meaning
	result  ast.Expr
	temps   int
	errs    []types.Error
}

// form brings a parsed cell into shape.
func form(p *syntax) *cellForm {
	f := &cellForm{syntax: p, defines: map[ast.Stmt]bool{}, olds: map[string]bool{}}
	tops := map[string]bool{}
	for _, s := range p.stmts {
		f.declare(s, tops)
	}
	if !p.file { // in a file, declarations have no order
		f.markOlder(tops)
	}
	f.assemble()
	return f
}

// assemble brings the statements into the shape that the checker sees.
func (f *cellForm) assemble() {
	f.specs, f.body, f.temps = nil, nil, 0
	for i, s := range f.stmts {
		f.statement(s, i == len(f.stmts)-1)
	}
}

// declare records the variables that a top-level statement declares.
func (f *cellForm) declare(s ast.Stmt, tops map[string]bool) {
	add := func(id *ast.Ident) {
		if id.Name != "_" && !tops[id.Name] {
			tops[id.Name] = true
			f.vars = append(f.vars, id)
		}
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			for _, e := range s.Lhs {
				if id, ok := e.(*ast.Ident); ok {
					add(id)
				}
			}
			f.defines[s] = true
		}
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				for _, id := range spec.(*ast.ValueSpec).Names {
					add(id)
				}
			}
			f.defines[s] = true
		}
	}
}

// markOlder renames the identifiers that the parser could not resolve within the statements
// although the cell declares that name: they stand before the declaration.
func (f *cellForm) markOlder(tops map[string]bool) {
	skip := map[*ast.Ident]bool{}
	for _, s := range f.stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				skip[n.Sel] = true
			case *ast.KeyValueExpr:
				// A field name of a struct literal is unresolved as well, and cannot be told from a
				// map key here; field names never mean a variable declared later.
				if id, ok := n.Key.(*ast.Ident); ok {
					skip[id] = true
				}
			case *ast.BranchStmt:
				if n.Label != nil {
					skip[n.Label] = true
				}
			case *ast.LabeledStmt:
				skip[n.Label] = true
			case *ast.Field:
				for _, id := range n.Names {
					skip[id] = true
				}
			case *ast.Ident:
				if !skip[n] && tops[n.Name] && unresolved(n) {
					f.olds[n.Name] = true
					n.Name += Older
				}
			}
			return true
		})
	}
}

// inOrder puts the variables of a file into the order in which a program initializes them, one
// declaration for each initializer.
func (f *cellForm) inOrder(info *types.Info) {
	names := map[*types.Var]*ast.Ident{}
	var zero, set []ast.Stmt
	add := func(list *[]ast.Stmt, spec *ast.ValueSpec) {
		s := &ast.DeclStmt{Decl: varDecl(spec.Pos(), spec)}
		f.defines[s] = true
		*list = append(*list, s)
	}
	for _, s := range f.stmts {
		for _, spec := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			for _, id := range v.Names {
				if o, ok := info.Defs[id].(*types.Var); ok {
					names[o] = id
				}
			}
			if len(v.Values) == 0 {
				add(&zero, v)
			}
		}
	}
	for _, i := range info.InitOrder {
		spec := &ast.ValueSpec{Values: []ast.Expr{i.Rhs}}
		for _, v := range i.Lhs {
			if id := names[v]; id != nil {
				spec.Names = append(spec.Names, id)
			}
		}
		if len(spec.Names) == len(i.Lhs) {
			add(&set, spec)
		}
	}
	f.stmts = append(zero, set...)
}

// unresolved reports whether the parser found no declaration for id inside the statements.
func unresolved(id *ast.Ident) bool {
	return id.Obj == nil
}

// statement adds a top-level statement to what the checker sees.
func (f *cellForm) statement(s ast.Stmt, last bool) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			f.define(s)
			return
		}
	case *ast.DeclStmt:
		if f.defines[s] {
			f.specs = append(f.specs, s.Decl)
			return
		}
	case *ast.ExprStmt:
		if last {
			f.result = s.X
		}
	}
	f.body = append(f.body, s)
}

// define turns a := into var declarations for the names that are new in the cell and assignments
// for those that an earlier statement of the cell declared.
func (f *cellForm) define(s *ast.AssignStmt) {
	fresh := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		if !ok {
			return false
		}
		return id.Name == "_" || slices.Contains(f.vars, id)
	}
	if !slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return !ok || slices.Contains(f.vars, id)
	}) {
		f.errs = append(f.errs, types.Error{Pos: s.TokPos, Msg: "no new variables on left side of :="})
	}
	pairs := len(s.Lhs) == len(s.Rhs)
	spec := &ast.ValueSpec{Values: s.Rhs}
	for i, e := range s.Lhs {
		if fresh(e) && pairs {
			one := &ast.ValueSpec{Names: []*ast.Ident{e.(*ast.Ident)}, Values: s.Rhs[i : i+1]}
			f.specs = append(f.specs, varDecl(s.Pos(), one))
			continue
		}
		if fresh(e) {
			spec.Names = append(spec.Names, e.(*ast.Ident))
			continue
		}
		var right []ast.Expr
		if pairs {
			right = s.Rhs[i : i+1]
		} else {
			f.temps++
			temp := "tmpᐧ" + strings.Repeat("i", f.temps)
			spec.Names = append(spec.Names, ident(temp, e.Pos()))
			right = []ast.Expr{ident(temp, e.Pos())}
		}
		f.body = append(f.body, &ast.AssignStmt{
			Lhs: []ast.Expr{e}, TokPos: s.TokPos, Tok: token.ASSIGN, Rhs: right,
		})
	}
	if !pairs {
		f.specs = append(f.specs, varDecl(s.Pos(), spec))
	}
}

func varDecl(pos token.Pos, spec *ast.ValueSpec) *ast.GenDecl {
	return &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}}
}

// declKeys returns the names that a declaration defines; "T.M" for a method.
func declKeys(d ast.Decl) (keys []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		return []string{Receiver(d) + "." + d.Name.Name}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				keys = append(keys, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					keys = append(keys, id.Name)
				}
			}
		}
	}
	return keys
}

// Receiver returns the name of the type that a method belongs to, "" for a function.
func Receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
