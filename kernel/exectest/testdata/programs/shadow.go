package main

import (
	"fmt"
	"os"
)

var x = "global"

type T = []int
type M = map[string]T
type Alias = struct{ A int }

func get() (int, error) { return 7, nil }

func main() {
	fmt.Println(x)
	x := 1
	if x := 2; x > 1 {
		x := 3
		x++
		fmt.Println(x)
	}
	{
		x, y := x+1, "y"
		fmt.Println(x, y)
	}
	v, err := get()
	if v, err := get(); err == nil {
		v++
		_ = v
	}
	w, err := get()
	fmt.Println(x, v, w, err)
	var t T = []int{1}
	m := M{"a": t}
	m["a"][0] = 5
	fmt.Println(t, m, Alias{3})
	len := func(s string) int { return 42 }
	fmt.Println(len("a"))
	string := 5
	fmt.Println(string)
	for i := 0; i < 2; i++ {
		i := i * 10
		fmt.Print(i, " ")
	}
	fmt.Println()
	true := false
	fmt.Println(true)
	fmt.Fprintln(os.Stdout, "out")
	switch x := any(x).(type) {
	case int:
		fmt.Println("int", x+1)
	}
}
