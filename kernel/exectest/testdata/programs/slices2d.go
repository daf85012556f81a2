package main

import (
	"fmt"
)

func main() {
	g := make([][]int, 3)
	for i := range g {
		g[i] = make([]int, 4)
		for j := range g[i] {
			g[i][j] = i * j
		}
	}
	g[1][2] += 100
	fmt.Println(g, len(g), cap(g[0]))
	var a [2][3]int
	a[1][2] = 5
	b := a
	b[0][0] = 1
	fmt.Println(a, b, a == b, len(a[0]))
	for _, row := range a {
		row[0] = 9
	}
	for i := range a {
		a[i][0] = 7
	}
	fmt.Println(a)
	s := []int{1, 2, 3, 4, 5}
	t := s[1:3]
	t = append(t, 100)
	fmt.Println(s, t, len(t), cap(t))
	t = append(t, 1, 2, 3)
	t[0] = 55
	fmt.Println(s, t)
	u := s[1:2:2]
	u = append(u, 7)
	fmt.Println(s, u, cap(s[2:]))
	copy(s, s[2:])
	fmt.Println(s, copy(s, []int{9, 9}), s)
	s = append(s[:1], s[2:]...)
	fmt.Println(s)
	var n []int
	n = append(n, s...)
	fmt.Println(n == nil, len(n), append([]byte("a"), "bc"...))
	i := 0
	i, s[i] = 2, 42
	fmt.Println(i, s)
	s[0], s[1] = s[1], s[0]
	fmt.Println(s)
	x := []struct {
		a int
		b string
	}{{1, "x"}, {2, "y"}}
	for _, e := range x {
		e.a = 0
	}
	for i := range x {
		x[i].a *= 10
	}
	fmt.Println(x)
	arr := [...]string{2: "c", 0: "a"}
	fmt.Println(len(arr), arr)
	pa := &arr
	for i, v := range pa {
		fmt.Print(i, v, ";")
	}
	pa[1] = "b"
	fmt.Println(arr, len(pa))
	m := [][]string{{"a"}, {}, nil}
	for _, r := range m {
		fmt.Print(len(r), r == nil, " ")
	}
	fmt.Println()
	for i, v := range s {
		if i == 0 {
			s = append(s, 5)
		}
		fmt.Print(v, " ")
	}
	fmt.Println(len(s))
	s = s[:0]
	fmt.Println(s, len(s), s == nil)
	e := []any{1, "a", nil, []int{1}}
	fmt.Println(e...)
	fmt.Println(e)
}
