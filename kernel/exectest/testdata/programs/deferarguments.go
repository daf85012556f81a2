package main

import "fmt"

type S struct{ n int }

func (s S) p()  { fmt.Println("S", s.n) }
func (s *S) q() { fmt.Println("Sq", s.n) }

func main() {
	x := 1
	defer fmt.Println("x", x)
	x = 2
	s := S{1}
	defer s.p()
	defer s.q()
	s.n = 5
	a := [2]int{1, 2}
	defer fmt.Println(a)
	a[0] = 9
	m := map[string]int{"a": 1}
	defer fmt.Println(m, m["a"], len(m))
	m["b"] = 2
	m["a"] = 7
	for i := 0; i < 3; i++ {
		y := i
		defer fmt.Println("y", y)
		y += 10
		defer func(k int) { fmt.Println("k", k) }(y)
	}
	p := &s
	defer fmt.Println(p.n, *p)
	p.n = 8
	var e any = 3
	defer fmt.Println(e)
	e = "s"
	f := func() { fmt.Println("f1") }
	defer f()
	f = func() { fmt.Println("f2") }
	v := []int{1}
	defer fmt.Println(v)
	v[0] = 2
	v = append(v, 3)
	for _, g := range []func(){func() { fmt.Println("g1") }, func() { fmt.Println("g2") }} {
		defer g()
	}
}
