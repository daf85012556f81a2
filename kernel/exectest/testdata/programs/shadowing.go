package main

import "fmt"

var x = 1

func f() (x int, err error) {
	if x, err := g(); err != nil {
		return x, err
	} else {
		_ = x
	}
	{
		x := 5
		x++
	}
	return
}
func g() (int, error) { return 42, nil }
func main() {
	fmt.Println(x)
	x := x + 1
	fmt.Println(x)
	if x := x * 10; x > 5 {
		x := "s"
		fmt.Println(x)
	} else {
		fmt.Println(x)
	}
	for x := range 2 {
		fmt.Print(x)
	}
	fmt.Println(x)
	fmt.Println(f())
	len := func(s string) int { return 7 }
	fmt.Println(len("a"))
	true := false
	fmt.Println(true)
	type int string
	var s int = "q"
	fmt.Println(s)
	nil := 3
	fmt.Println(nil)
	func() { x = 9 }()
	fmt.Println(x)
}
