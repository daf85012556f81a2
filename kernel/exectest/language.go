package exectest

// language is what cells may rely on: each construct gives what Go gives, or is refused with a
// message. Cells are separated by "---"; want is what is printed, "=> " before values and
// "kind: message (cell line)" for errors.
var language = []row{
	{"min, max, clear", `m := map[int]int{1: 2}
clear(m)
s := []int{1, 2}
clear(s)
fmt.Println(min(3, 1, 2), max(1.5, 2), min("b", "a"), len(m), s, max(uint8(3), 4))`, "1 2 a 0 [0 0] 4\n"},
	{"new with a value", "p := new(42)\n*p++\nq := new(*p > 1)\nfmt.Println(*p, *q)", "43 true\n"},
	{"range over int", `s := 0
for i := range 5 { i *= 2; s += i }
for range 3 { s++ }
var n int8 = 3
for i := range n { s += int(i) }
var k int
for k = range 4 { }
fmt.Println(s, k)`, "26 3\n"},
	{"range over func", `func seq(n int) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		for i := range n { if !yield(i, fmt.Sprint("v", i)) { return } }
	}
}
func find(n int) (int, string) {
	for i, v := range seq(10) {
		if i == n { return i, v }
		if i > 5 { break }
	}
	return -1, "none"
}
func each(f func(func() bool)) (n int) { for range f { n++; if n == 2 { continue } }; return }
fmt.Println(find(3))
fmt.Println(find(8))
outer: for i := range seq(4) { for j := range seq(4) { if j == 2 { continue outer }; if i == 2 { break outer }; fmt.Print(i, j, " ") } }
fmt.Println(each(func(y func() bool) { for range 3 { y() } }))`, "3 v3\n-1 none\n0 0 0 1 1 0 1 1 3\n"},
	{"loop variables are per iteration", `var fs []func() int
for i := 0; i < 3; i++ { fs = append(fs, func() int { i += 10; return i }) }
for _, v := range []int{5, 6} { fs = append(fs, func() int { return v }) }
for i := range 2 { fs = append(fs, func() int { return i }) }
for _, f := range fs { fmt.Print(f(), " ") }
var ps []*int
for i := 0; i < 3; i++ { if i == 1 { continue }; ps = append(ps, &i) }
fmt.Println(*ps[0], *ps[1])
func g() int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	s := 0
	for i := 0; i < 4; i++ { wg.Add(1); go func() { defer wg.Done(); mu.Lock(); s += i; mu.Unlock() }() }
	wg.Wait()
	return s
}
g()`, "10 11 12 5 6 0 1 0 2\n=> 6\n"},
	{"a loop at the top level with its variable shadowed ends", "for i := 0; i < 3; i++ { i := i; fmt.Print(i) }", "012"},
	{"closures given to compiled code keep their variables", `var wg sync.WaitGroup
var mu sync.Mutex
sum := 0
func later() { for i := 0; i < 4; i++ { wg.Add(1); time.AfterFunc(1, func() { mu.Lock(); sum += i; mu.Unlock(); wg.Done() }) } }
later()
wg.Wait()
sum`, "=> 6\n"},
	{"generic functions", `func Map[T, U any](xs []T, f func(T) U) (out []U) { for _, x := range xs { out = append(out, f(x)) }; return }
type Num interface{ ~int | ~float64 }
func Add[T Num](a, b T) T { return a + b }
---
fmt.Println(Map([]int{1, 2}, func(i int) string { return fmt.Sprint("n", i) }), Add(1, 2), Add(1.5, 2))`, "[n1 n2] 3 3.5\n"},
	{"generic types", `type Cache[K comparable, V any] struct { m map[K]V; miss func(K) V }
func NewCache[K comparable, V any](f func(K) V) *Cache[K, V] { return &Cache[K, V]{m: map[K]V{}, miss: f} }
func (c *Cache[K, V]) Get(k K) V { if v, ok := c.m[k]; ok { return v }; v := c.miss(k); c.m[k] = v; return v }
---
c := NewCache(func(s string) int { return len(s) })
c.Get("abc") + c.Get("abc")`, "=> 6\n"},
	{"generic code of the standard library", "slices.Max([]int{1, 3, 2})", "=> 3\n"},
	{
		"generic compiled code that has no source is refused", `import "runtime"` + "\nruntime.AddCleanup(new(int), func(int) {}, 1)",
		"check: cell 1 line 2: runtime.AddCleanup is generic compiled code, which cells cannot use",
	},
	{"type switches", `type C float64
type S struct{ X int }
type E struct{}
func (e *E) Error() string { return "E" }
type Shape interface{ Area() float64 }
type Sq struct{ S float64 }
func (q Sq) Area() float64 { return q.S * q.S }
func is(x any) string {
	switch v := x.(type) {
	case int, string: return fmt.Sprint("i", v)
	case C: return fmt.Sprint("C", float64(v))
	case *S: return "*S"
	case S: return fmt.Sprint("S", v.X)
	case error: return v.Error()
	case Shape: return fmt.Sprint("A", v.Area())
	case float64: return "f"
	case nil: return "nil"
	case []C: return "[]C"
	}
	return "?"
}
func bare(x any) int { switch x.(type) { case S: return 1; case *S: return 2; case C: return 3 }; return 0 }
---
for _, x := range []any{1, "a", C(2), 2.0, S{3}, &S{}, &E{}, errors.New("n"), Sq{2}, nil, true} { fmt.Print(is(x), " ") }
fmt.Println(bare(S{}), bare(&S{}), bare(C(1)), bare(1.0))`, "i1 ia C2 f S3 *S E n A4 nil ? 1 2 3 0\n"},
	{"assertions", `type A struct{ N int }
type B struct{ N int }
type K string
var x any = A{3}
v, ok := x.(A)
_, ok2 := x.(B)
_, ok3 := x.(*A)
x = K("k")
_, ok4 := x.(string)
k := x.(K)
fmt.Println(v.N, ok, ok2, ok3, ok4, k)`, "3 true false false false k\n"},
	{"interfaces compare by value", `type I interface{ M() }
type T struct{ N int }
func (t T) M() {}
var a, b I = T{1}, T{1}
var x, y any = T{1}, T{2}
fmt.Println(a == b, x == y, a == I(T{2}), x == any(T{1}))`, "true false false true\n"},
	{"errors of session types", `type Code string
func (c Code) Error() string { return "code " + string(c) }
type Wrapped struct{ inner error }
func (w *Wrapped) Error() string { return "wrapped: " + w.inner.Error() }
func (w *Wrapped) Unwrap() error { return w.inner }
var base error = Code("7")
func f() (int, error) { return 0, &Wrapped{base} }
---
_, err := f()
var c Code
var w *Wrapped
fmt.Println(err, errors.Is(err, base), errors.As(err, &c), string(c), errors.As(err, &w), w.inner == base)
func g() (r any) { defer func() { r = recover() }(); panic(&Wrapped{base}) }
e, ok := g().(error)
fmt.Println(ok, e)
---
f()`, "wrapped: code 7 true true 7 true true\ntrue wrapped: code 7\nWrapped: wrapped: code 7 (cell 3 line 1)\n"},
	{"method values and expressions", `type A struct{ n int }
func (a *A) Inc(d int) int { a.n += d; return a.n }
func (a A) Get() int { return a.n }
x := A{1}
f, g, h := x.Inc, (*A).Inc, A.Get
fmt.Println(f(1), g(&x, 2), h(x), (*A).Get(&x))`, "2 4 4 4\n"},
	{"embedding", `type Animal struct{ name string }
func (a *Animal) Rename(n string) { a.name = n }
func (a Animal) Hello() string { return "I am " + a.name }
type Named interface{ Hello() string }
type Dog struct { Animal; age int }
type Puppy struct { *Dog; Named }
d := Dog{Animal{"x"}, 3}
d.Rename("rex")
var n Named = d
fmt.Println(d.Hello(), d.name, n.Hello())`, "I am rex rex I am rex\n"},
	{"fmt uses the methods of session types", `type N struct{ a int }
func (n N) String() string { return fmt.Sprint("N", n.a) }
type P struct{ a int }
func (p *P) String() string { return "P!" }
type Color int
const (
	Red Color = iota
	Green
)
func (c Color) String() string { return [...]string{"red", "green"}[c] }
fmt.Println(N{1}, []N{{2}}, &P{1}, map[Color]N{Green: {3}}, Green)
fmt.Printf("%v %d %s|%6s|%T %T %T\n", Red, Green, Green, Green, Green, N{}, &P{})`, "N1 [N2] P! map[green:N3] green\nred 1 green| green|main.Color main.N *main.P\n"},
	{"fmt knows the names of fields", `type S struct{ x int; Y string; z []int; in struct{ k int } }
s := S{1, "q", nil, struct{ k int }{4}}
fmt.Printf("%v %+v\n", s, &s)
var a any = s
fmt.Printf("%+v\n", a)`, "{1 q [] {4}} &{x:1 Y:q z:[] in:{k:4}}\n{x:1 Y:q z:[] in:{k:4}}\n"},
	{"json sees exported fields only", `type A struct { X int ` + "`json:\"x\"`" + `; y int; Z []string }
b, err := json.Marshal([]A{{1, 2, nil}})
fmt.Println(string(b), err)
var back []A
json.Unmarshal(b, &back)
back[0].X`, "[{\"x\":1,\"Z\":null}] <nil>\n=> 1\n"},
	{"parameters without names", `func f(int, string) (n int) { for i := range 3 { n += i }; return }
func g(_ bool, b int, _ ...string) int { return b }
h := func(int) int { x := 5; return x }
fmt.Println(f(1, "a"), g(true, 2, "c"), h(9))`, "3 2 5\n"},
	{"generic types that contain themselves", `type Node[T any] struct { v T; next *Node[T] }
type List[T any] struct { head *Node[T]; n int }
func (l *List[T]) Push(v T) { l.head = &Node[T]{v, l.head}; l.n++ }
func (l *List[T]) Each(f func(T)) { for n := l.head; n != nil; n = n.next { f(n.v) } }
l := &List[string]{}
l.Push("a")
l.Push("b")
l.Each(func(s string) { fmt.Print(s) })
---
type E[T any] struct{ list *L[T]; v T }
type L[T any] struct{ root E[T] }`, "ba"},
	{"named results start at zero", `func f() (n int, s []int) { n++; s = append(s, n); return }
for range 3 { n, s := f(); fmt.Print(n, len(s), " ") }`, "1 1 1 1 1 1 "},
	{"defer and recover", `func f() (n int, err error) {
	defer func() { if r := recover(); r != nil { err = fmt.Errorf("r: %v", r) } }()
	n = 5
	panic("boom")
}
fmt.Println(f())
for i := range 3 { defer fmt.Print(i) }`, "5 r: boom\n210"},
	{"select, goto, labels, fallthrough", `ch := make(chan int, 3)
go func() { for i := range 3 { ch <- i }; close(ch) }()
for v := range ch { fmt.Print(v) }
select { case v, ok := <-ch: fmt.Print(v, ok); default: fmt.Print("none") }
func f() (n int) { again: n++; if n < 3 { goto again }; switch n { case 3: n = 10; fallthrough; case 4: n++ }; return }
f()`, "0120 false=> 11\n"},
	{"sort.Interface and heap", `type byLen []string
func (b byLen) Len() int { return len(b) }
func (b byLen) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLen) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
w := byLen{"ccc", "a", "bb"}
sort.Sort(w)
w`, "=> [a bb ccc]\n"},
	{"constants", `const big = 1 << 40
type D float32
const d D = 1.5
var u uint8 = 200
u += 100
fmt.Println(big>>38, u, -7/2, 'a', 1e3, uint64(1<<63), d*2, time.Millisecond*2)`, "4 44 -3 97 1000 9223372036854775808 3 2ms\n"},
}

// session semantics across cells.
var across = []row{
	{"a redefined function is seen by its callers", `func f() int { return 1 }
func g() int { return f() }
h := func() int { return f() }
---
func f() int { return 2 }
---
fmt.Println(g(), h())`, "2 2\n"},
	{"a redefined method is seen by old values", `type T struct{ a int }
func (t T) M() int { return t.a }
type I interface{ M() int }
x := T{1}
var i I = x
f := x.M
---
func (t T) M() int { return t.a * 100 }
---
fmt.Println(x.M(), i.M(), T{2}.M(), f())`, "100 100 200 100\n"},
	{"a method can be added later", `type T struct{ A int }
x := &T{4}
---
func (t *T) Twice() int { return t.A * 2 }
---
x.Twice()
---
type I interface{ Twice() int }
var i I = x
i.Twice()`, "=> 8\n=> 8\n"},
	{"a redefined type gets new fields", `type T struct{ a int }
x := T{1}
---
type T struct{ b string; c int }
func (t T) M() string { return t.b }
---
y := T{"q", 2}
y.b + y.M()
---
x.a`, "=> qq\ncheck: cell 4 line 1: x is unknown; x holds a T as it was before cell 2; run cell 1 again to set it"},
	{"a variable that keeps its type keeps its users", `n := 3
func f() int { return n }
---
n := 10
---
f()
---
n = 20
f()`, "=> 10\n=> 20\n"},
	{"main runs once", "func main() { fmt.Println(\"hi\") }\n---\n1", "hi\n=> 1\n"},
	{"init runs once", "var n = 1\nfunc init() { n += 1 }\n---\nn", "=> 2\n"},
	{"imports stay", "import str \"strings\"\n---\nstr.ToUpper(\"a\")", "=> A\n"},
	{"the same import again", "import \"fmt\"\n---\nimport \"fmt\"\nfmt.Print(1)", "1"},
	{"last values", `1 + 1
---
x := 5
---
if x > 1 { }
---
x;
---
fmt.Print("p")
---
func pair() (int, string) { return 1, "a" }
pair()
---
func none() {}
none()
---
var err error
err`, "=> 2\np=> 1\n=> a\n=> <nil>\n"},
	{"errors name the line", `func f(xs []int, i int) int {
	n := 1
	return n + xs[i]
}
---
x := 1

f(nil, x)
---
var m map[string]int
m["a"] = x
---
var p *struct{ A int }
fmt.Print(p.A)
---
zero := 0
1 / zero`, "panic: runtime error: index out of range (the interpreter does not say which) (cell 1 line 3)\n" +
		"panic: assignment to entry in nil map (cell 3 line 2)\n" +
		"panic: runtime error: invalid memory address or nil pointer dereference (cell 4 line 2)\n" +
		"panic: runtime error: integer divide by zero (cell 5 line 2)\n"},
	{"os.Exit ends the cell", "os.Exit(2)\nfmt.Print(1)\n---\n2", "exit: os.Exit(2) (cell 1 line 1)\n=> 2\n"},
	{"a variable of the cell may shadow the prelude", "fmt.Print(1)\n---\nfunc say() { fmt.Print(2) }\n---\nfmt := 3\nfmt + 1\n---\nsay()", "1=> 4\n2"},
}
