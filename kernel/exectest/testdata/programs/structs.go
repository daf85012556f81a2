package main

import (
	"fmt"
)

type Inner struct{ A, B int }
type Outer struct {
	Inner
	Name string
	In   *Inner
	Arr  [2]Inner
}

func main() {
	o := Outer{Inner{1, 2}, "o", &Inner{3, 4}, [2]Inner{{5, 6}, {7, 8}}}
	c := o
	c.A, c.In.A, c.Arr[1].B = 10, 30, 80
	fmt.Println(o.A, o.In.A, o.Arr, c.A, c.In.A, c.Arr)
	fmt.Printf("%v %+v\n", o.Inner, o.Arr)
	p := &o.Arr[0]
	p.A = 55
	fmt.Println(o.Arr[0], o.Arr == c.Arr, o.Inner == Inner{1, 2})
	var z Outer
	fmt.Println(z.In == nil, z.Name == "", z.Arr)
	ps := []*Inner{{1, 1}, {2, 2}}
	for _, q := range ps {
		q.A *= 10
	}
	fmt.Println(*ps[0], *ps[1])
}
