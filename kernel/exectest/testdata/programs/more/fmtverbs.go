package main

import "fmt"

type P struct {
	X int
	Y *int
	Z []string
	m map[string]int
	f func()
	e error
	i any
}

func main() {
	p := P{X: 1, Z: []string{"a b"}, m: map[string]int{"k": 1}, i: 5}
	fmt.Printf("%v|%+v|%#v\n", p, p, p.Z)
	fmt.Printf("%T|%T|%T|%T\n", p, &p, p.m, p.f)
	fmt.Printf("%5d|%-5d|%05d|%x|%X|%o|%b|%c|%q|%U|%e|%8.3f|%+d|% d|%#x|%t|%8s|%-8s|%.2s|%%|%p\n", 42, 42, 42, 255, 255, 8, 5, 'A', 'B', 'C', 12345.678, 3.14159, 5, 5, 255, true, "ab", "ab", "abcdef", nil)
	fmt.Printf("%d %s %!|%z %d\n", "x", 5, 1)
	fmt.Printf("%[2]d %[1]d %*d %v %v\n", 1, 2, 5, 3)
	fmt.Println(fmt.Sprint("a", 1, 2, "b", "c", 3.0, nil, []any{1, nil, "x"}), &[]int{1}, &map[int]int{1: 2}, &struct{ A, B int }{1, 2})
}
