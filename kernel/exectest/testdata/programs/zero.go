package main

import (
	"fmt"
)

func main() {
	type T struct {
		I  int
		S  string
		P  *int
		M  map[int]int
		F  func()
		E  error
		A  [2]bool
		Sl []T
	}
	var t T
	fmt.Printf("%+v\n", t)
	fmt.Println(t.F == nil, t.M[1], len(t.Sl))
	var a [3]struct{ x, y int }
	a[1].x = 4
	fmt.Println(a)
}
