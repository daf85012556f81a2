package main

import (
	"errors"
	"fmt"
)

func a() (n int) { defer func() { n *= 2 }(); n = 3; return n + 1 }
func b() (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("rec: %v", r)
			n = -1
		}
	}()
	panic("boom")
}
func c() (s string) {
	for i := range 3 {
		defer func() { s += fmt.Sprint(i) }()
	}
	return "r"
}
func d() (x int) { defer func(v int) { x += v }(x); x = 5; return 7 }
func e() (err error) {
	defer func() { err = errors.Join(err, errors.New("close")) }()
	return errors.New("body")
}
func f() (a, b int) { defer func() { a, b = b, a }(); return 1, 2 }
func g() (m map[string]int) {
	defer func() { m["d"] = 1 }()
	m = map[string]int{}
	m["x"] = 2
	return m
}
func h() int      { x := 1; defer func() { x = 100 }(); return x }
func i() (p *int) { v := 1; defer func() { *p = 9 }(); return &v }

type T struct{ n int }

func (t *T) inc() { t.n++ }
func (t T) show() { fmt.Println("show", t.n) }
func j() {
	t := T{1}
	defer t.show()
	t.n = 5
	defer t.inc()
	p := &t
	defer p.show()
	p.n = 7
}
func k() {
	defer fmt.Println("k1")
	defer func() { defer fmt.Println("inner"); fmt.Println("k2") }()
	fmt.Println("k3")
}
func l() (r string) {
	defer func() { r = fmt.Sprint(recover()) }()
	defer func() { panic("second") }()
	panic("first")
}
func m() (r string) {
	defer func() { r += fmt.Sprint(recover()) }()
	defer func() { r = fmt.Sprint(recover()) + "," }()
	panic("one")
}
func n(xs []int) (sum int) {
	for _, x := range xs {
		func() {
			defer func() { sum += x }()
			if x == 2 {
				return
			}
			sum += 10
		}()
	}
	return
}
func main() {
	fmt.Println(a())
	fmt.Println(b())
	fmt.Println(c())
	fmt.Println(d())
	fmt.Println(e())
	fmt.Println(f())
	fmt.Println(g())
	fmt.Println(h())
	fmt.Println(*i())
	j()
	k()
	fmt.Println(l())
	fmt.Println(m())
	fmt.Println(n([]int{1, 2, 3}))
}
