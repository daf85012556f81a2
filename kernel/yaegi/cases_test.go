package yaegi_test

var cases = []tc{
	{"basic", `import "fmt"
fmt.Println(1+2)`, "3"},
	{"min/max builtins", `import "fmt"
fmt.Println(min(1,2), max(3,4))`, "1 4"},
	{"clear builtin", `import "fmt"
m := map[string]int{"a":1}
clear(m)
fmt.Println(len(m))`, "0"},
	{"range over int", `import "fmt"
s := 0
for i := range 5 { s += i }
fmt.Println(s)`, "10"},
	{"range over int in func", `import "fmt"
func f(n int) int { s := 0; for i := range n { s += i }; return s }
----
fmt.Println(f(5))`, "10"},
	{"range over int no var", `import "fmt"
s := 0
for range 5 { s++ }
fmt.Println(s)`, "5"},
	{"range over func", `import "fmt"
func seq(yield func(int) bool) { for i := 0; i < 3; i++ { if !yield(i) { return } } }
----
for v := range seq { fmt.Print(v, " ") }`, "0 1 2"},
	{"loopvar 1.22 for;;", `import "fmt"
func g() []func() int { var fs []func() int; for i := 0; i < 3; i++ { fs = append(fs, func() int { return i }) }; return fs }
----
for _, f := range g() { fmt.Print(f(), " ") }`, "0 1 2"},
	{"loopvar 1.22 range", `import "fmt"
func g() []func() int { var fs []func() int; for _, v := range []int{5,6,7} { fs = append(fs, func() int { return v }) }; return fs }
----
for _, f := range g() { fmt.Print(f(), " ") }`, "5 6 7"},
	{"loopvar goroutines", `import ("fmt"; "sync")
func g() int { var wg sync.WaitGroup; var mu sync.Mutex; s := 0; for i := 0; i < 4; i++ { wg.Add(1); go func() { defer wg.Done(); mu.Lock(); s += i; mu.Unlock() }() }; wg.Wait(); return s }
----
fmt.Println(g())`, "6"},
	{"generic func infer", `import "fmt"
func Map[T, U any](xs []T, f func(T) U) []U { var r []U; for _, x := range xs { r = append(r, f(x)) }; return r }
----
fmt.Println(Map([]int{1,2}, func(i int) string { return fmt.Sprint(i) }))`, "[1 2]"},
	{"generic func explicit", `import "fmt"
func Sum[T int|float64](xs []T) T { var s T; for _, x := range xs { s += x }; return s }
----
fmt.Println(Sum[float64]([]float64{1,2.5}), Sum([]int{1,2}))`, "3.5 3"},
	{"generic type", `import "fmt"
type Stack[T any] struct { xs []T }
func (s *Stack[T]) Push(x T) { s.xs = append(s.xs, x) }
func (s *Stack[T]) Len() int { return len(s.xs) }
----
s := &Stack[int]{}
s.Push(3)
fmt.Println(s.Len())`, "1"},
	{"generic type two params", `import "fmt"
type Pair[K comparable, V any] struct { Key K; Val V }
----
p := Pair[string,int]{"a", 1}
fmt.Println(p.Key, p.Val)`, "a 1"},
	{"generic constraint iface ~", `import "fmt"
type Num interface { ~int | ~float64 }
func Add[T Num](a, b T) T { return a + b }
----
fmt.Println(Add(1, 2), Add(1.5, 2))`, "3 3.5"},
	{"generic alias/type alias", `import "fmt"
type F = float64
var x F = 2
----
fmt.Println(x)`, "2"},
	{"generic type alias 1.24", `import "fmt"
type S[T any] = []T
var x S[int] = []int{1}
----
fmt.Println(x)`, "[1]"},
	{"stdlib generic slices.Sort", `import ("fmt"; "slices")
x := []int{3,1,2}
slices.Sort(x)
fmt.Println(x)`, "[1 2 3]"},
	{"slices.Max", `import ("fmt"; "slices")
fmt.Println(slices.Max([]int{3,1,2}))`, "3"},
	{"slices.SortFunc+cmp", `import ("fmt"; "slices"; "cmp")
x := []float64{3,1,2}
slices.SortFunc(x, func(a, b float64) int { return cmp.Compare(b, a) })
fmt.Println(x)`, "[3 2 1]"},
	{"slices.Contains", `import ("fmt"; "slices")
fmt.Println(slices.Contains([]string{"a"}, "a"))`, "true"},
	{"slices.Collect(maps.Keys)", `import ("fmt"; "slices"; "maps")
m := map[string]int{"a":1}
fmt.Println(slices.Collect(maps.Keys(m)))`, "[a]"},
	{"slices.Sorted(maps.Keys)", `import ("fmt"; "slices"; "maps")
m := map[string]int{"a":1}
fmt.Println(slices.Sorted(maps.Keys(m)))`, "[a]"},
	{"maps.Keys", `import ("fmt"; "maps")
for k := range maps.Keys(map[string]int{"a":1}) { fmt.Println(k) }`, "a"},
	{"iter.Seq", `import ("fmt"; "iter")
func c(n int) iter.Seq[int] { return func(y func(int) bool) { for i := 0; i < n; i++ { if !y(i) { return } } } }
----
for v := range c(2) { fmt.Println(v) }`, "0\\n1"},
	{"math/rand/v2", `import ("fmt"; "math/rand/v2")
r := rand.New(rand.NewPCG(1,2))
fmt.Println(r.IntN(10) >= 0)`, "true"},
	{"sync.OnceValue", `import ("fmt"; "sync")
f := sync.OnceValue(func() int { return 7 })
fmt.Println(f())`, "7"},
	{"atomic.Pointer[T]", `import ("fmt"; "sync/atomic")
var p atomic.Pointer[int]
x := 3
p.Store(&x)
fmt.Println(*p.Load())`, "3"},
	{"atomic.Int64", `import ("fmt"; "sync/atomic")
var p atomic.Int64
p.Add(3)
fmt.Println(p.Load())`, "3"},
	{"log/slog", `import ("fmt"; "log/slog")
fmt.Println(slog.LevelInfo)`, "INFO"},
	{"struct embed iface", `import "fmt"
type E struct { fmt.Stringer; n int }
type N struct{}
func (N) String() string { return "N!" }
----
e := E{Stringer: N{}, n: 1}
fmt.Println(e.String())`, "N!"},
	{"Stringer via fmt", `import "fmt"
type N struct{ a int }
func (n N) String() string { return "N!" }
----
fmt.Println(N{1})`, "N!"},
	{"ptr Stringer via fmt", `import "fmt"
type N struct{ a int }
func (n *N) String() string { return "N!" }
----
fmt.Println(&N{1})`, "N!"},
	{"slice of Stringer via fmt", `import "fmt"
type N struct{ a int }
func (n N) String() string { return "N!" }
----
fmt.Println([]N{{1}})`, "[N!]"},
	{"error impl + errors.As", `import ("fmt"; "errors")
type ME struct{ c int }
func (m *ME) Error() string { return "me" }
func f() error { return &ME{3} }
----
var me *ME
fmt.Println(errors.As(f(), &me))
fmt.Println(me.c)`, "true\\n3"},
	{"fmt.Errorf %w + errors.Is", `import ("fmt"; "errors")
var E1 = errors.New("x")
func f() error { return fmt.Errorf("w: %w", E1) }
----
fmt.Println(errors.Is(f(), E1))`, "true"},
	{"sort.Interface", `import ("fmt"; "sort")
type by []int
func (b by) Len() int { return len(b) }
func (b by) Less(i, j int) bool { return b[i] < b[j] }
func (b by) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
----
x := by{3,1,2}
sort.Sort(x)
fmt.Println(x)`, "[1 2 3]"},
	{"heap", `import ("fmt"; "container/heap")
type H []int
func (h H) Len() int { return len(h) }
func (h H) Less(i, j int) bool { return h[i] < h[j] }
func (h H) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *H) Push(x any) { *h = append(*h, x.(int)) }
func (h *H) Pop() any { o := *h; n := len(o); x := o[n-1]; *h = o[:n-1]; return x }
----
h := &H{3,1,2}
heap.Init(h)
heap.Push(h, 0)
fmt.Println(heap.Pop(h))`, "0"},
	{"json marshal w/ tags", `import ("fmt"; "encoding/json")
type A struct { X int ` + "`json:\"x\"`" + `; y int }
----
b, err := json.Marshal(A{X:1})
fmt.Println(string(b), err)`, `{"x":1} <nil>`},
	{"method value", `import "fmt"
type A struct{ x int }
func (a *A) Inc() { a.x++ }
----
a := &A{}
f := a.Inc
f(); f()
fmt.Println(a.x)`, "2"},
	{"method expr", `import "fmt"
type A struct{ x int }
func (a *A) Inc(n int) { a.x += n }
----
a := &A{}
f := (*A).Inc
f(a, 3)
fmt.Println(a.x)`, "3"},
	{"struct embedding promote", `import "fmt"
type B struct{ x int }
func (b *B) Get() int { return b.x }
type A struct{ B; y int }
type I interface { Get() int }
----
a := &A{B{4}, 5}
var i I = a
fmt.Println(a.Get(), i.Get(), a.x)`, "4 4 4"},
	{"iface in slice", `import "fmt"
type I interface { Get() int }
type A struct{ n int }
func (a A) Get() int { return a.n }
type B struct{ n int }
func (b *B) Get() int { return b.n*10 }
----
xs := []I{A{1}, &B{2}}
for _, x := range xs { fmt.Print(x.Get(), " ") }`, "1 20"},
	{"type switch interp types", `import "fmt"
type A struct{}
type B struct{}
func k(x any) string { switch x.(type) { case A: return "A"; case *B: return "B"; case int: return "int"; default: return "?" } }
----
fmt.Println(k(A{}), k(&B{}), k(1), k("s"))`, "A B int ?"},
	{"recursive struct", `import "fmt"
type T struct { L, R *T; v int }
func (t *T) sum() int { if t == nil { return 0 }; return t.v + t.L.sum() + t.R.sum() }
----
t := &T{&T{nil,nil,1}, &T{nil,nil,2}, 3}
fmt.Println(t.sum())`, "6"},
	{"mutual recursion types", `import "fmt"
type A struct { b *B }
type B struct { a *A; n int }
----
x := &A{&B{nil, 4}}
fmt.Println(x.b.n)`, "4"},
	{"defer/recover", `import "fmt"
func f() (err error) { defer func() { if r := recover(); r != nil { err = fmt.Errorf("rec %v", r) } }(); panic("boo") }
----
fmt.Println(f())`, "rec boo"},
	{"select/timeout", `import ("fmt"; "time")
c := make(chan int)
select { case <-c: case <-time.After(time.Millisecond): fmt.Println("to") }`, "to"},
	{"labels break/continue", `import "fmt"
func f() int { n := 0
outer:
	for i := 0; i < 3; i++ { for j := 0; j < 3; j++ { if j == 2 { continue outer }; if i == 2 { break outer }; n++ } }
	return n }
----
fmt.Println(f())`, "4"},
	{"goto", `import "fmt"
func f() int { i := 0
l: i++
if i < 3 { goto l }
return i }
----
fmt.Println(f())`, "3"},
	{"const iota typed", `import "fmt"
type K int
const ( A K = iota; B; C )
----
fmt.Println(A, B, C)`, "0 1 2"},
	{"variadic/spread", `import "fmt"
func v(xs ...int) int { return len(xs) }
----
fmt.Println(v(), v(1,2), v([]int{1,2,3}...))`, "0 2 3"},
	{"functional options", `import "fmt"
type cfg struct { a int }
type Opt func(*cfg)
func WithA(a int) Opt { return func(c *cfg) { c.a = a } }
func New(os ...Opt) *cfg { c := &cfg{}; for _, o := range os { o(c) }; return c }
----
fmt.Println(New(WithA(3)).a)`, "3"},
	{"map of funcs", `import "fmt"
m := map[string]func(int) int{"d": func(i int) int { return 2*i }}
fmt.Println(m["d"](4))`, "8"},
	{"anonymous struct slice", `import "fmt"
for _, c := range []struct{ a int; b string }{{1,"x"},{2,"y"}} { fmt.Print(c.a, c.b, " ") }`, "1x 2y"},
	{"array/slice of array conv", `import "fmt"
s := []int{1,2,3}
a := [3]int(s)
fmt.Println(a)`, "[1 2 3]"},
	{"string iter runes", `import "fmt"
for i, r := range "é!" { fmt.Print(i, string(r), " ") }`, "0é 2!"},
	{"float32 arithmetic", `import "fmt"
var a float32 = 0.1
var b float32 = 0.2
fmt.Println(a+b, a*b)`, ""},
	{"shadowing", `import "fmt"
func f() int { x := 1; { x := 2; _ = x }; if x := 3; x > 0 { _ = x }; return x }
----
fmt.Println(f())`, "1"},
	{"const overflow/bit ops", `import "fmt"
var u uint8 = 200
u += 100
fmt.Println(u, 1<<10, ^0)`, "44 1024 -1"},
	{"generic calls another generic", `import "fmt"
func Id[T any](x T) T { return x }
func Two[T any](x T) []T { return []T{Id(x), Id(x)} }
----
fmt.Println(Two("a"))`, "[a a]"},
	{"generic struct w/ func field", `import "fmt"
type Cache[K comparable, V any] struct { m map[K]V; f func(K) V }
func NewCache[K comparable, V any](f func(K) V) *Cache[K, V] { return &Cache[K, V]{m: map[K]V{}, f: f} }
func (c *Cache[K, V]) Get(k K) V { if v, ok := c.m[k]; ok { return v }; v := c.f(k); c.m[k] = v; return v }
----
c := NewCache(func(s string) int { return len(s) })
fmt.Println(c.Get("abc"))`, "3"},
	{"generic struct explicit inst", `import "fmt"
type Cache[K comparable, V any] struct { m map[K]V; f func(K) V }
func NewCache[K comparable, V any](f func(K) V) *Cache[K, V] { return &Cache[K, V]{m: map[K]V{}, f: f} }
func (c *Cache[K, V]) Get(k K) V { if v, ok := c.m[k]; ok { return v }; v := c.f(k); c.m[k] = v; return v }
----
c := NewCache[string,int](func(s string) int { return len(s) })
fmt.Println(c.Get("abc"))`, "3"},
	{"struct compare/map key", `import "fmt"
type P struct{ x, y int }
m := map[P]string{{1,2}: "a"}
fmt.Println(m[P{1,2}], P{1,2} == P{1,2})`, "a true"},
	{"complex numbers", `import "fmt"
c := complex(1,2)
fmt.Println(real(c*c), imag(c*c))`, "-3 4"},
	{"multi-assign swap", `import "fmt"
a, b := 1, 2
a, b = b, a
fmt.Println(a, b)`, "2 1"},
	{"closure counter", `import "fmt"
func mk() func() int { n := 0; return func() int { n++; return n } }
----
c := mk(); c()
fmt.Println(c())`, "2"},
	{"new(expr) 1.26", `import "fmt"
p := new(42)
fmt.Println(*p)`, "42"},
	{"unused var is error?", `func f() { x := 1 }`, ""},
	{"unused import is error?", `import "os"`, ""},
	{"undefined var", `y = undefinedthing + 1`, ""},
	{"type mismatch", `var x int = "a"`, ""},
	{"missing return", `func f() int { }
----
f()`, ""},
	{"missing method iface", `import "fmt"
type A struct{}
var s fmt.Stringer = A{}`, ""},
	{"wrong arg count", `func f(a int) {}
----
f(1,2)`, ""},
	{"nil map write", `var m map[string]int
m["a"] = 1`, ""},
	{"idx out of range", `func f(i int) int { a := []int{1}; return a[i] }
----
f(5)`, ""},
	{"ts: no assign multi-line", "import \"fmt\"\ntype A struct{}\nfunc k(x any) string {\n switch x.(type) {\n case A:\n  return \"A\"\n case int:\n  return \"int\"\n }\n return \"?\"\n}\nfmt.Println(k(A{}))", "A"},
	{"ts: assign", "import \"fmt\"\ntype A struct{n int}\nfunc k(x any) string {\n switch v := x.(type) {\n case A:\n  return fmt.Sprint(\"A\", v.n)\n case *A:\n  return \"*A\"\n }\n return \"?\"\n}\nfmt.Println(k(A{3}), k(&A{2}))", "A3 *A"},
	{"type assert v,ok interp type", "import \"fmt\"\ntype A struct{n int}\nvar x any = A{3}\nv, ok := x.(A)\nfmt.Println(v.n, ok)\n_, ok2 := x.(*A)\nfmt.Println(ok2)", "3 true\\nfalse"},
	{"ts over own interface", "import \"fmt\"\ntype L interface{ F() int }\ntype A struct{n int}\nfunc (a *A) F() int { return a.n }\ntype B struct{n int}\nfunc (a *B) F() int { return a.n }\nfunc k(x L) string {\n switch v := x.(type) {\n case *A:\n  return fmt.Sprint(\"A\", v.n)\n case *B:\n  return \"B\"\n }\n return \"?\"\n}\nfmt.Println(k(&A{3}), k(&B{2}))", "A3 B"},
	{"redeclare := diff type", "import \"fmt\"\nx := 1\n----\nx := \"s\"\nfmt.Println(x)", "s"},
	{"redeclare var diff type", "import \"fmt\"\nvar x int = 1\n----\nvar x = \"s\"\nfmt.Println(x)", "s"},
	{"redefine func", "import \"fmt\"\nfunc f() int { return 1 }\nfunc g() int { return f() }\n----\nfunc f() int { return 2 }\n----\nfmt.Println(f(), g())", "2 2"},
	{"redefine func diff sig", "import \"fmt\"\nfunc f() int { return 1 }\n----\nfunc f(s string) string { return s }\n----\nfmt.Println(f(\"z\"))", "z"},
	{"redefine type", "import \"fmt\"\ntype T struct { a int }\nfunc (t T) M() int { return t.a }\nx := T{1}\n----\ntype T struct { b string; c int }\nfunc (t T) M() string { return t.b }\n----\ny := T{\"q\", 2}\nfmt.Println(y.b, y.M())", "q q"},
	{"redefine method only", "import \"fmt\"\ntype T struct { a int }\nfunc (t T) M() int { return t.a }\nx := T{1}\n----\nfunc (t T) M() int { return t.a*100 }\n----\nfmt.Println(x.M(), T{2}.M())", "100 200"},
	{"func uses later-redeclared var", "import \"fmt\"\nlr := 0.1\nfunc show() { fmt.Println(lr) }\n----\nlr := 0.5\nshow()", "0.5"},
	{"func decl then stmts same cell", "import \"fmt\"\nfunc f() int { return 1 }\nx := f()\nfmt.Println(x)", "1"},
	{"func refers stmt var in same cell", "import \"fmt\"\nn := 3\nfunc f() int { return n }\nfmt.Println(f())", "3"},
	{"reimport each cell", "import \"fmt\"\nfmt.Println(1)\n----\nimport \"fmt\"\nfmt.Println(2)", "1\\n2"},
	{"import alias", "import f \"fmt\"\nf.Println(1)", "1"},
	{"import dot", "import . \"math\"\nimport \"fmt\"\nfmt.Println(Sqrt(4))", "2"},
	{"multi-return :=", "import \"strconv\"\nimport \"fmt\"\na, err := strconv.Atoi(\"4\")\nfmt.Println(a, err)\n----\nb, err := strconv.Atoi(\"z\")\nfmt.Println(b, err != nil)", "4 <nil>\\n0 true"},
	{"loop var at toplevel closures", "import \"fmt\"\nvar fs []func()\nfor i := 0; i < 2; i++ { i := i; fs = append(fs, func() { fmt.Print(i, \" \") }) }\nfor _, f := range fs { f() }", "0 1"},
	{"cell name main func", "import \"fmt\"\nfunc main() { fmt.Println(\"hi\") }\n----\nmain()", ""},
	{"init func", "import \"fmt\"\nfunc init() { fmt.Println(\"init\") }", "init"},
}
