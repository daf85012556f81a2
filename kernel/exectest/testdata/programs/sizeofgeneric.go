package main

import (
	"fmt"
	"slices"
)

func main() {
	s := make([]struct{ a, b int }, 3, 10)
	s = slices.Insert(s, 1, s[0:2]...)
	fmt.Println(len(s))
	r := slices.Replace([]string{"a", "b", "c"}, 0, 1, "x", "y")
	fmt.Println(r)
	fmt.Println(slices.Insert([]int{1, 2, 3}, 1, 9))
	t := []int{1, 2, 3, 4}
	fmt.Println(slices.Insert(t[:2], 1, t[1:3]...), slices.Replace([]int{1, 2, 3, 4, 5}, 1, 4, 7), slices.Concat[[]int]())
}
