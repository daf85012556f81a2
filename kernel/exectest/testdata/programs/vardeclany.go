package main

import "fmt"

type S struct{ a int }

func main() {
	a := [3]int{1, 77, 300}
	var x, y any = a, [3]int{1, 77, 300}
	fmt.Println(x, y)
	var x1, y1 any = 1, 2
	fmt.Println(x1, y1)
	k, st := 5, S{1}
	var x2, y2 any = k, st
	fmt.Println(x2, y2)
	var x3, y3 fmt.Stringer
	fmt.Println(x3, y3)
	var x4, y4 any = "a", a[:]
	fmt.Println(x4, y4)
	var x5, y5 = a, any(a)
	fmt.Println(x5, y5)
	var e1, e2 error = fmt.Errorf("x"), nil
	fmt.Println(e1, e2)
	var m1, m2 any = map[string]int{"a": 1}, a
	fmt.Println(m1, m2)
	var x6, y6 any = [3]int{1}, a
	fmt.Println(x6, y6)
	x6, y6 = a, [2]int{}
	fmt.Println(x6, y6)
	x7, y7 := any(a), any(st)
	fmt.Println(x7, y7)
}
