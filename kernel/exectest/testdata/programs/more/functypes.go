package main

import "fmt"

type (
	Op      func(float64, float64) float64
	Handler interface{ Serve(string) string }
	HF      func(string) string
)

func (h HF) Serve(s string) string { return h(s) }
func mid(h Handler) Handler        { return HF(func(s string) string { return "[" + h.Serve(s) + "]" }) }
func main() {
	ops := map[string]Op{"+": func(a, b float64) float64 { return a + b }, "/": func(a, b float64) float64 { return a / b }}
	fmt.Println(ops["+"](1, 2), ops["/"](1, 4), ops["x"] == nil)
	fmt.Println(mid(mid(HF(func(s string) string { return s + s }))).Serve("a"))
	var f func() func() int = func() func() int { n := 1; return func() int { n *= 2; return n } }
	g := f()
	g()
	fmt.Println(g(), f()())
	func(xs ...int) { fmt.Println(len(xs)) }(1, 2, 3)
	fs := [...]func(int) int{func(i int) int { return i }, func(i int) int { return -i }}
	fmt.Println(fs[1](4))
}
