package main

import (
	"fmt"
	"maps"
	"slices"
)

type K struct {
	a int
	s string
}

func main() {
	m := map[K][]int{}
	m[K{1, "a"}] = append(m[K{1, "a"}], 1)
	m[K{1, "a"}] = append(m[K{1, "a"}], 2)
	v, ok := m[K{2, ""}]
	fmt.Println(m, v == nil, ok, len(m))
	delete(m, K{1, "a"})
	fmt.Println(len(m))
	n := map[any]int{1: 1, "1": 2, 1.0: 3, [2]int{1, 2}: 4, K{}: 5}
	fmt.Println(n[1], n["1"], n[1.0], n[[2]int{1, 2}], n[K{}], n[int8(1)])
	c := maps.Clone(n)
	clear(n)
	fmt.Println(len(n), len(c))
	mm := map[string]map[string]int{"a": {"b": 1}}
	mm["a"]["c"]++
	mm["a"]["b"] += 5
	fmt.Println(mm)
	ks := slices.Sorted(maps.Keys(mm["a"]))
	fmt.Println(ks)
	var nilm map[int]int
	fmt.Println(nilm[3], len(nilm))
	for range nilm {
		panic(1)
	}
	delete(nilm, 1)
}
