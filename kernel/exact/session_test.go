package exact_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// What only this executor does: sessions of modern Go, cells separated by "---".
var sessions = []struct{ name, cells, want string }{
	{"a value keeps the function that it was given", `func f() int { return 1 }
old := f
---
func f() int { return old() + 1 }
f()`, "=> 2\n"},
	{"closures call the new function", `func f() int { return 1 }
h := func() int { return f() * 10 }
---
func f() int { return 2 }
h()`, "=> 20\n"},
	{"goroutines call the new function", `func f() int { return 1 }
in, out := make(chan bool), make(chan int)
go func() { for range in { out <- f() } }()
in <- true
<-out
---
func f() int { return 2 }
in <- true
<-out`, "=> 1\n=> 2\n"},
	{"methods that change keep the values of the type", `type T struct{ a int }
func (t T) M() int { return t.a }
var keep any = T{3}
ts := []T{{1}, {2}}
---
func (t T) M() int { return t.a * 100 }
---
fmt.Println(keep.(interface{ M() int }).M(), ts[1].M(), keep.(T).a)`, "300 200 3\n"},
	{"methods that are added keep the values of the type", `type T struct{ a int }
var keep any = T{3}
p := &T{4}
---
func (t T) String() string { return fmt.Sprint("T", t.a) }
---
v, ok := keep.(T)
fmt.Println(v, ok, p)
s, ok := keep.(fmt.Stringer)
fmt.Println(s.String(), ok)`, "T3 true T4\nT3 true\n"},
	{"a changed type names what it made stale", `type T struct{ a int }
x := T{1}
func use() int { return x.a }
---
type T struct{ a, b int }
---
use()`, "check: cell 3 line 1: use is unknown; use (cell 1) no longer compiles since cell 2: undefined: x"},
	{"generics of the standard library", `xs := []string{"b", "a", "c"}
slices.SortFunc(xs, func(a, b string) int { return strings.Compare(a, b) })
import "maps"
m := map[string]int{"x": 1, "y": 2}
fmt.Println(xs, slices.Sorted(maps.Keys(m)), slices.Index(xs, "c"), slices.MaxFunc(xs, strings.Compare))
fmt.Println(maps.Clone(m), slices.Collect(maps.Values(map[int]int{1: 2})))`, "[a b c] [x y] 2 c\nmap[x:1 y:2] [2]\n"},
	{"atomic.Pointer, OnceValue, Pull, AsType", `import "sync/atomic"
import "iter"
type N struct{ v int }
var p atomic.Pointer[N]
p.Store(&N{5})
old := p.Swap(&N{6})
once := sync.OnceValue(func() int { fmt.Print("once "); return 7 })
fmt.Println(old.v, p.Load().v, p.CompareAndSwap(old, nil), once(), once())
next, stop := iter.Pull(slices.Values([]int{1, 2, 3}))
a, _ := next()
b, ok := next()
stop()
_, more := next()
fmt.Println(a, b, ok, more)
type E struct{ code int }
func (e *E) Error() string { return fmt.Sprint("E", e.code) }
e, found := errors.AsType[*E](fmt.Errorf("wrapped: %w", &E{9}))
fmt.Println(e.code, found)`, "once 5 6 false 7 7\n1 2 true false\n9 true\n"},
	{"generic aliases, new with a value, range over func across cells", `type Set[T comparable] = map[T]bool
func Keys[T comparable](s Set[T]) func(func(T) bool) { return func(y func(T) bool) { for k := range s { if !y(k) { return } } } }
---
s := Set[string]{"a": true}
for k := range Keys(s) { fmt.Print(k, " ") }
p := new(len(s) + 1)
*p`, "a => 2\n"},
	{
		"reflection and encoding see session types", `type Inner struct{ X int }
type Doc struct {
	Inner
	Name string ` + "`json:\"name\"`" + `
	when time.Duration
	Tags map[string][]int ` + "`json:\"tags,omitempty\"`" + `
}
func (d Doc) MarshalText() ([]byte, error) { return []byte(d.Name), nil }
b, _ := json.Marshal(map[string]any{"d": Inner{3}, "m": Doc{Name: "q", when: 1}})
type Plain struct { Inner; Name string ` + "`json:\"name\"`" + `; Next *Plain }
c, err := json.Marshal(Plain{Inner{1}, "n", &Plain{}})
var back Plain
err2 := json.Unmarshal(c, &back)
fmt.Printf("%s %s %v %v\n%+v %T %v\n", b, c, err, err2, back.Inner, back, back.Next.Next == nil)`,
		"{\"d\":{\"X\":3},\"m\":\"q\"} {\"X\":1,\"name\":\"n\",\"Next\":{\"X\":0,\"name\":\"\",\"Next\":null}} <nil> <nil>\n" +
			"{X:1} main.Plain true\n",
	},
	{"fmt uses Format, GoString and Error of session types", `type A int
func (a A) Format(s fmt.State, verb rune) { fmt.Fprintf(s, "<%c%d>", verb, int(a)) }
type G struct{}
func (G) GoString() string { return "G!" }
type E struct{}
func (*E) Error() string { return "bad" }
fmt.Printf("%v %x %#v %v %s\n", A(1), A(2), G{}, &E{}, []error{&E{}})`, "<v1> <x2> G! bad [bad]\n"},
	{"a session type is a key, an element and a channel's value", `type K struct{ a int; b string }
m := map[K][]K{{1, "x"}: {{2, "y"}}}
ch := make(chan K, 1)
ch <- m[K{1, "x"}][0]
v := <-ch
var e error
_, ok := m[v]
fmt.Println(v, ok, e == nil, any(v) == any(K{2, "y"}))`, "{2 y} false true true\n"},
	{"a panic in a goroutine, the end of one, a stack that overflows", `done := make(chan bool)
go func() { defer close(done); runtime.Goexit() }()
import "runtime"
<-done
func deep(n int) int { return deep(n+1) + 1 }
---
deep(0)
---
1`, "=> false\npanic: stack overflow: calls nest more than 600000 deep; a function called itself without end (cell 1 line 5)\n=> 1\n"},
	{"a String method that prints itself is an error", `type T struct{ a int }
func (t T) String() string { return fmt.Sprintf("%v", t) }
s := T{1}.String()
---
strings.Contains(s, "stack overflow")`, "=> true\n"},
	{"a panic on a goroutine of a timer leaves the kernel", `time.AfterFunc(1, func() { var s []int; s[1] = 2 })
time.Sleep(20 * time.Millisecond)
1`, "=> 1\n"},
	{"order of a file's variables", "package main\nimport \"fmt\"\nvar a = b + 1\nvar b = f()\nfunc f() int { return 41 }\nfunc main() { fmt.Println(a) }", "42\n"},
	{"labels, goto and select", `c := make(chan int, 1)
outer:
for i := 0; ; i++ {
	select {
	case c <- i:
	case v := <-c:
		if v > 2 { break outer }
	}
}
fmt.Println(len(c))`, "0\n"},
}

func TestSessions(t *testing.T) {
	for _, c := range sessions {
		t.Run(c.name, func(t *testing.T) {
			nb := newNotebook(t)
			got := ""
			for cell := range strings.SplitSeq(c.cells, "\n---\n") {
				got += nb.Run(t, cell)
			}
			if got != c.want {
				t.Errorf("%s\ngot  %q\nwant %q", c.cells, got, c.want)
			}
		})
	}
}

// Types and code of cells stay until the kernel restarts (see docs/limits.md): a few KB a cell.
func TestACellThatIsRunAgainAndAgainTakesAFewKilobytes(t *testing.T) {
	nb := newNotebook(t)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const cells = 200
	var before uint64
	for i := range 2 * cells {
		if i == cells {
			before = heap()
		}
		got := nb.Run(t, fmt.Sprintf("type T struct{ a int }\nfunc (t T) String() string { return fmt.Sprint(t.a) }\nT{%d}", i))
		if want := fmt.Sprintf("=> %d\n", i); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	if grown := int64(heap()) - int64(before); grown > cells<<16 {
		t.Errorf("%d cells take %d KB", cells, grown>>10)
	}
}
