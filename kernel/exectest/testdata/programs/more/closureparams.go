package main

import "fmt"

func mk(x int, xs ...string) func() string {
	x++
	return func() string { x *= 2; xs = append(xs, fmt.Sprint(x)); return fmt.Sprint(xs) }
}
func main() { f := mk(1, "a"); fmt.Println(f(), f()); g := mk(5); fmt.Println(g(), f()) }
