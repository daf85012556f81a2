package main

import (
	"errors"
	"fmt"
	"io"
)

type T struct{ a int }

func (T) M() {}

type P struct{}

func (*P) M() {}

type I interface{ M() }
type J interface {
	I
	N()
}
type N int
type E struct{}

func (E) Error() string { return "E" }
func try(name string, f func()) {
	defer func() {
		r := recover()
		fmt.Printf("%s: %v\n", name, r)
		if e, ok := r.(error); ok {
			fmt.Printf("%T\n", e)
		}
	}()
	f()
}
func g[X any](v any) X { return v.(X) }
func main() {
	var n any
	try("nil to T", func() { _ = n.(T) })
	try("nil to int", func() { _ = n.(int) })
	try("nil to I", func() { _ = n.(I) })
	try("int to string", func() { var x any = 1; _ = x.(string) })
	try("T to P", func() { var x any = T{}; _ = x.(P) })
	try("T to *P", func() { var x any = T{}; _ = x.(*P) })
	try("P to I", func() { var x any = P{}; _ = x.(I) })
	try("T to J", func() { var x any = T{}; _ = x.(J) })
	try("I to J", func() { var x I = T{}; _ = x.(J) })
	try("I to T", func() { var x I = &P{}; _ = x.(T) })
	try("nil I to T", func() { var x I; _ = x.(T) })
	try("N", func() { var x any = N(1); _ = x.(int) })
	try("N2", func() { var x any = 1; _ = x.(N) })
	try("err", func() { var e error = E{}; _ = e.(fmt.Stringer) })
	try("err2", func() { var e error = errors.New("x"); _ = e.(E) })
	try("slice", func() { var x any = []int{}; _ = x.([]string) })
	try("map", func() { var x any = map[string]int{}; _ = x.(map[string]N) })
	try("func", func() { var x any = func() {}; _ = x.(func(int)) })
	try("std", func() { var x any = T{}; _ = x.(io.Reader) })
	try("std nil", func() { var x any; _ = x.(io.Reader) })
	try("gen", func() { g[int]("s") })
	try("gen2", func() { g[T](1) })
	try("gen3", func() { g[string](T{}) })
	try("struct", func() { var x any = struct{ A int }{1}; _ = x.(struct{ B int }) })
	try("ok", func() { var x any = T{1}; fmt.Println(x.(T).a) })
	try("nilptr field", func() { var p *T; _ = p.a })
	try("nil iface call", func() { var x I; x.M() })
	try("nilptr method", func() { var p *T; p.M() })
	try("custom", func() { panic(E{}) })
	try("wrapped", func() { panic(fmt.Errorf("w: %w", E{})) })
	try("panicnil", func() { panic(nil) })
	try("compare", func() { var a, b any = []int{}, []int{}; fmt.Println(a == b) })
	try("mapkey", func() { m := map[any]int{}; m[[]int{1}] = 2 })
	try("mapkey2", func() { m := map[any]int{}; m[func() {}] = 2 })
	try("mapkey3", func() { m := map[any]int{}; _ = m[struct{ f []int }{}] })
}
