package main

import "fmt"

func f(pre string, xs ...any) string { return fmt.Sprint(pre, len(xs), xs == nil, xs) }
func g(xs ...int) {
	if len(xs) > 0 {
		xs[0] = 100
	}
}
func h(fs ...func() int) (s int) {
	for _, f := range fs {
		s += f()
	}
	return
}
func main() {
	fmt.Println(f("a"), f("b", nil), f("c", nil, 1), f("d", []any{1, 2}...), f("e", []int{1, 2}), f("f", []any(nil)...))
	s := []int{1, 2}
	g(s...)
	g(s[0], s[1])
	fmt.Println(s)
	fmt.Println(h(), h(func() int { return 1 }, func() int { return 2 }))
}
