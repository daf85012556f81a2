package check

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Signature describes the call that the cursor is in.
type Signature struct {
	Label      string   // as declared: "func strings.Repeat(s string, count int) string"
	Parameters []string // as in Label, in order
	Argument   int      // of Parameters, where the cursor is; -1 beyond the last
	Doc        string   // what the declaration says of it; "" where that is not known
}

// Signature describes the function whose arguments hold the byte offset at of code, or returns nil
// outside calls. The call need not be complete, nor the code around it.
func (s *Session) Signature(code string, at int) *Signature {
	call := callAt(code, at)
	if call == nil {
		return nil
	}
	for _, text := range call.repaired(code) {
		if sp := s.look(text); sp != nil {
			if sig := sp.called(); sig != nil {
				sig.point(call.commas)
				return sig
			}
		}
	}
	return nil
}

// bracket is an open bracket to the left of the cursor.
type bracket struct {
	tok    token.Token
	at     int    // offset
	callee int    // end of the operand before it
	call   bool   // it opens the arguments of a call
	resume naming // how far the head of a function is read once it is closed
	block  bool   // statements are in it
	heads  bool   // at its depth, a brace that follows begins a block
	commas int
}

// callAt finds the innermost call around the offset, or nil.
func callAt(code string, at int) *bracket {
	open := bracketsAt(code, at)
	for i := range slices.Backward(open) {
		switch b := &open[i]; {
		case b.call:
			return b
		case b.block:
			return nil
		}
	}
	return nil
}

// naming is how far the head of a function is read.
type naming int

const (
	noFunc    naming = iota
	afterFunc        // a name or parameters may follow
	afterName        // type parameters or parameters may follow
)

// bracketsAt returns the brackets open at an offset, from the outside, which a bracket without a
// token stands for.
func bracketsAt(code string, at int) []bracket {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, at)
	s.Init(file, []byte(code[:at]), func(token.Position, string) {}, 0)
	stack := []bracket{{tok: token.ILLEGAL}}
	last, end, head := token.ILLEGAL, 0, noFunc
	for {
		pos, tok, lit := s.Scan()
		top := &stack[len(stack)-1]
		was := head
		head = noFunc
		switch tok {
		case token.EOF:
			return stack
		case token.FUNC:
			top.heads, head = true, afterFunc
		case token.IF, token.FOR, token.SWITCH, token.SELECT, token.ELSE, token.STRUCT, token.INTERFACE:
			top.heads = true
		case token.SEMICOLON:
			top.heads = top.heads && lit == ";" // as in for a; b; c {
		case token.COMMA:
			top.commas++
		case token.IDENT:
			if was == afterFunc {
				head = afterName
			}
		case token.LPAREN, token.LBRACE, token.LBRACK:
			b := bracket{tok: tok, at: file.Offset(pos), callee: end}
			if tok != token.LBRACE {
				b.resume = was
			}
			b.block = tok == token.LBRACE && top.heads
			b.call = tok == token.LPAREN && was == noFunc && slices.Contains(operandEnds, last)
			top.heads = top.heads && tok != token.LBRACE
			stack = append(stack, b)
		case token.RPAREN, token.RBRACE, token.RBRACK:
			if len(stack) > 1 {
				head = top.resume
				stack = stack[:len(stack)-1]
			}
		}
		last = tok
		if tok != token.SEMICOLON {
			end = file.Offset(pos) + max(len(lit), len(tok.String()))
			if lit != "" {
				end = file.Offset(pos) + len(lit)
			}
		}
	}
}

// operandEnds are the last tokens of what can be called.
var operandEnds = []token.Token{token.IDENT, token.RPAREN, token.RBRACK, token.RBRACE}

// repaired returns forms of code in which a call of the callee's member cursor stands for the call,
// those that keep more of the code first.
func (b *bracket) repaired(code string) []string {
	callee := code[:b.callee] + "." + cursor + "()"
	var out []string
	if end := closedAt(code, b.at); end > 0 {
		out = append(out, callee+code[end:])
	}
	line := len(code)
	if i := strings.IndexByte(code[b.at:], '\n'); i >= 0 {
		line = b.at + i
	}
	enclosing := bracketsAt(code, b.at)
	for i := range slices.Backward(enclosing) {
		if enclosing[i].tok == token.LPAREN || enclosing[i].tok == token.LBRACK {
			callee += closerOf[enclosing[i].tok]
			continue
		}
		break
	}
	if line < len(code) {
		out = append(out, callee+code[line:])
	}
	callee = code[:b.callee] + "." + cursor + "()"
	for i := range slices.Backward(enclosing) {
		callee += closerOf[enclosing[i].tok]
	}
	return append(out, callee)
}

var closerOf = map[token.Token]string{token.LPAREN: ")", token.LBRACK: "]", token.LBRACE: "}"}

// closedAt returns the offset behind the bracket that closes the one at an offset; 0: there is none.
func closedAt(code string, at int) int {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(code)-at)
	s.Init(file, []byte(code[at:]), func(token.Position, string) {}, 0)
	var open []token.Token
	for {
		pos, tok, _ := s.Scan()
		switch tok {
		case token.EOF:
			return 0
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, tok)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if n := len(open) - 1; closerOf[open[n]] != tok.String() {
				return 0
			} else if n == 0 {
				return at + file.Offset(pos) + 1
			} else {
				open = open[:n]
			}
		}
	}
}

// called describes the operand whose member the cursor is.
func (sp *spot) called() *Signature {
	n := len(sp.path)
	if n < 2 {
		return nil
	}
	sel, ok := sp.path[n-2].(*ast.SelectorExpr)
	if !ok || sel.Sel != sp.path[n-1] {
		return nil
	}
	if n > 2 {
		switch sp.path[n-3].(type) {
		case *ast.ArrayType, *ast.MapType, *ast.ChanType:
			return nil // a conversion
		}
	}
	if o := sp.object(sel.X); o != nil {
		return sp.ofObject(o, sel.X)
	}
	if t, ok := underlying(sp.info.TypeOf(sel.X)).(*types.Signature); ok {
		return sp.signature(strings.TrimSpace(types.TypeString(t, sp.names)), t)
	}
	return nil
}

// object returns what a name, also one behind a dot or with type arguments, means.
func (sp *spot) object(e ast.Expr) types.Object {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return sp.object(e.X)
	case *ast.Ident:
		return sp.info.Uses[e]
	case *ast.SelectorExpr:
		return sp.info.Uses[e.Sel]
	case *ast.IndexExpr:
		if o, ok := sp.object(e.X).(*types.Func); ok {
			return o
		}
	case *ast.IndexListExpr:
		return sp.object(e.X)
	}
	return nil
}

// ofObject describes a call of o, which e means.
func (sp *spot) ofObject(o types.Object, e ast.Expr) *Signature {
	switch o := o.(type) {
	case *types.Builtin:
		label := builtins[o.Name()]
		params := label[strings.IndexByte(label, '(')+1 : strings.IndexByte(label, ')')]
		return &Signature{Label: label, Parameters: strings.Split(params, ", "), Doc: sp.doc(o)}
	case *types.TypeName:
		return &Signature{
			Label: sp.candidate(o, 0).Detail, Parameters: []string{"value"}, Doc: sp.doc(o),
		}
	case *types.Func, *types.Var:
		t := sp.info.TypeOf(e) // of a generic function, with its type arguments if they are known
		if f, ok := underlying(o.Type()).(*types.Signature); ok {
			_, isFunc := o.(*types.Func)
			if got, ok := underlying(t).(*types.Signature); ok && !isFunc {
				f = got
			}
			sig := sp.signature(sp.candidate(o, 0).Detail, f)
			sig.Doc = sp.doc(o)
			return sig
		}
	}
	return nil
}

func underlying(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

func (sp *spot) signature(label string, t *types.Signature) *Signature {
	sig := &Signature{Label: clean(label)}
	for i := range t.Params().Len() {
		p := t.Params().At(i)
		text := types.TypeString(p.Type(), sp.names)
		if t.Variadic() && i == t.Params().Len()-1 {
			text = "..." + strings.TrimPrefix(text, "[]")
		}
		if p.Name() != "" {
			text = p.Name() + " " + text
		}
		sig.Parameters = append(sig.Parameters, clean(text))
	}
	return sig
}

// point notes how many commas are before the cursor.
func (sig *Signature) point(commas int) {
	n := len(sig.Parameters)
	sig.Argument = min(commas, n-1)
	if commas >= n && n > 0 && !strings.Contains(sig.Parameters[n-1], "...") {
		sig.Argument = -1
	}
}

// builtins are the functions of the language, which have no type.
var builtins = map[string]string{
	"append": "func append(slice []T, elems ...T) []T", "cap": "func cap(v T) int",
	"clear": "func clear(t T)", "close": "func close(c chan<- T)",
	"complex": "func complex(r, i float) complex", "copy": "func copy(dst, src []T) int",
	"delete": "func delete(m map[K]V, key K)", "imag": "func imag(c complex) float",
	"len": "func len(v T) int", "make": "func make(t T, size ...int) T",
	"max": "func max(x T, y ...T) T", "min": "func min(x T, y ...T) T",
	"new": "func new(x T) *T", "panic": "func panic(v any)",
	"print": "func print(args ...T)", "println": "func println(args ...T)",
	"real": "func real(c complex) float", "recover": "func recover() any",
}

// doc returns what the declaration of o says of it.
func (sp *spot) doc(o types.Object) string {
	if o.Pkg() == nil || o.Pkg().Path() != mainPath {
		return sp.lib.Doc(o)
	}
	for _, d := range sp.news {
		if named(d.Node, o.Pos()) {
			return d.Doc
		}
	}
	for _, d := range sp.next.decls.all() {
		if named(d.Node, o.Pos()) {
			return d.Doc
		}
	}
	return ""
}

// named reports whether d declares the function or type whose name stands at pos.
func named(d ast.Decl, pos token.Pos) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Pos() == pos
	case *ast.GenDecl:
		return slices.ContainsFunc(d.Specs, func(s ast.Spec) bool {
			t, ok := s.(*ast.TypeSpec)
			return ok && t.Name.Pos() == pos
		})
	}
	return false
}

// comment returns the text of the comment lines that end right above a node of the cell.
func (c *checker) comment(n ast.Node) string {
	above := c.form.text[:offset(c.form.text, c.fset.Position(n.Pos()))]
	above = above[:strings.LastIndexByte(above, '\n')+1]
	var out []string
	for above != "" {
		above = above[:len(above)-1]
		start := strings.LastIndexByte(above, '\n') + 1
		text, ok := strings.CutPrefix(strings.TrimSpace(above[start:]), "//")
		if !ok {
			break
		}
		out = append(out, strings.TrimSpace(text))
		above = above[:start]
	}
	slices.Reverse(out)
	return strings.Join(out, "\n")
}
