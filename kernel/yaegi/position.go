package yaegi

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/lathe-ml/lathe/kernel/outcome"
)

// How a panic finds its line. yaegi tells only which functions a panic leaves (see trace). A
// function in which one statement may panic needs no more than that; any other keeps the position
// of its statement in a local variable, clears it when it is done, and hands it over by a deferred
// call. Nothing of this is shared between goroutines.

// funcPlace is what is known of a lowered function before it runs.
type funcPlace struct {
	name  string
	pos   token.Pos // of the statement that may panic, or of its body
	noted bool      // it hands its position over
	loop  bool      // the body of a range over func: its notes are those of the function around it
}

// CellFunc is Frame.Func of the function that holds the statements of a cell.
const CellFunc = outcome.CellFunc

// literalName names a function literal inside a function.
func literalName(within string) string {
	if within == "" || within == CellFunc {
		return "func literal"
	}
	if strings.HasPrefix(within, "func literal") {
		return within
	}
	return "func literal in " + within
}

// function records a function by the position of the first node in its body.
func (r *registry) function(body token.Pos, f funcPlace) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.funcs[body] = f
}

// notes starts the notes of a function.
func (l *lowerer) notes(pos token.Pos) []ast.Stmt {
	addr := &ast.UnaryExpr{OpPos: pos, Op: token.AND, X: id(atVar, pos)}
	return []ast.Stmt{
		define(atVar, intLit(int(pos), pos)),
		&ast.DeferStmt{Defer: pos, Call: call(rt("Leave", pos), addr)},
	}
}

// at notes the position of a statement.
func (l *lowerer) at(pos token.Pos) ast.Stmt { return assign(id(atVar, pos), intLit(int(pos), pos)) }

// done notes that the function comes to its end.
func (l *lowerer) done(pos token.Pos) ast.Stmt { return assign(id(atVar, pos), intLit(0, pos)) }

// riskyPlaces lists the statements of a body that may panic or call, one a line.
func (l *lowerer) riskyPlaces(b *ast.BlockStmt) (places []token.Pos) {
	seen := map[int]bool{}
	add := func(list []ast.Stmt) {
		for _, s := range list {
			if line := l.Fset.Position(s.Pos()).Line; !seen[line] && l.risky(s) {
				seen[line] = true
				places = append(places, s.Pos())
			}
		}
	}
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			add(n.List)
		case *ast.CaseClause:
			add(n.Body)
		case *ast.CommClause:
			add(n.Body)
		}
		return true
	})
	return places
}

// ends reports whether the last statement of a body returns.
func ends(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	_, ok := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return ok
}

// trace receives what yaegi prints about a panic: a line for each active function, innermost first,
// on the goroutine that panics.
type trace struct {
	reg *registry
	mu  sync.Mutex
	by  map[int64]*unwinding // by goroutine
}

// unwinding is a panic on its way out.
type unwinding struct {
	at     token.Pos // handed over by the function that is being left
	frames []rawFrame
}

type rawFrame struct {
	name string
	pos  token.Pos
	loop bool
}

// maxFrames is how many functions of a panic are kept.
const maxFrames = 32

// leave is deferred by functions that note positions. A function that is not done panics.
func (t *trace) leave(at *int) {
	if *at == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(goid()).at = token.Pos(*at)
}

func (t *trace) of(id int64) *unwinding {
	u := t.by[id]
	if u == nil {
		u = &unwinding{}
		t.by[id] = u
	}
	return u
}

// frameLine is what yaegi prints for a function that a panic leaves.
var frameLine = regexp.MustCompile(`^cells:1:(\d+): panic: `)

// Write makes trace an io.Writer.
func (t *trace) Write(p []byte) (int, error) {
	m := frameLine.FindSubmatch(p)
	if m == nil {
		return len(p), nil
	}
	n, _ := strconv.Atoi(string(m[1]))
	t.left(token.Pos(n))
	return len(p), nil
}

// left adds the function with that body.
func (t *trace) left(body token.Pos) {
	t.reg.mu.Lock()
	f, ok := t.reg.funcs[body]
	t.reg.mu.Unlock()
	if !ok {
		return // a function that lowering made
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.of(goid())
	if f.noted && u.at != 0 {
		f.pos, u.at = u.at, 0
	}
	for i := range u.frames {
		if in := &u.frames[i]; in.loop && in.name == f.name && !f.loop {
			in.pos, in.loop, f.pos = f.pos, false, in.pos
		}
	}
	if len(u.frames) < maxFrames || f.name == CellFunc {
		u.frames = append(u.frames, rawFrame{f.name, f.pos, f.loop})
	}
}

// forget drops what is known of a panic that was recovered.
func (t *trace) forget(id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, id)
}

// take returns the functions that the panic of the calling goroutine left.
func (t *trace) take(fset *token.FileSet) (frames []Frame) {
	id := goid()
	t.mu.Lock()
	u := t.of(id)
	delete(t.by, id)
	t.mu.Unlock()
	for _, f := range u.frames {
		frames = append(frames, Frame{Func: f.name, Pos: fset.Position(f.pos)})
	}
	return frames
}
