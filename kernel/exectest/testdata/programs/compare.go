package main

import (
	"fmt"
)

type P struct{ X, Y int }
type W struct {
	P
	S string
	A [2]int
	I any
}
type N struct{ next *N }

func main() {
	a, b := W{P{1, 2}, "s", [2]int{1, 2}, 3}, W{P{1, 2}, "s", [2]int{1, 2}, 3}
	fmt.Println(a == b, a != b, a.P == P{1, 2})
	b.I = "3"
	fmt.Println(a == b)
	m := map[W]int{a: 1}
	m[W{P{1, 2}, "s", [2]int{1, 2}, 3}]++
	fmt.Println(m[a], len(m))
	x, y := &P{1, 1}, &P{1, 1}
	fmt.Println(x == y, *x == *y, x == x)
	n := &N{}
	n.next = n
	fmt.Println(n.next.next == n)
	an := struct {
		A int
		B string
	}{1, "x"}
	bn := struct {
		A int
		B string
	}{1, "x"}
	fmt.Println(an == bn, an)
	var i, j any = P{1, 2}, P{1, 2}
	fmt.Println(i == j, i == P{1, 2}, i == nil)
	var e1, e2 error
	fmt.Println(e1 == e2, e1 == nil)
	c1, c2 := make(chan int), make(chan int)
	fmt.Println(c1 == c1, c1 == c2)
	func() {
		defer func() { fmt.Println(recover()) }()
		var f, g any = []int{1}, []int{1}
		fmt.Println(f == g)
	}()
	s := struct{ P }{P{3, 4}}
	fmt.Println(s.X, s)
	type Local struct{ P }
	l := Local{P{5, 6}}
	fmt.Println(l.Y, l == Local{P{5, 6}})
}
