package exectest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The matrix has every way to make a value (producers) beside every way to use one (consumers), for a value
// of each sort of type. Each cell of it is a function that prints what became of the value, which is known
// beforehand.

// sort is a type of the matrix with two values.
type sort struct {
	name, typ string
	a, b      string // values
	text      string // a string of x
	want      string // that string for a
	has       string // what it can do: c compare, m method M
}

var sorts = []sort{
	{"int", "int", "7", "8", "fmt.Sprintln(x)", "7", "c"},
	{"u8", "uint8", "uint8(200)", "uint8(3)", "fmt.Sprintln(x+100)", "44", "c"},
	{"float", "float64", "2.5", "0.25", "fmt.Sprintln(x)", "2.5", "c"},
	{"string", "string", `"ab"`, `"c"`, "fmt.Sprintln(x)", "ab", "c"},
	{"bool", "bool", "true", "false", "fmt.Sprintln(x)", "true", "c"},
	{"struct", "S", `S{5, "s"}`, "S{}", "fmt.Sprintln(x.n, x.s, x)", "5 s {5 s}", "c"},
	{"pointer", "*S", `&S{6, "p"}`, "&S{}", "fmt.Sprintln(x.n, x.s, *x)", "6 p {6 p}", "c"},
	{"slice", "[]int", "[]int{1, 2}", "[]int{}", "fmt.Sprintln(x, len(x))", "[1 2] 2", ""},
	{"array", "[2]int", "[2]int{3, 4}", "[2]int{}", "fmt.Sprintln(x, x[1])", "[3 4] 4", "c"},
	{"map", "map[string]int", `map[string]int{"k": 9}`, "map[string]int{}", `fmt.Sprintln(x, x["k"])`, "map[k:9] 9", ""},
	{"func", "func(int) int", "func(y int) int { return y + 1 }", "func(y int) int { return y }", "fmt.Sprintln(x(1))", "2", ""},
	{"chan", "chan int", "make(chan int, 3)", "make(chan int)", "fmt.Sprintln(cap(x))", "3", "c"},
	{"any", "any", "any(11)", `any("b")`, "fmt.Sprintln(x, x == any(11))", "11 true", "c"},
	{"anys", "any", `any(S{1, "t"})`, `any(2)`, `fmt.Sprintln(x, x == any(S{1, "t"}), x.(S).s)`, "{1 t} true t", "c"},
	{"named", "N", "N(12)", "N(13)", "fmt.Sprintln(int(x), x, x.M())", "12 N12 mN12", "cm"},
	{"method", "P", `P{"w"}`, `P{"v"}`, "fmt.Sprintln(x.s, x, x.M())", "w Pw mPw", "cm"},
	{"list", "L", "L{1, 2}", "L{}", "fmt.Sprintln(len(x), x, x.M())", "2 L2 mL2", "m"},
	{"ptr method", "*Q", `&Q{"q"}`, `&Q{}`, "fmt.Sprintln(x.s, x, x.M())", "q Qq mQq", "cm"},
	{"iface", "I", `I(P{"i"})`, "I(N(1))", "fmt.Sprintln(x.M(), x)", "mPi Pi", "cm"},
	{"ifaceptr", "I", `I(&Q{"j"})`, "I(N(1))", "fmt.Sprintln(x.M(), x)", "mQj Qj", "cm"},
	{"error", "error", `error(E{4})`, `error(nil)`, "fmt.Sprintln(x.Error(), x)", "E4 E4", "c"},
	{"stringer", "fmt.Stringer", "fmt.Stringer(N(3))", `fmt.Stringer(P{"z"})`, "fmt.Sprintln(x.String(), x)", "N3 N3", "c"},
	{"structs", "[]S", `[]S{{1, "a"}, {2, "b"}}`, "[]S{}", "fmt.Sprintln(x, x[1].s)", "[{1 a} {2 b}] b", ""},
	{"names", "[]N", "[]N{1, 2}", "[]N{}", "fmt.Sprintln(x, x[1].M())", "[N1 N2] mN2", ""},
	{"ifaces", "[]I", `[]I{N(1), P{"o"}}`, "[]I{}", "fmt.Sprintln(x, x[1].M())", "[N1 Po] mPo", ""},
	{"embeds", "O", `O{P{"e"}, 2}`, "O{}", "fmt.Sprintln(x.s, x.n, x.M())", "e 2 mPe", "cm"},
	{"nest", "W", `W{in: S{7, "u"}, m: map[N]P{1: {"k"}}}`, "W{}", "fmt.Sprintln(x.in.s, x.m[1].M(), x.in)", "u mPk {7 u}", ""},
	{"generic", "G[int]", "G[int]{v: 21}", "G[int]{}", "fmt.Sprintln(x.v, x.get(), x)", "21 21 {21}", "c"},
	{"anon", "struct{ q, r int }", "struct{ q, r int }{1, 2}", "struct{ q, r int }{}", "fmt.Sprintln(x.q, x)", "1 {1 2}", "c"},
	{"complex", "complex128", "complex(1, 2)", "complex(0, 1)", "fmt.Sprintln(x, real(x))", "(1+2i) 1", "c"},
	{"byptr", "**int", "pp(7)", "pp(8)", "fmt.Sprintln(**x)", "7", "c"},
	{"time", "time.Duration", "3*time.Second", "time.Hour", "fmt.Sprintln(x, x.Seconds())", "3s 3", "c"},
	{"bytes", "*bytes.Buffer", `bytes.NewBufferString("bf")`, "new(bytes.Buffer)", "fmt.Sprintln(x.String())", "bf", "c"},
}

const matrixHead = `package main

import (
	"bytes"
	"fmt"
	"time"
)

var _ = bytes.NewBuffer
var _ time.Duration

type S struct {
	n int
	s string
}
type N int
type P struct{ s string }
type Q struct{ s string }
type L []int
type E struct{ n int }
type I interface{ M() string }
type O struct {
	P
	n int
}
type W struct {
	in S
	m  map[N]P
}
type G[T any] struct{ v T }

func (g G[T]) get() T       { return g.v }
func (n N) String() string  { return fmt.Sprintf("N%d", int(n)) }
func (n N) M() string       { return "m" + n.String() }
func (p P) String() string  { return "P" + p.s }
func (p P) M() string       { return "m" + p.String() }
func (q *Q) String() string { return "Q" + q.s }
func (q *Q) M() string      { return "m" + q.String() }
func (l L) String() string  { return fmt.Sprint("L", len(l)) }
func (l L) M() string       { return "m" + l.String() }
func (e E) Error() string   { return fmt.Sprint("E", e.n) }
func id[X any](x X) X       { return x }
func pp(n int) **int        { p := &n; return &p }

type holder struct{ v TT }

func (h holder) get() TT   { return h.v }
func (h *holder) pget() TT { return h.v }
func (h *holder) set(v TT) { h.v = v }

type outer struct{ holder }
type getter interface{ get() TT }
type setter interface{ set(TT) }

func make1() TT         { return AA }
func make2() (TT, bool) { return AA, true }
func pass(v TT) TT       { return v }
func last(vs ...TT) TT   { return vs[len(vs)-1] }
func iface(v any) TT    { return v.(TT) }

var global TT
var globals = []TT{BB}

func guard(name string, f func()) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Println(name, "panics")
		}
	}()
	f()
}

`

// producers make the value a: what comes before, and an expression.
var producers = [][3]string{
	{"literal", "", "AA"},
	{"variable", "v := AA", "v"},
	{"var of type", "var v TT = AA", "v"},
	{"field", "v := struct{ f TT }{AA}", "v.f"},
	{"field by pointer", "v := &holder{AA}", "v.v"},
	{"element", "v := []TT{BB, AA}", "v[1]"},
	{"array element", "v := [2]TT{BB, AA}", "v[1]"},
	{"element of pointer", "v := &[2]TT{BB, AA}", "v[1]"},
	{"map element", `v := map[string]TT{"k": AA}`, `v["k"]`},
	{"pointer", "w := AA\nv := &w", "*v"},
	{"call", "", "make1()"},
	{"closure", "v := func() TT { return AA }", "v()"},
	{"literal call", "", "func() TT { return AA }()"},
	{"method", "v := holder{AA}", "v.get()"},
	{"pointer method", "v := holder{AA}", "v.pget()"},
	{"interface method", "var v getter = holder{AA}", "v.get()"},
	{"interface pointer", "var v getter = &holder{AA}", "v.get()"},
	{"promoted field", "v := outer{holder{AA}}", "v.v"},
	{"promoted method", "v := &outer{holder{AA}}", "v.get()"},
	{"method value", "v := holder{AA}.get", "v()"},
	{"method expression", "v := holder{AA}", "holder.get(v)"},
	{"receive", "v := make(chan TT, 1)\nv <- AA", "<-v"},
	{"assertion", "var v any = pass(AA)", "v.(TT)"},
	{"conversion", "", "(TT)(AA)"},
	{"generic", "", "id[TT](AA)"},
	{"generic struct", "v := G[TT]{AA}", "v.get()"},
	{"captured", "w := AA\nv := func() TT { u := w; return func() TT { return u }() }", "v()"},
	{"struct in map", `v := map[string]holder{"k": {AA}}`, `v["k"].v`},
	{"struct in slice", "v := []holder{{BB}, {AA}}", "v[1].v"},
	{"pointer in slice", "v := []*holder{{BB}, {AA}}", "v[1].get()"},
	{"slice of slice", "v := [][]TT{{BB}, {BB, AA}}", "v[1][1]"},
	{"global", "global = AA", "global"},
	{"argument", "", "pass(AA)"},
	{"variadic", "", "last(BB, AA)"},
	{"through any", "", "iface(pass(AA))"},
}

// panicking are producers that panic instead.
var panicking = [][3]string{
	{"nil pointer", "var v *TT", "*v"},
	{"nil field", "var v *holder", "v.v"},
	{"nil promoted field", "var v struct{ *holder }", "v.v"},
	{"nil array", "var v *[2]TT", "v[1]"},
	{"index", "v, i := []TT{AA}, 1", "v[i]"},
	{"array index", "v, i := [1]TT{AA}, 1", "v[i]"},
	{"negative index", "v, i := []TT{AA}, -1", "v[i]"},
	{"slicing", "v, i := []TT{AA}, 3", "v[:i][0]"},
	{"nil function", "var v func() TT", "v()"},
	{"nil interface", "var v getter", "v.get()"},
	{"nil receiver", "var v *holder", "v.get()"},
	{"assertion", "var v any = struct{ z int8 }{}", "v.(TT)"},
	{"nil assertion", "var v any", "v.(TT)"},
	{"panic", "v := func() TT { panic(1) }", "v()"},
	{"deep panic", "v := func() func() TT { return func() TT { panic(AA) } }", "v()()"},
}

// consumers use EXPR, of type TT, and leave a value x of that type.
var consumers = [][3]string{
	{"define", "x := EXPR", ""},
	{"declare", "var x TT = EXPR", ""},
	{"declare untyped", "var x = EXPR", ""},
	{"assign", "var x TT\nx = EXPR", ""},
	{"assign again", "x := BB\nx = EXPR", ""},
	{"assign in closure", "var x TT\nfunc() { x = EXPR }()", ""},
	{"assign field", "var s struct{ f TT }\ns.f = EXPR\nx := s.f", ""},
	{"assign pointer field", "s := &holder{}\ns.v = EXPR\nx := s.v", ""},
	{"assign promoted", "var s outer\ns.v = EXPR\nx := s.get()", ""},
	{"assign element", "s := make([]TT, 2)\ns[1] = EXPR\nx := s[1]", ""},
	{"assign array", "var s [2]TT\ns[1] = EXPR\nx := s[1]", ""},
	{"assign map", "s := map[int]TT{}\ns[1] = EXPR\nx := s[1]", ""},
	{"assign pointer", "x, s := BB, new(TT)\n*s = EXPR\nx = *s", ""},
	{"assign by address", "x := BB\ns := &x\n*s = EXPR", ""},
	{"assign global", "global = EXPR\nx := global", ""},
	{"assign deep", "s := []struct{ f map[string][]TT }{{map[string][]TT{\"k\": {BB}}}}\ns[0].f[\"k\"][0] = EXPR\nx := s[0].f[\"k\"][0]", ""},
	{"return", "x := func() TT { return EXPR }()", ""},
	{"return named", "x := func() (r TT) { r = EXPR; return }()", ""},
	{"return named value", "x := func() (r TT) { return EXPR }()", ""},
	{"return two", "x, _ := func() (TT, int) { return EXPR, 1 }()", ""},
	{"return second", "_, x := func() (int, TT) { return 1, EXPR }()", ""},
	{"return any", "x := func() any { return EXPR }().(TT)", ""},
	{"return changed", "x := func() (r TT) { defer func() { r = EXPR }(); return BB }()", ""},
	{"argument", "x := pass(EXPR)", ""},
	{"argument of closure", "f := func(_ int, v TT) TT { return v }\nx := f(1, EXPR)", ""},
	{"variadic", "x := last(BB, EXPR)", ""},
	{"variadic slice", "x := last([]TT{BB, EXPR}...)", ""},
	{"argument any", "x := iface(EXPR)", ""},
	{"method argument", "s := &holder{}\ns.set(EXPR)\nx := s.v", ""},
	{"interface argument", "s := &holder{}\nvar set setter = s\nset.set(EXPR)\nx := s.v", ""},
	{"generic argument", "x := id[TT](EXPR)", ""},
	{"generic literal", "x := G[TT]{EXPR}.v", ""},
	{"struct literal", "s := holder{EXPR}\nx := s.v", ""},
	{"keyed literal", "s := &holder{v: EXPR}\nx := s.v", ""},
	{"nested literal", "s := outer{holder{EXPR}}\nx := s.v", ""},
	{"slice literal", "s := []TT{BB, EXPR}\nx := s[1]", ""},
	{"keyed slice", "s := []TT{2: EXPR}\nx := s[2]", ""},
	{"array literal", "s := [...]TT{EXPR, BB}\nx := s[0]", ""},
	{"map literal", "s := map[int]TT{4: EXPR}\nx := s[4]", ""},
	{"literal of literals", "s := [][]TT{{EXPR}, {BB}}\nx := s[0][0]", ""},
	{"append", "s := append([]TT{BB}, EXPR)\nx := s[1]", ""},
	{"append two", "s := append([]TT(nil), EXPR, BB)\nx := s[0]", ""},
	{"append to any", "s := append([]any{1}, EXPR)\nx := s[1].(TT)", ""},
	{"send", "c := make(chan TT, 1)\nc <- EXPR\nx := <-c", ""},
	{"send and ok", "c := make(chan TT, 1)\nc <- EXPR\nx, ok := <-c\nif !ok { return }", ""},
	{"two", "x, y := EXPR, 1\n_ = y", ""},
	{"two again", "var x TT\nvar y int\ny, x = 2, EXPR\n_ = y", ""},
	{"swap", "x, y := BB, EXPR\nx, y = y, x\n_ = y", ""},
	{"capture", "y := EXPR\nf := func() TT { return y }\nx := f()", ""},
	{"any", "var y any = EXPR\nx := y.(TT)", ""},
	{"any ok", "var y any = EXPR\nx, ok := y.(TT)\nif !ok { return }", ""},
	{"any in struct", "s := struct{ f any }{EXPR}\nx := s.f.(TT)", ""},
	{"type switch", "var x TT\nswitch y := any((EXPR)).(type) {\ncase TT:\nx = y\n}", ""},
	{"range", "var x TT\nfor _, y := range []TT{EXPR} { x = y }", ""},
	{"range of map", "var x TT\nfor _, y := range map[int]TT{1: EXPR} { x = y }", ""},
	{"range of array", "var x TT\nfor _, y := range [1]TT{EXPR} { x = y }", ""},
	{"range of channel", "c := make(chan TT, 1)\nc <- EXPR\nclose(c)\nvar x TT\nfor y := range c { x = y }", ""},
	{"range of function", "f := func(yield func(TT) bool) { yield(EXPR) }\nvar x TT\nfor y := range f { x = y }", ""},
	{"defer", "var x TT\nfunc() { defer func(v TT) { x = v }(EXPR) }()", ""},
	{"go", "c := make(chan TT)\ngo func(v TT) { c <- v }(EXPR)\nx := <-c", ""},
	{"go closure", "c := make(chan TT)\ngo func() { c <- EXPR }()\nx := <-c", ""},
	{"if", "var x TT\nif y := (EXPR); true { x = y }", ""},
	{"for", "var x TT\nfor y, i := (EXPR), 0; i < 1; i++ { x = y }", ""},
	{"switch", "var x TT\nswitch y := (EXPR); { default: x = y }", ""},
	{"select", "c := make(chan TT, 1)\nc <- EXPR\nvar x TT\nselect {\ncase y := <-c:\nx = y\n}", ""},
	{"select assigns", "c := make(chan TT, 1)\nc <- EXPR\ns := make([]TT, 1)\nselect {\ncase s[0] = <-c:\ndefault:\n}\nx := s[0]", ""},
	{"select sends", "c := make(chan TT, 1)\nselect {\ncase c <- EXPR:\n}\nx := <-c", ""},
	{"address", "y := EXPR\np := &y\nx := *p", ""},
	{"new", "p := new(EXPR)\nx := *p", ""},
	{"copy of struct", "s := holder{EXPR}\nr := s\ns.v = BB\nx := r.v", ""},
	{"copy of array", "s := [2]TT{EXPR, BB}\nr := s\ns[0] = BB\nx := r[0]", ""},
	{"copy", "s := make([]TT, 1)\ncopy(s, []TT{EXPR})\nx := s[0]", ""},
	{"panic", "x := func() (r TT) { defer func() { r = recover().(TT) }(); panic(EXPR) }()", "-error"},
	{"struct through any", "x := any(holder{EXPR}).(holder).v", ""},
	{"print", "y := EXPR\nx := y\nif fmt.Sprintf(\"%v|%v\", EXPR, y) == \"\" { return }", "-receive"},
	{"map key", "s := map[TT]int{EXPR: 5}\nvar x TT\nfor k := range s { x = k }", "c"},
	{"map lookup", "y := EXPR\ns := map[TT]int{y: 5}\nx := y\nif s[y] != 5 { x = BB }", "c"},
	{"equal", "y := EXPR\nx := y\nif y != x { x = BB }", "c"},
	{"switch case", "y := EXPR\nx := BB\nswitch y {\ncase BB:\ncase y:\nx = y\n}", "c"},
	{"to interface", "var m I = EXPR\nx := m.(TT)\nif m.M() != x.M() { x = BB }", "m"},
	{"in interfaces", "s := []I{EXPR}\nx := s[0].(TT)\nif s[0].M() != x.M() { x = BB }", "m"},
	{"bound", "y := EXPR\nf := y.M\nx := y\nif f() != y.M() { x = BB }", "m"},
	{"any to interface", "var y any = EXPR\nm, ok := y.(I)\nvar x TT\nif ok { x = m.(TT) }", "m"},
}

// matrixCell is a function of the matrix.
type matrixCell struct{ name, body, want string }

// matrix returns the cells for a sort and a producer.
func (s sort) matrix(p [3]string) (cells []matrixCell) {
	quiet := slices.Contains(panicking, p)
	if s.typ == "any" && p[0] == "assertion" {
		return nil // it holds
	}
	for _, c := range consumers {
		needs := c[2]
		if len(needs) == 1 && !strings.Contains(s.has, needs) || needs == "-"+p[0] || needs == "-"+s.name {
			continue
		}
		if quiet && (strings.Contains(c[0], "panic") || strings.Contains(c[0], "defer") || c[0] == "go closure") {
			continue // recover something else, or nothing does
		}
		use := strings.ReplaceAll(c[1], "EXPR", p[2])
		body := fmt.Sprintf("%s\n%s\nfmt.Print(NAME, \" \", %s)", p[1], use, s.text)
		cells = append(cells, matrixCell{s.name + " / " + p[0] + " / " + c[0], body, s.want})
		if quiet {
			cells[len(cells)-1].want = "panics"
		}
	}
	return cells
}

// matrixProgram is a program of cells of one sort.
func (s sort) matrixProgram(cells []matrixCell) (source, want string) {
	var b, w strings.Builder
	fmt.Fprintf(&b, "%s", s.fill(matrixHead))
	for i, c := range cells {
		name := fmt.Sprintf("%q", c.name)
		fmt.Fprintf(&b, "func c%d() {\n%s\n}\n\n", i, strings.ReplaceAll(s.fill(c.body), "NAME", name))
		fmt.Fprintf(&w, "%s %s\n", c.name, c.want)
	}
	b.WriteString("func main() {\n")
	for i, c := range cells {
		fmt.Fprintf(&b, "\tguard(%q, c%d)\n", c.name, i)
	}
	b.WriteString("}\n")
	return b.String(), w.String()
}

// fill puts the type and the values of s into a text that has TT, AA and BB for them.
func (s sort) fill(text string) string {
	return strings.NewReplacer("TT", s.typ, "AA", s.a, "BB", s.b).Replace(text)
}

// Matrix tests cells of the matrix: those of every stride-th program, beginning with the first-th. It returns
// how many cells ran and how many were refused; a refused cell is allowed when refuses is.
func Matrix(t *testing.T, start New, first, stride int, refuses bool) (ran, refused int) {
	n := 0
	for _, s := range sorts {
		for _, p := range slices.Concat(producers, panicking) {
			if n++; (n-1)%stride != first {
				continue
			}
			r, no := s.try(t, start, s.matrix(p), refuses)
			ran, refused = ran+r, refused+no
		}
	}
	return ran, refused
}

// try runs cells as one program, or, when that is refused, in halves.
func (s sort) try(t *testing.T, start New, cells []matrixCell, refuses bool) (ran, refused int) {
	if len(cells) == 0 {
		return 0, 0
	}
	source, want := s.matrixProgram(cells)
	got := NewNotebook(t, start).Run(t, source)
	if strings.HasPrefix(got, "refused: ") || strings.HasPrefix(got, "check: ") {
		if len(cells) == 1 {
			if !refuses || strings.HasPrefix(got, "check: ") {
				t.Errorf("%s: %s", cells[0].name, got)
			}
			return 0, 1
		}
		half := len(cells) / 2
		for _, part := range [][]matrixCell{cells[:half], cells[half:]} {
			r, no := s.try(t, start, part, refuses)
			ran, refused = ran+r, refused+no
		}
		return ran, refused
	}
	if got != want {
		has := map[string]bool{}
		for line := range strings.Lines(got) {
			has[line] = true
		}
		for line := range strings.Lines(want) {
			if !has[line] {
				t.Errorf("no line %q in what was printed", line)
			}
			delete(has, line)
		}
		for line := range has {
			t.Errorf("%q is printed", line)
		}
	}
	return len(cells), 0
}
