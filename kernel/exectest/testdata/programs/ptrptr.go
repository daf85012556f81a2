package main

import (
	"fmt"
)

func main() {
	x := 1
	p := &x
	pp := &p
	**pp = 5
	y := 2
	*pp = &y
	*p++
	fmt.Println(x, y, *p == y)
	np := new(int)
	*np += 3
	fmt.Println(*np)
}
