package main

import "fmt"

type N struct {
	v    int
	next *N
	kids []*N
}

func swap(a, b *int) { *a, *b = *b, *a }
func mk() *int       { x := 5; return &x }
func main() {
	a, b := 1, 2
	swap(&a, &b)
	fmt.Println(a, b, *mk(), mk() == mk())
	n := &N{1, &N{2, nil, nil}, nil}
	n.next.next = n
	fmt.Println(n.next.next.next.v)
	pp := &n
	(*pp).v = 10
	(**pp).next.v++
	fmt.Println(n.v, n.next.v)
	arr := [3]int{1, 2, 3}
	p := &arr[1]
	*p = 20
	fmt.Println(arr)
	s := arr[:]
	q := &s[2]
	s = append(s, 4)
	*q = 30
	fmt.Println(arr, s)
	st := struct{ a, b int }{1, 2}
	f := &st.b
	*f = 9
	fmt.Println(st)
	ptr := new(map[string]int)
	*ptr = map[string]int{"a": 1}
	(*ptr)["b"] = 2
	fmt.Println(*ptr, len(*ptr))
	e := &struct{}{}
	_ = e
	x := &[]int{1, 2}[1]
	*x++
	fmt.Println(*x)
}
