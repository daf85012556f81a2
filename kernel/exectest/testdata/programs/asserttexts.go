package main

import "fmt"

type C int

func (C) f()  { fmt.Println("C.f") }
func (*C) g() {}

type D int

func (D) h() { fmt.Println("D.h") }

type B struct {
	C
	*D
}
type A struct{ B }

type (
	I interface{ M() }
	T struct{ x int }
)

func (T) M() {}

func try(n string, f func()) {
	defer func() { fmt.Println(n, recover()) }()
	f()
}

func main() {
	var a A
	a.f()
	try("a.h", func() { a.h() })
	try("d", func() { var pt *T; pt.M() })
	try("nilfunc", func() { var f func(); f() })
	try("nilfunc", func() { defer (func())(nil)(); fmt.Println("x") })
	try("map", func() { m := map[any]int{1: 1}; _ = m[[]int{}] })
	try("map", func() { m := map[any]int{1: 1}; _, _ = m[[]int{}] })
	try("map", func() { m := map[any]int{1: 1}; delete(m, []int{}) })
	try("eq", func() { var x any = []int{}; fmt.Println(x == x) })
	try("nilmap", func() { var p *int; m := map[int]int{}; m[0] = *p; fmt.Println(m) })
	try("nilmap", func() { var p *int; m := map[int]int{}; m[0] += *p; fmt.Println(m) })
	try("star", func() { var p *int; x := *p; fmt.Println(x) })
	try("star", func() { var p *int; _ = *p; fmt.Println("no") })
	try("star", func() { var p *T; x := *p; fmt.Println(x) })
	try("star", func() { var p *T; x := p.x; fmt.Println(x) })
	try("assert", func() { var x any = 3; fmt.Println(x.(string)) })
	try("assert", func() { var x any = 3; fmt.Println(x.(I)) })
	try("assert", func() { var x any = 3; fmt.Println(x.(T)) })
	try("assert", func() { var x any; fmt.Println(x.(T)) })
	try("assert", func() { var x any; fmt.Println(x.(string)) })
	try("assert", func() { var x I; fmt.Println(x.(T)) })
	try("assert", func() { var x I; fmt.Println(x.(*T)) })
	try("assert", func() { var x any = T{1}; fmt.Println(x.(*T)) })
	try("assert", func() { var x any = T{1}; fmt.Println(x.(fmt.Stringer)) })
	try("arr", func() { s := []int{1}; fmt.Println([4]int(s)) })
	try("div", func() { a, b := 1, 0; fmt.Println(a / b) })
	try("make", func() { n := -1; fmt.Println(make([]int, n)) })
	try("close", func() { var c chan int; close(c) })
	try("close", func() { c := make(chan int); close(c); close(c) })
	try("close", func() { c := make(chan int, 1); close(c); c <- 1 })
	try("nilm", func() { var m map[string]int; m["a"] = 1 })
	try("err", func() { panic(fmt.Errorf("x %d", 3)) })
	try("T", func() { panic(T{4}) })
	try("C", func() { panic(C(4)) })
}
