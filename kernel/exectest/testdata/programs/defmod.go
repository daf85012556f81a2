package main

import (
	"fmt"
)

func main() {
	f := func() (a int, b string) {
		defer func() { a, b = a+1, b+"!" }()
		a, b = 1, "x"
		return a * 10, b + "y"
	}
	fmt.Println(f())
	g := func() (s []int) {
		defer func() { s = append(s, 3) }()
		return []int{1}
	}
	fmt.Println(g())
}
