package main

import "fmt"

func f() any { type T struct{ a int }; return T{1} }
func g() any { type T struct{ a int }; return T{1} }
func main() {
	fmt.Println(f() == f(), f() == g())
	fmt.Printf("%T %T %v\n", f(), g(), f())
	type node struct {
		next *node
		v    int
	}
	n := &node{v: 1}
	n.next = &node{v: 2}
	fmt.Println(n.next.v)
	type Fn func(Fn) int
	var r Fn = func(x Fn) int {
		if x == nil {
			return 1
		}
		return x(nil) + 1
	}
	fmt.Println(r(r))
	type M map[string]M
	m := M{"a": {"b": nil}}
	fmt.Println(len(m["a"]), m)
	type S []S
	s := S{S{}, S{S{}}}
	fmt.Println(len(s[1]), s)
}
