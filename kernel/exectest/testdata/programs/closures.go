package main

import (
	"fmt"
)

func counter() (func() int, func()) {
	n := 0
	return func() int { n++; return n }, func() { n = 100 }
}

func main() {
	inc, reset := counter()
	inc()
	inc()
	reset()
	fmt.Println(inc())
	var fs []func()
	for i := 0; i < 3; i++ {
		fs = append(fs, func() { fmt.Print(i, " "); i += 10 })
	}
	for i := range 3 {
		fs = append(fs, func() { fmt.Print(i, " ") })
	}
	for i, s := range []string{"a", "b"} {
		fs = append(fs, func() { fmt.Print(i, s, " ") })
	}
	for k, v := range map[string]int{"k": 1} {
		fs = append(fs, func() { fmt.Print(k, v, " ") })
	}
	for i, j := 0, 5; i < j; i, j = i+1, j-1 {
		if i == 1 {
			continue
		}
		fs = append(fs, func() { fmt.Print(i, j, " ") })
	}
	for _, f := range fs {
		f()
		f()
	}
	fmt.Println()
	fib := func() func() int {
		a, b := 0, 1
		return func() int { defer func() { a, b = b, a+b }(); return a }
	}()
	for range 8 {
		fmt.Print(fib(), " ")
	}
	var rec func(int) int
	rec = func(n int) int {
		if n <= 1 {
			return 1
		}
		return n * rec(n-1)
	}
	fmt.Println(rec(10))
	x := 1
	func() { x := 2; x++; _ = x }()
	func() { x = 5 }()
	fmt.Println(x)
	add := func(a int) func(int) int { return func(b int) int { return a + b } }
	fmt.Println(add(2)(3))
	var ptrs []*int
	for i := 0; i < 3; i++ {
		ptrs = append(ptrs, &i)
	}
	fmt.Println(*ptrs[0], *ptrs[1], *ptrs[2])
}
