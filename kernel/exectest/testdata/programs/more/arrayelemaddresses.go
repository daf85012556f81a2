package main

import "fmt"

func main() {
	a := [4]int{1, 2, 3, 4}
	p, q := &a[1], &a[1]
	fmt.Println(p == q, &a[0] == &a[1], &a[2] == &a[:][2])
	s := a[:]
	fmt.Println(&s[0] == &a[0])
	t := struct{ x [2]int }{}
	r := &t.x[1]
	*r = 4
	fmt.Println(t, &t.x[1] == r)
	type S struct{ a, b int }
	v := []S{{1, 2}, {3, 4}}
	w := &v[1].b
	*w = 7
	fmt.Println(v, &v[1].b == w)
}
