package main

import "fmt"

type P struct {
	a int
	b string
	c [2]float64
	d any
	e *int
}

func main() {
	x := 1
	p, q := P{1, "b", [2]float64{1, 2}, 3, &x}, P{1, "b", [2]float64{1, 2}, 3, &x}
	fmt.Println(p == q, p != q)
	q.d = "3"
	fmt.Println(p == q)
	var i, j any = p, q
	fmt.Println(i == j, i == any(p), struct{}{} == struct{}{}, [0]int{} == [0]int{})
	fmt.Println(any(1) == any(1.0), any(int8(1)) == any(1), any(nil) == nil)
	defer func() { fmt.Println(recover()) }()
	q.d = []int{1}
	p.d = []int{1}
	fmt.Println(p == q)
}
