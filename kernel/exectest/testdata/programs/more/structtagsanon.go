package main

import "fmt"

func main() {
	a := struct {
		X, Y int
		Z    struct{ W string }
	}{1, 2, struct{ W string }{"w"}}
	b := a
	b.Z.W = "q"
	fmt.Printf("%v %+v %T\n", a, b, a)
	ps := []struct {
		n string
		f func(int) int
	}{{"dbl", func(x int) int { return 2 * x }}, {"sq", func(x int) int { return x * x }}}
	for _, p := range ps {
		fmt.Println(p.n, p.f(7))
	}
	m := map[string]struct{ a, b int }{"k": {1, 2}}
	fmt.Println(m["k"].b, m)
	pp := &[]struct{ x int }{{1}, {2}}
	(*pp)[1].x = 5
	fmt.Println(*pp)
}
