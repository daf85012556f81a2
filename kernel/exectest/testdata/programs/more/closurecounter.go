package main

import "fmt"

func counter() (func() int, func()) { n := 0; return func() int { n++; return n }, func() { n = 100 } }

func main() {
	a, r := counter()
	b, _ := counter()
	fmt.Println(a(), a(), b())
	r()
	fmt.Println(a(), b())
}
