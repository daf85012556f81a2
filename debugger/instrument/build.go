package instrument

import (
	"go/ast"
	"go/token"
	"strconv"
)

// probePath is where the functions are that instrumented code calls.
const probePath = "github.com/lathe-ml/lathe/kernel/probe"

// mark begins names that no cell can use by accident.
const mark = "ᐧ"

// frameVar holds the *probe.Frame of a function.
const frameVar = mark + "f"

func ident(name string, pos token.Pos) *ast.Ident { return &ast.Ident{Name: name, NamePos: pos} }

func number(n int, pos token.Pos) ast.Expr {
	return &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: strconv.Itoa(n)}
}

// field is ᐧf.name.
func field(name string, pos token.Pos) ast.Expr {
	return &ast.SelectorExpr{X: ident(frameVar, pos), Sel: ident(name, pos)}
}

func call(f ast.Expr, pos token.Pos, args ...ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{Fun: f, Lparen: pos, Args: args, Rparen: pos}
}

// probeName is the package in instrumented code.
const probeName = "probe·" + probePath

// imports is import probe "github.com/…/probe", which files need and cells do not.
func imports(pos token.Pos) ast.Decl {
	return &ast.GenDecl{TokPos: pos, Tok: token.IMPORT, Specs: []ast.Spec{&ast.ImportSpec{
		Name: ident(probeName, pos), Path: &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(probePath)},
	}}}
}

// enter is var ᐧf = probe.Enter(id). At the top of a cell := would declare a variable of the session.
func enter(id int, pos token.Pos) ast.Stmt {
	f := &ast.SelectorExpr{X: ident(probeName, pos), Sel: ident("Enter", pos)}
	return &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{
		Names: []*ast.Ident{ident(frameVar, pos)}, Values: []ast.Expr{call(f, pos, number(id, pos))},
	}}}}
}

// leave is defer ᐧf.Exit().
func leave(pos token.Pos) ast.Stmt {
	return &ast.DeferStmt{Defer: pos, Call: call(field("Exit", pos), pos)}
}

// declare is ᐧf.Vars[k] = &name.
func declare(name string, k int, pos token.Pos) ast.Stmt {
	return &ast.AssignStmt{
		Lhs: []ast.Expr{&ast.IndexExpr{
			X: field("Vars", pos), Lbrack: pos, Index: number(k, pos), Rbrack: pos,
		}},
		TokPos: pos, Tok: token.ASSIGN,
		Rhs: []ast.Expr{&ast.UnaryExpr{OpPos: pos, Op: token.AND, X: ident(name, pos)}},
	}
}

// stop is if ᐧf.At = id; *ᐧf.Hot != 0 { ᐧf.Line() }.
func stop(id int, pos token.Pos) ast.Stmt {
	return &ast.IfStmt{
		If: pos,
		Init: &ast.AssignStmt{
			Lhs: []ast.Expr{field("At", pos)}, TokPos: pos, Tok: token.ASSIGN, Rhs: []ast.Expr{number(id, pos)},
		},
		Cond: &ast.BinaryExpr{
			X: &ast.StarExpr{Star: pos, X: field("Hot", pos)}, OpPos: pos, Op: token.NEQ, Y: number(0, pos),
		},
		Body: &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{
			&ast.ExprStmt{X: call(field("Line", pos), pos)},
		}},
	}
}
