package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
)

// selectStmt lowers a select statement to a call that says which case it is, and a switch over it:
// yaegi takes no directed channels, evaluates operands in another order, and cannot be interrupted in
// one. It returns the switch on its own, too, which a label belongs to.
func (l *lowerer) selectStmt(s *ast.SelectStmt, label string) (*ast.BlockStmt, *ast.SwitchStmt) {
	pos := s.Select
	out := block(pos)
	k, more := l.temp("case"), l.temp("more")
	sw := &ast.SwitchStmt{Switch: pos, Tag: id(k, pos), Body: block(pos)}
	blocking := "true"
	var args []ast.Expr
	l.loops = append(l.loops, &loop{label: label})
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		clause := &ast.CaseClause{Case: c.Case, Colon: c.Colon}
		n := len(args)
		switch comm := c.Comm.(type) {
		case nil:
			blocking = "false"
			clause.List = []ast.Expr{intLit(-1, c.Case)}
		case *ast.SendStmt:
			clause.List = []ast.Expr{intLit(n, c.Case)}
			args = append(args, l.sendCase(comm, out))
		default:
			clause.List = []ast.Expr{intLit(n, c.Case)}
			arg, got := l.receiveCase(c.Comm, more, out)
			args = append(args, arg)
			clause.Body = got
		}
		clause.Body = append(clause.Body, l.stmts(c.Body)...)
		sw.Body.List = append(sw.Body.List, clause)
	}
	l.loops = l.loops[:len(l.loops)-1]
	chosen := &ast.AssignStmt{
		Lhs: []ast.Expr{id(k, pos), id(more, pos)}, TokPos: pos, Tok: token.DEFINE,
		Rhs: []ast.Expr{call(rt("Select", pos), append([]ast.Expr{id(blocking, pos)}, args...)...)},
	}
	out.List = append(out.List, chosen, sw)
	return out, sw
}

// operandOf evaluates a channel into a temporary and returns its address.
func (l *lowerer) operandOf(c ast.Expr, out *ast.BlockStmt) ast.Expr {
	pos := c.Pos()
	name := l.temp("chan")
	out.List = append(out.List, l.temporary(name, l.typeOf(c), c), l.put(name, c, l.expr(c)))
	return &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: id(name, pos)}
}

// temporary declares a variable of type t.
func (l *lowerer) temporary(name string, t types.Type, at ast.Expr) ast.Stmt {
	te := l.typeExpr(t, at.Pos())
	if te == nil {
		l.refuse(at, "a select with a value of type %s is not supported in cells", t)
		te = id("any", at.Pos())
	}
	return zeroVar(name, te, at.Pos())
}

func (l *lowerer) sendCase(s *ast.SendStmt, out *ast.BlockStmt) ast.Expr {
	pos := s.Arrow
	c := l.operandOf(s.Chan, out)
	elem := chanElem(l.typeOf(s.Chan))
	name := l.temp("send")
	out.List = append(out.List, l.temporary(name, elem, s.Value), l.put(name, s.Value, l.convert(s.Value, elem)))
	return call(rt("Send", pos), c, &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: id(name, pos)})
}

// receiveCase returns the operand of the call, and what a clause does with the received value.
func (l *lowerer) receiveCase(comm ast.Stmt, more string, out *ast.BlockStmt) (ast.Expr, []ast.Stmt) {
	var left []ast.Expr
	var recv ast.Expr
	tok := token.ASSIGN
	switch comm := comm.(type) {
	case *ast.ExprStmt:
		recv = comm.X
	case *ast.AssignStmt:
		left, recv, tok = comm.Lhs, comm.Rhs[0], comm.Tok
	}
	u := ast.Unparen(recv).(*ast.UnaryExpr)
	pos := u.Pos()
	elem := chanElem(l.typeOf(u.X))
	c := l.operandOf(u.X, out)
	name := l.temp("got")
	out.List = append(out.List, l.temporary(name, elem, u.X))
	var set []ast.Stmt
	for i, e := range left {
		if x, ok := e.(*ast.Ident); ok && x.Name == "_" {
			continue
		}
		value, from := ast.Expr(id(name, pos)), elem
		if i == 1 {
			value, from = id(more, pos), types.Typ[types.Bool]
		}
		set = append(set, &ast.AssignStmt{
			Lhs: []ast.Expr{l.expr(e)}, TokPos: pos, Tok: tok,
			Rhs: []ast.Expr{l.present(value, from, l.typeOf(e))},
		})
	}
	return call(rt("Receive", pos), c, &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: id(name, pos)}), set
}

// SelectCase is a case of a select statement: a channel, and the variable that it is sent from or
// received into.
type SelectCase struct {
	Dir     reflect.SelectDir
	C, Data reflect.Value
}

func sendCase(c, v any) SelectCase {
	return SelectCase{reflect.SelectSend, reflect.ValueOf(c).Elem(), reflect.ValueOf(v).Elem()}
}

func receiveCase(c, v any) SelectCase {
	return SelectCase{reflect.SelectRecv, reflect.ValueOf(c).Elem(), reflect.ValueOf(v).Elem()}
}

// into receives from a channel into the variable that dst points to.
func (x *Executor) into(dst, c any) {
	ch := reflect.ValueOf(c)
	v, ok := ch.TryRecv()
	if !ok && !v.IsValid() { // nothing is there yet
		list := []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: ch}}
		r := x.of(goid())
		if r != nil {
			list = append(list, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(r.done)})
		}
		var i int
		if i, v, _ = reflect.Select(list); i == 1 {
			panic(*r.stopped.Load())
		}
	}
	reflect.ValueOf(dst).Elem().Set(v)
}

// choose runs a select statement. It returns the number of the case, -1 for the default, and whether
// a received value was sent.
func (x *Executor) choose(block bool, cases ...SelectCase) (int, bool) {
	list := make([]reflect.SelectCase, 0, len(cases)+1)
	for _, c := range cases {
		r := reflect.SelectCase{Dir: c.Dir, Chan: c.C}
		if c.Dir == reflect.SelectSend {
			r.Send = c.Data
		}
		list = append(list, r)
	}
	i, v, ok := reflect.Select(append(list, reflect.SelectCase{Dir: reflect.SelectDefault}))
	if i == len(cases) {
		if !block {
			return -1, false
		}
		r := x.of(goid())
		if r != nil {
			list = append(list, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(r.done)})
		}
		if i, v, ok = reflect.Select(list); i == len(cases) {
			panic(*r.stopped.Load())
		}
	}
	if cases[i].Dir == reflect.SelectRecv {
		cases[i].Data.Set(v)
	}
	return i, ok
}
