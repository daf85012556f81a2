package main

import (
	"fmt"
	"sort"
	"strings"
)

type C struct{ n int }

func (c *C) Inc() int { c.n++; return c.n }
func (c C) Get() int  { return c.n }

type Base struct {
	C
	name string
}
type Deep struct {
	*Base
	extra int
}
type Op func(int, int) int

func (o Op) Apply(a, b int) int { return o(a, b) }

type Stack []int

func (s *Stack) Push(v int)   { *s = append(*s, v) }
func (s *Stack) Pop() (v int) { old := *s; v = old[len(old)-1]; *s = old[:len(old)-1]; return }
func (s Stack) Len() int      { return len(s) }

type Inter interface{ Get() int }

func main() {
	c := C{1}
	inc, get := c.Inc, c.Get
	fmt.Println(inc(), inc(), get(), c.Get(), c.n)
	f := (*C).Inc
	g := C.Get
	h := (*C).Get
	fmt.Println(f(&c), g(c), h(&c))
	d := Deep{&Base{C{10}, "b"}, 3}
	di := d.Inc
	di()
	di()
	fmt.Println(d.n, d.Get(), d.Base.C.n, d.name)
	var i Inter = d
	ig := i.Get
	d.Inc()
	fmt.Println(ig(), i.Get(), Inter.Get(i))
	add := Op(func(a, b int) int { return a + b })
	ap := add.Apply
	fmt.Println(ap(1, 2), Op.Apply(add, 3, 4))
	var s Stack
	push, pop := s.Push, s.Pop
	for k := range 4 {
		push(k * k)
	}
	fmt.Println(pop(), pop(), s, s.Len())
	fs := []func() int{c.Inc, d.Inc, c.Get}
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	m := map[string]func() int{"a": c.Inc, "b": d.Get}
	fmt.Println(m["a"](), m["b"]())
	up := strings.ToUpper
	rep := strings.NewReplacer("a", "b").Replace
	fmt.Println(up("x"), rep("banana"))
	words := []string{"bb", "a", "ccc"}
	sort.Slice(words, func(i, j int) bool { return len(words[i]) < len(words[j]) })
	fmt.Println(words, func() func() int { return c.Inc }()())
	var np *C
	func() { defer func() { fmt.Println(recover() != nil) }(); _ = np.Get }()
	k := np.Inc
	func() { defer func() { fmt.Println(recover() != nil) }(); k() }()

	type pair struct {
		f func() int
		g func(int)
	}
	p := pair{c.Get, s.Push}
	p.g(7)
	fmt.Println(p.f(), s)
	arr := [2]C{{1}, {2}}
	a0 := arr[0].Inc
	a0()
	a0()
	fmt.Println(arr)
	mp := map[string]*C{"x": {5}}
	mi := mp["x"].Inc
	mi()
	fmt.Println(mp["x"].n)
	defer c.Inc()
	defer fmt.Println("deferred", c.Get())
}
