package main

import (
	"fmt"
	"os"
	"time"
)

type P struct {
	X, Y int
	s    string
	p    *int
	m    map[string]int
	f    func()
	e    error
	i    any
}
type E int

func (e E) String() string { return fmt.Sprintf("E%d", int(e)) }

type G struct {
	a int
	b E
}
type W struct {
	E
	n int
}
type Err struct{ c int }

func (e *Err) Error() string { return fmt.Sprint("err", e.c) }

type B []byte
type bb bool
type FF float32
type N struct {
	in struct {
		q []E
		r map[E]E
	}
}

func main() {
	fmt.Printf("%v %+v\n", P{X: 1, s: "q"}, P{Y: 2, m: map[string]int{"b": 1, "a": 2}, i: E(4)})
	fmt.Printf("%d %5d|%-5d|%05d|%+d|%x|%X|%o|%b|%c|%U|%q|%#x|%#o|% d\n", 42, 42, 42, 42, 42, 255, 255, 8, 5, 'A', 'A', 'A', 255, 8, 42)
	fmt.Printf("%f|%.2f|%8.3f|%-8.2f|%e|%g|%G|%+.1f|%08.3f|% f|%x\n", 3.14159, 3.14159, 3.14159, 3.1, 12345.678, 1e21, 1e-7, 2.0, -3.14159, 1.5, 1.5)
	fmt.Printf("%s|%10s|%-10s|%.2s|%q|%x|%X|% x|%#q\n", "hi", "hi", "hi", "hello", "a\"b\n", "hi", "hi", "hi", "raw")
	fmt.Printf("%t|%5t|%v|%p|%v\n", true, false, nil, nil, []any{1, "a", nil, 2.5, E(3)})
	fmt.Printf("%v %d %s %x %q\n", E(1), E(1), E(1), E(10), E(2))
	fmt.Printf("%v %+v %d\n", G{1, 2}, G{1, 2}, G{1, 2})
	fmt.Printf("%v %+v %s\n", W{1, 2}, W{3, 4}, W{5, 6})
	fmt.Printf("%v %v %s %d\n", []E{1, 2}, map[E]E{1: 2}, []E{3}, []E{4})
	fmt.Printf("%v %s %x %d %v\n", B("hi"), B("hi"), B("hi"), B("hi"), []byte("x"))
	fmt.Printf("%v %v %6.2v %v\n", bb(true), FF(1.5), FF(2.25), [3]bool{true})
	fmt.Printf("%*d|%-*d|%.*f|%[2]d %[1]d|%[3]*.[2]*[1]f\n", 5, 1, 5, 2, 2, 3.14159, 7, 8)
	fmt.Printf("%d %s\n", 1)
	fmt.Printf("%d\n", 1, 2)
	fmt.Printf("%z %!\n", 1)
	fmt.Printf("%d %s\n", "a", 1)
	fmt.Printf("%v %v\n", struct {
		A int
		B string
	}{1, "x"}, &struct{ A int }{1})
	fmt.Printf("%v %v %+v\n", &G{1, 2}, []*int{nil}, &[]int{1})
	fmt.Printf("%v %v\n", &map[string]int{"a": 1}, &[2]int{1, 2})
	fmt.Printf("%T %T %T %T %T %T %T\n", 1, "a", 1.5, 'a', nil, []any{}, map[string][]int{})
	fmt.Printf("%T %T %T %T %T\n", E(1), &G{}, struct{ A E }{}, func(E) error { return nil }, make(chan G))
	fmt.Printf("%8.3v|%-8v|%08v|%+v|%x\n", "abcdef", "ab", 12, -0.0, []string{"a", "bc"})
	fmt.Printf("%v %s %v\n", time.Second*90, time.Duration(1500), time.UTC)
	fmt.Printf("%5v|%-5v|%05d|%t\n", []int{1, 2}, []int{1, 2}, []int{1, 2}, []bool{true})
	fmt.Printf("%v %.3v %5.1f %v\n", 1+2i, 1.23456+2i, 1+2i, complex64(1))
	fmt.Printf("%v %+v\n", N{}, N{})
	fmt.Printf("%s %v\n", error(&Err{1}), &Err{2})
	fmt.Println(fmt.Sprint("a", 1, 2, "b", "c", 3.0, nil, E(1)), fmt.Sprintln("x", 1), fmt.Sprint(), fmt.Sprint(1, 2), fmt.Sprint("a", "b"))
	fmt.Fprintln(os.Stdout, 1e6, 1e20, 1e21, 123456789.0, float32(0.1), 1e-5, 100000.0, float32(1e10))
	fmt.Printf("%6.2f%%|%+q|%#v|%#v|%#v\n", 99.5, "é", 1, "a", []int{1})
	fmt.Printf("%#v %#v %#v %#v\n", map[string]bool{"a": true}, struct{ A int }{1}, 1.0, uint8(3))
	fmt.Printf("%#v %#v %#v\n", G{1, 2}, []E{1}, E(5))
	var ip *int
	var np *G
	var ni fmt.Stringer
	var ne error
	fmt.Println(ip, np, ni, ne, []int(nil), map[string]int(nil), (func())(nil) == nil)
	fmt.Printf("%v %s %d %+v\n", ip, np, ni, ne)
	var a, b int
	var s string
	n, err := fmt.Sscanf("10-20 abc", "%d-%d %s", &a, &b, &s)
	fmt.Println(n, err, a, b, s)
	n, err = fmt.Sscan("7 8 x", &a, &b, &s)
	fmt.Println(n, err, a, b, s)
	n, err = fmt.Sscanf("x", "%d", &a)
	fmt.Println(n, err)
	fmt.Println(fmt.Append(nil, "a", 1), string(fmt.Appendf([]byte("p:"), "%03d", 7)))
}
