package main

import (
	"fmt"
)

func main() {
	type T struct{ n int }
	var a any = &T{1}
	a.(*T).n++
	b := a
	b.(*T).n++
	fmt.Println(a.(*T).n, a == b)
	var c any = T{1}
	d := c
	t := d.(T)
	t.n = 50
	fmt.Println(c.(T).n, c == d)
	xs := []any{&T{3}, T{4}}
	xs[0].(*T).n = 33
	fmt.Println(xs[0].(*T).n, xs[1].(T).n)
}
