package main

import "fmt"

type (
	A struct {
		X int `a:"1"`
		Y string
	}
	B struct {
		X int `b:"2"`
		Y string
	}
	F func(int) int
)

func (f F) Twice(x int) int { return f(f(x)) }

type IntS []int

func (s IntS) Sum() (t int) {
	for _, v := range s {
		t += v
	}
	return
}
func main() {
	a := A{1, "y"}
	b := B(a)
	fmt.Println(b, F(func(x int) int { return x * 3 }).Twice(2), IntS([]int{1, 2}).Sum())
	p := (*B)(&a)
	p.X = 8
	fmt.Println(a)
	var e any = b
	_, ok := e.(A)
	fmt.Println(ok)
	fmt.Printf("%T %T %+v\n", F(nil), IntS{}, b)
}
