package main

import "fmt"

func f(x int) (a, b int, s string) {
	defer func() { a, b = b, a; s += "!" }()
	a, b, s = x, x*2, "s"
	return b, a + 1, s + "r"
}
func main() { fmt.Println(f(3)) }
