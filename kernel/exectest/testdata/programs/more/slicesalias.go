package main

import "fmt"

func main() {
	a := []int{1, 2, 3, 4, 5}
	b := a[1:3]
	fmt.Println(len(b), cap(b))
	b = append(b, 100)
	fmt.Println(a, b)
	c := a[1:3:3]
	c = append(c, 200)
	fmt.Println(a, c)
	copy(a[1:], a)
	fmt.Println(a, copy(a, []int{9, 9}), a)
	var n []int
	n = append(n, n...)
	fmt.Println(n == nil, len(n))
	s := append([]byte("x"), "yz"...)
	fmt.Println(string(s))
	d := make([]int, 2, 10)
	e := append(d, 1)
	f := append(d, 2)
	fmt.Println(e, f, d[:3])
	g := [][]int{{1}, {2, 3}}
	for _, r := range g {
		r[0]++
		r = append(r, 1)
	}
	fmt.Println(g)
	clear(g[1])
	fmt.Println(g, a[len(a)-1:], a[:0], a[5:])
}
