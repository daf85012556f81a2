package main

import (
	"fmt"
)

func main() {
	a, b, c := 1, 2, 3
	a, b, c = c, a, b
	i := 0
	xs := []int{5, 6, 7}
	i, xs[i] = 1, 9
	xs[0], xs[2] = xs[2], xs[0]
	fmt.Println(a, b, c, i, xs)
}
