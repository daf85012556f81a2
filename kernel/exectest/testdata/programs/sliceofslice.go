package main

import (
	"fmt"
)

func main() {
	s := make([]int, 0, 4)
	a := append(s, 1)
	b := append(s, 2)
	fmt.Println(a, b, len(s), s[:1])
	c := append(a[:0:0], a...)
	c[0] = 9
	fmt.Println(a, c)
	d := append([]int(nil), 1, 2, 3)
	d = append(d[:1], append([]int{8, 9}, d[1:]...)...)
	fmt.Println(d)
}
