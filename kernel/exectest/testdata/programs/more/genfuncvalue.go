package main

import "fmt"

func id[T any](x T) T                    { return x }
func apply[A, B any](f func(A) B, a A) B { return f(a) }
func compose[A, B, C any](f func(A) B, g func(B) C) func(A) C { return func(a A) C { return g(f(a)) } }

func main() {
	f := id[string]
	fmt.Println(f("x"), apply(id[int], 4))
	h := compose(func(i int) string { return fmt.Sprint(i + 1) }, func(s string) []byte { return []byte(s + "!") })
	fmt.Printf("%s %T\n", h(9), h)
}
