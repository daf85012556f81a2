package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// syntax is a parsed cell.
type syntax struct {
	name    string // of the virtual file, for positions
	text    string
	imports []*ast.ImportSpec
	decls   []ast.Decl // functions, types and constants, one spec per type declaration
	stmts   []ast.Stmt // statements and variable declarations, in source order
	silent  bool       // the cell ends with a semicolon
	file    bool       // the cell is a source file: it has a package clause and only declarations
	end     token.Pos
}

// chunk is one top-level declaration or statement: text[from:to].
type chunk struct {
	from, to int
	decl     bool
}

// split cuts a cell at the semicolons of depth 0, written or implied, and tells declarations from
// statements by their first tokens.
func split(text string) (chunks []chunk, silent bool) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, 0)
	depth, start := 0, -1
	var head []token.Token // tokens of the chunk, those inside parentheses left out
	for {
		pos, tok, lit := s.Scan()
		at := file.Offset(pos)
		if tok == token.EOF {
			if start >= 0 {
				chunks = append(chunks, chunk{start, len(text), isDecl(head)})
			}
			return chunks, silent
		}
		if tok == token.SEMICOLON && depth <= 0 {
			if start >= 0 {
				chunks = append(chunks, chunk{start, at, isDecl(head)})
				silent = false
			}
			if lit == ";" {
				silent = true
				if n := len(chunks); start < 0 && n > 0 && !chunks[n-1].decl { // for ;; { }
					chunks[n-1].to = at
				}
			}
			start, head, depth = -1, nil, 0
			continue
		}
		if start < 0 {
			start = at
		}
		if depth == 0 && len(head) < headLen {
			head = append(head, tok)
		}
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
			if depth == 0 && len(head) < headLen {
				head = append(head, tok)
			}
		}
	}
}

// headLen is how many tokens tell a method from a function literal: those of func()name[](.
const headLen = 7

// isDecl tells from the first tokens whether a chunk is a declaration other than var. A method is
// func ( … ) name ( … ), perhaps with type parameters, which is an error; the name behind func ( … ) in
// a function literal is a type, which no parenthesis follows.
func isDecl(head []token.Token) bool {
	switch head[0] {
	case token.IMPORT, token.TYPE, token.CONST, token.PACKAGE:
		return true
	case token.FUNC:
		return len(head) > 1 && head[1] == token.IDENT ||
			len(head) > 3 && head[1] == token.LPAREN && head[2] == token.RPAREN && head[3] == token.IDENT &&
				(len(head) == 4 || head[4] == token.LPAREN ||
					len(head) > 6 && head[4] == token.LBRACK && head[6] == token.LPAREN)
	}
	return false
}

// parse parses a cell into fset. Positions carry the given name and the cell's own lines and
// columns. With an error it returns what could be understood.
func parse(fset *token.FileSet, name, text string) (*syntax, error) {
	chunks, silent := split(text)
	decls, stmts := blank(text), blank(text)
	clause := false
	for _, c := range chunks {
		to := c.to
		if to < len(text) && text[to] == ';' {
			to++
		}
		piece := text[c.from:to]
		switch {
		case c.decl && strings.HasPrefix(piece, "package"):
			clause = true
		case c.decl:
			copy(decls[c.from:], piece)
		default:
			copy(stmts[c.from:], piece)
		}
	}
	line := "/*line " + name + ":1:1*/"
	const mode = parser.ParseComments | parser.AllErrors
	d, errDecl := parser.ParseFile(fset, name, "package main;"+line+string(decls), mode)
	s, errStmt := parser.ParseFile(fset, name, "package main;func _(){"+line+string(stmts)+"\n}", mode)
	p := &syntax{name: name, text: text, silent: silent, imports: d.Imports}
	for _, decl := range d.Decls {
		p.decls = append(p.decls, single(decl)...)
	}
	if len(s.Decls) > 0 {
		if f, ok := s.Decls[0].(*ast.FuncDecl); ok && f.Body != nil {
			p.stmts, p.end = f.Body.List, f.Body.Rbrace
		}
	}
	p.file = clause && !slices.ContainsFunc(p.stmts, func(s ast.Stmt) bool { return !isVar(s) })
	if errs := lexical(name, text); len(errs) > 0 {
		return p, errs
	}
	if errs := syntaxErrors(name, text, errDecl, errStmt); len(errs) > 0 {
		return p, errs
	}
	if n := deepest(d, s); n != nil {
		return p, Errors{{
			Pos: fset.Position(n.Pos()), Syntax: true,
			Msg: fmt.Sprintf("the cell nests deeper than %d levels; name parts of it", maxDepth),
		}}
	}
	return p, nil
}

func isVar(s ast.Stmt) bool {
	d, ok := s.(*ast.DeclStmt)
	if !ok {
		return false
	}
	g, ok := d.Decl.(*ast.GenDecl)
	return ok && g.Tok == token.VAR
}

// maxDepth bounds the recursion of everything that comes after the parser.
const maxDepth = 1000

// deepest returns a node that lies too deep, or nil.
func deepest(files ...*ast.File) (found ast.Node) {
	for _, f := range files {
		depth := 0
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				depth--
				return true
			}
			if depth > maxDepth {
				found = n
				return false
			}
			depth++
			return true
		})
	}
	return found
}

// blank returns spaces with the line structure of text.
func blank(text string) []byte {
	b := []byte(text)
	for i, c := range b {
		if c != '\n' && c != '\r' {
			b[i] = ' '
		}
	}
	return b
}

// single splits a type declaration with parentheses into one declaration per type, so that each
// can be redefined alone. Imports are left out.
func single(d ast.Decl) []ast.Decl {
	g, ok := d.(*ast.GenDecl)
	if !ok {
		return []ast.Decl{d}
	}
	switch g.Tok {
	case token.IMPORT:
		return nil
	case token.TYPE:
		var out []ast.Decl
		for _, spec := range g.Specs {
			out = append(out, &ast.GenDecl{Doc: g.Doc, TokPos: spec.Pos(), Tok: g.Tok, Specs: []ast.Spec{spec}})
		}
		return out
	}
	return []ast.Decl{d}
}
