package main

import (
	"fmt"
	"strings"
)

type A struct{ n int }

func (a A) Val(x int) int       { return a.n + x }
func (a *A) Ptr(x int) int      { a.n += x; return a.n }
func apply(f func(int) int) int { return f(1) }

type F func(string) string

func (f F) Twice(s string) string { return f(f(s)) }

type L []int

func (l L) Sum() (s int) {
	for _, x := range l {
		s += x
	}
	return
}
func (l *L) Add(x int) { *l = append(*l, x) }

func main() {
	a := A{1}
	v, p := a.Val, a.Ptr
	a.n = 10
	fmt.Println(v(1), p(1), apply(a.Val), apply((&a).Ptr), a.Val(0))
	fmt.Println(A.Val(a, 2), (*A).Ptr(&a, 2), (*A).Val(&a, 1))
	up := F(strings.ToUpper)
	fmt.Println(up.Twice("a"), F(func(s string) string { return s + "!" }).Twice("b"))
	var l L
	l.Add(1)
	l.Add(2)
	fmt.Println(l, l.Sum(), len(l))
	fs := map[string]func(int) int{"v": a.Val, "p": a.Ptr}
	fmt.Println(fs["v"](1), fs["p"](1))
	r := strings.NewReplacer("a", "b").Replace
	fmt.Println(r("aaa"))
}
