package exectest

// regressions are cells that once gave something else than Go does. The format is that of language.
var regressions = []row{
	{"a redefined type does not borrow the methods of the old one", `type P struct{ X, Y int }
func (p P) String() string { return fmt.Sprint("P", p.X, p.Y) }
old := any(P{1, 2})
---
type P struct{ A string }
P{"new"}
---
fmt.Println(old, P{"n"})
---
func (p P) String() string { return "now " + p.A }
fmt.Println(old, []P{{"q"}})`, "=> {new}\nP1 2 {n}\nP1 2 [now q]\n"},
	{"nothing deferred runs after os.Exit, which nothing recovers from", `func f() (err any) {
	defer fmt.Println("deferred")
	defer func() { err = recover() }()
	defer func() { fmt.Println("first", recover() != nil); os.Exit(3) }()
	panic("f")
}
---
fmt.Println(f())
---
func g() { defer func() { fmt.Println(recover()) }(); os.Exit(4) }
---
g()`, "first true\nexit: os.Exit(3) (cell 1 line 4)\nexit: os.Exit(4) (cell 3 line 1)\n"},
	{
		"fmt names the method that panics", `type B struct{ n int }
func (b B) String() string { panic("bad") }
fmt.Println(B{1}, []B{{2}})
fmt.Printf("%s|%v\n", B{3}, struct{ A B }{})`,
		"%!v(PANIC=String method: bad) [%!v(PANIC=String method: bad)]\n%!s(PANIC=String method: bad)|{%!v(PANIC=String method: bad)}\n",
	},
	{"an array has the length of its highest index", `a := [...]string{5: "five", 1: "one", "two"}
fmt.Printf("%d %q\n", len(a), a)`, "6 [\"\" \"one\" \"two\" \"\" \"\" \"five\"]\n"},
	{"a pasted program runs main once", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Print(1) }", "1"},
	{"a cell that calls main itself runs it once", "func main() { fmt.Print(1) }\nmain()", "1"},
	{"carriage returns", "x := 1\r\ny := `a\r\nb`\r\nlen(y) + x", "=> 4\n"},
	{"pairs of a call and another value", `type P struct{ X, Y int }
q := &P{3, 4}
func gid(a int) int { return a }
k := 9
a1, b1 := gid(1), q.Y
a2, b2 := k, gid(2)
var a3, b3 float64 = float64(gid(3)), 1
fmt.Println(a1, b1, a2, b2, a3, b3)
---
func ff() {
	a, b := gid(1), q.Y
	fmt.Println(a, b)
	a, b = gid(7), q.X
	fmt.Println(a, b)
	var e error
	a, e = gid(8), nil
	fmt.Println(a, e)
	s := []int{5, 6, 7}
	a = 1
	a, s[a] = gid(2), 60
	fmt.Println(a, s)
	for i, j := 0, 9; i < j; i, j = gid(i+1), j-3 {
		fmt.Print(i, j, " ")
	}
	if a, b = b, gid(11); a < b {
		fmt.Println(a, b)
	}
}
ff()`, "1 4 9 2 3 1\n1 4\n7 3\n8 <nil>\n2 [5 60 7]\n0 9 1 6 2 3 3 11\n"},
	{"pairs with an operation, a literal or a receive", `ch := make(chan int, 2)
ch <- 3
ch <- 4
a, b := 0, <-ch
c, n := []int{1}, 9
fmt.Println(a, b, c, n)
a, b = b, a+b
c, n = []int{2, 3}, a
fmt.Println(a, b, c, n)
---
func fib(n int) int {
	a, b := 0, 1
	for range n {
		a, b = b, a+b
	}
	return a
}
var e any
i, m := 1, map[string]int{}
e, i = struct{ X int }{5}, i+1
i, m["k"] = i+1, -i
i, c[0] = <-ch, 70
fmt.Println(fib(20), e, i, m, c)`, "0 3 [1] 9\n3 3 [2 3] 3\n6765 {5} 4 map[k:-2] [70 3]\n"},
	{"values in any keep their methods when printed", `type S struct{ a int }
func (s S) String() string { return "S!" }
type Color int
func (c Color) String() string { return "c" }
type I interface{ String() string }
type B struct{ V any; E error }
---
x := []any{S{1}, &S{2}, Color(3), 3}
fmt.Println(x, map[any]int{S{1}: 1}[S{1}], map[string]any{"a": S{1}})
fmt.Println(x...)
fmt.Println(B{S{1}, nil}, []I{S{1}}, any(Color(1)))
var i I = Color(1)
fmt.Println(i)
fmt.Printf("%#v %T %T\n", x[0], x[0], &x)
func two() (S, error) { return S{1}, nil }
fmt.Println(two())`, "[S! S! c 3] 1 map[a:S!]\nS! S! c 3\n{S! <nil>} [S!] c\nc\nmain.S{a:1} main.S *[]interface {}\nS! <nil>\n"},
	{"generic functions keep the types of their arguments", `type Color int
func Show[T any](x T) string { return fmt.Sprint(x) }
func Via[U any](x U) string { return Show(x) }
func As[T any](x any) (T, bool) { v, ok := x.(T); return v, ok }
---
Via(3) + Show("q")
---
Via(Color(1))
---
As[error](nil)`, "=> 3q\n=> 1\n=> <nil>\n=> false\n"},
	{"a range over a string gives byte indices", `for i := range "h\u00e9y" { fmt.Print(i) }
for i, r := range "\xffa" { fmt.Print(" ", i, r) }
for _, r := range "ab" { fmt.Print(" ", r) }
for range "ab" { fmt.Print(".") }`, "013 0 65533 1 97 97 98.."},
	{"wrapped errors of the session are found", `type Code int
func (c Code) Error() string { return "code" }
func (c Code) Is(t error) bool { return t == base }
var base = errors.New("base")
err := fmt.Errorf("x: %w", Code(2))
var c Code
fmt.Println(errors.As(err, &c), int(c), errors.Is(err, base))`, "true 2 true\n"},
	{"a pointer to a literal among several values", `type P struct{ a int }
func f(x int) int { xs, p := []int{1}, &P{x}; q, y := &P{1}, 2; return p.a + xs[0] + q.a + y }
f(1)`, "=> 5\n"},
	{"empty structs have a type", `type A struct{}
type B struct{}
func which(x any) string { switch x.(type) { case B: return "B"; case A: return "A" }; return "?" }
fmt.Println(which(A{}), which(B{}), which(struct{}{}))`, "A B ?\n"},
	{
		"what a deferred call would see too late is refused",
		`func g() { for _, s := range []string{"a"} { defer func() { fmt.Println(s) }() } }`,
		"refused: cell 1 line 1: defer of a call that uses s, which has another value later, is not supported in cells; " +
			"an argument of the literal, or a function that does the deferring, works",
	},
	{"values that json would get wrong are refused", `type T struct{ X int }
func (t T) MarshalJSON() ([]byte, error) { return nil, nil }
json.Marshal([]T{{1}})
---
type B struct{ X int }
type E struct{ B }
json.Marshal(E{})`, "refused: cell 1 line 3: json.Marshal cannot take this value in cells: " +
		"the method MarshalJSON of T is not seen by it; build a map or a struct of plain fields" +
		"refused: cell 2 line 3: json.Marshal cannot take this value in cells: " +
		"the embedded field B would become a field of its own; name its fields"},
	{"a cell may begin with a call of a function literal", `func(a int) int { return a * 2 }(3)
---
func(xs ...int) []int { return xs }(1, 2)
---
func() time.Duration { return 3 }().String()
---
type T struct{}
func (T) M() int { return 4 }
func (t *T) N() int { return 5 }
(&T{}).M() + new(T).N()`, "=> 6\n=> [1 2]\n=> 3ns\n=> 9\n"},
	{"imports stand anywhere in a cell", `type S struct{ n int }
func (s S) Up() string { return unicode.ToTitle("s") }
import unicode "strings"
S{}.Up()
import "math/bits"
bits.Len(8)`, "=> 4\n"},
	{"panics in goroutines that compiled code starts end these alone", `import "context"
var wg sync.WaitGroup
wg.Go(func() { panic("a") })
wg.Go(func() { var p *int; *p = 1 })
wg.Wait()
done := make(chan int)
time.AfterFunc(1, func() { defer close(done); panic("b") })
<-done
ctx, cancel := context.WithCancel(context.Background())
over := make(chan int)
context.AfterFunc(ctx, func() { defer close(over); panic("c") })
cancel()
<-over
type G struct { sync.WaitGroup; sum int }
s := &G{}
s.Go(func() { s.sum = 7 })
s.Wait()
s.sum`, "=> 7\n"},
	{
		"a shift by a negative count panics", `func try(f func() int) {
	defer func() { fmt.Println(recover()) }()
	fmt.Println(f())
}
n, u := -1, uint(3)
try(func() int { return 1 << n })
try(func() int { x := 8; x >>= n; return x })
try(func() int { n = 2; x := 8; x <<= n; return x>>1 + 1<<u })`,
		"runtime error: negative shift amount\nruntime error: negative shift amount\n24\n<nil>\n",
	},
	{"a type whose part gets a method", `type Temp float64
---
type Room struct { T Temp; M map[string][]Temp; Next *Room }
r := Room{T: 1}
var kept any = []Room{{T: 5}}
all := []any{r, &r, r.T, map[Temp]Room{2: r}}
---
func (t Temp) String() string { return fmt.Sprintf("%.1fC", float64(t)) }
---
q := Room{T: 2, M: map[string][]Temp{"a": {3}}}
fmt.Println(q.T, q.M, r.T, Temp(4))
_, isRoom := kept.([]Room)
_, first := all[0].(Room)
_, pointer := all[1].(*Room)
_, temp := all[2].(fmt.Stringer)
_, table := all[3].(map[Temp]Room)
fmt.Println(isRoom, first, pointer, temp, table)
fmt.Println(q, r)`, "2.0C map[a:[3.0C]] 1.0C 4.0C\ntrue true true true true\n{2.0C map[a:[3.0C]] <nil>} {1.0C map[] <nil>}\n"},
	{"a function that is declared anew twice is called as it is", `func f() int { return 1 }
c := func() int { return f() }
c()
---
func f() int { return 2 }
---
c()
---
func f() int { return 3 }
---
c()`, "=> 1\n=> 2\n=> 3\n"},
	{"values made before their type got another method run redefined ones", `type T struct{ a int }
func (t T) M() int { return t.a }
var i any = T{10}
type M interface{ M() int }
var m M = T{20}
---
func (t T) String() string { return "T" }
---
func (t T) M() int { return t.a + 1 }
---
fmt.Println(m.M(), T{1}.M())
---
func (t T) M() int { return t.a + 2 }
---
fmt.Println(m.M(), T{1}.M())`, "21 2\n22 3\n"},
}
