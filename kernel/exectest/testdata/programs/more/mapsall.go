package main

import (
	"fmt"
	"maps"
	"slices"
)

func main() {
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	maps.DeleteFunc(m, func(k string, v int) bool { return v == 2 })
	n := map[string]int{"z": 26}
	maps.Copy(n, m)
	fmt.Println(m, n, maps.Equal(m, n), maps.EqualFunc(m, m, func(a, b int) bool { return a == b }))
	o := maps.Collect(slices.All([]string{"x", "y"}))
	fmt.Println(o, slices.Sorted(maps.Values(m)))
	maps.Insert(o, maps.All(map[int]string{5: "q"}))
	fmt.Println(o)
}
