package main

import (
	"fmt"
)

func main() {
	ops := [...]func(int, int) int{func(a, b int) int { return a + b }, func(a, b int) int { return a * b }}
	for _, op := range ops {
		fmt.Print(op(3, 4), " ")
	}
	table := map[string]func(...int) int{"n": func(x ...int) int { return len(x) }}
	fmt.Println(table["n"](1, 2), table["zz"] == nil)
}
