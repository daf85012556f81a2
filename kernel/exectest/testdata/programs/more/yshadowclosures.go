package main

import "fmt"

var g = 10

func inc() int { g++; return g }
func main() {
	x := 1
	f := func() int { x := x * 10; x++; return x }
	fmt.Println(f(), x)
	if x := inc(); x > 10 {
		x++
		fmt.Println(x, g)
	}
	for x := 0; x < 2; x++ {
		x := x + 100
		defer func() { fmt.Println("d", x) }()
	}
	{
		g := "s"
		fmt.Println(g)
	}
	fmt.Println(g, x)
	h := func(x int) func() int { return func() int { x++; return x } }
	a, b := h(1), h(1)
	fmt.Println(a(), a(), b())
	var fs [3]func()
	for i := range fs {
		fs[i] = func() { fmt.Print(i, " ") }
	}
	for _, f := range fs {
		f()
	}
	fmt.Println()
	switch x := any(x).(type) {
	case int:
		x++
		fmt.Println(x)
	}
	x, y := 5, x
	fmt.Println(x, y)
}
