package main

import "fmt"

type T chan uint64

func main() {
	c := make(chan uint64, 3)
	xs := make([]uint64, 3)
	c <- 5
	xs[1] = <-c
	fmt.Println("slice", xs)
	outs := []chan uint64{c}
	c <- 6
	xs[2] = <-outs[0]
	fmt.Println("slice2", xs)
	t := make(T, 3)
	t <- 7
	xs[0] = <-t
	fmt.Println("named", xs)
	m := map[string]uint64{}
	c <- 8
	m["a"] = <-c
	fmt.Println(m)
	var s struct{ f uint64 }
	c <- 9
	s.f = <-c
	fmt.Println(s)
	in, out := make(T, 1), make(T, 1)
	in <- 3
	out <- 2 * <-in
	fmt.Println(<-out)
	p := &s
	c <- 10
	p.f = <-c
	fmt.Println(s, *p)
	q := &xs[1]
	c <- 11
	*q = <-c
	fmt.Println(xs)
	c <- 12
	xs[0] += <-c
	fmt.Println(xs)
	c <- 13
	x := uint64(4)
	x = <-c + x
	fmt.Println(x)
	for i := range xs {
		if xs[i] == 11 {
			c <- 14
			xs[i] = <-c
		}
	}
	fmt.Println(xs)
}
