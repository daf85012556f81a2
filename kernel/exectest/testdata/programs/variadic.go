package main

import (
	"fmt"
)

func sum(base int, xs ...int) int {
	for _, x := range xs {
		base += x
	}
	return base
}
func kinds(xs ...any) (s string) {
	for _, x := range xs {
		s += fmt.Sprintf("%T ", x)
	}
	return
}
func mod(xs ...int) { xs[0] = 99 }

type Opt func(*cfg)
type cfg struct {
	n int
	s string
}

func N(n int) Opt    { return func(c *cfg) { c.n = n } }
func S(s string) Opt { return func(c *cfg) { c.s = s } }
func New(opts ...Opt) *cfg {
	c := &cfg{n: 1}
	for _, o := range opts {
		o(c)
	}
	return c
}
func many() (int, string, error)             { return 1, "a", nil }
func take(n int, s string, err error) string { return fmt.Sprint(n, s, err) }
func rest(a int, more ...string) int         { return a + len(more) }

func main() {
	fmt.Println(sum(1), sum(1, 2, 3), sum(0, []int{4, 5}...))
	fmt.Println(kinds(1, "a", 2.5, nil, []int{}, cfg{}, &cfg{}, true, 'x'))
	s := []int{1, 2}
	mod(s...)
	fmt.Println(s, *New(N(3), S("q")), New().n)
	fmt.Println(take(many()))
	n, _, err := many()
	fmt.Println(n, err)
	fmt.Println(rest(1, "a", "b"), rest(2))
	f := fmt.Sprintf
	fmt.Println(f("%d-%s", 1, "x"))
	fmt.Println(many())
}
