package main

import (
	"fmt"
	"slices"
)

func main() {
	s := []int{1, 2, 3, 4, 5}
	s = slices.Delete(s, 1, 3)
	fmt.Println(s)
	s = slices.Insert(s, 1, 9, 8)
	fmt.Println(s, slices.Equal(s, []int{1}), slices.IndexFunc(s, func(x int) bool { return x > 8 }))
	s = slices.DeleteFunc(s, func(x int) bool { return x%2 == 0 })
	fmt.Println(s, slices.Repeat([]string{"a"}, 3), slices.Concat([]int{1}, []int{2, 3}))
	m, n := slices.MinFunc(s, func(a, b int) int { return b - a }), slices.Compare([]int{1, 2}, []int{1, 3})
	fmt.Println(m, n, slices.ContainsFunc(s, func(i int) bool { return i == 5 }), slices.Clip(s[:1]), cap(slices.Clip(s[:1])))
	g := slices.Grow([]int{}, 10)
	fmt.Println(cap(g) >= 10, slices.IsSorted(s), slices.SortedFunc(slices.Values(s), func(a, b int) int { return b - a }))
}
