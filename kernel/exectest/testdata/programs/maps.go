package main

import (
	"fmt"
	"sort"
)

type K struct{ X, Y int }

func main() {
	m := map[K]string{{1, 2}: "a", {3, 4}: "b"}
	m[K{5, 6}] = "c"
	delete(m, K{1, 2})
	v, ok := m[K{1, 2}]
	fmt.Println(len(m), m, v == "", ok)
	n := map[string][]int{}
	n["x"] = append(n["x"], 1, 2)
	n["y"] = append(n["y"], 3)
	n["x"][0]++
	fmt.Println(n)
	c := map[rune]int{}
	for _, r := range "hello" {
		c[r]++
	}
	var keys []rune
	for r := range c {
		keys = append(keys, r)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	for _, r := range keys {
		fmt.Printf("%c%d ", r, c[r])
	}
	fmt.Println()
	mm := map[string]map[string]int{"a": {"b": 1}}
	mm["a"]["c"] += 5
	fmt.Println(mm, len(mm["zz"]), mm["zz"]["q"])
	type P struct{ n int }
	pm := map[string]*P{"a": {1}}
	pm["a"].n++
	fmt.Println(pm["a"].n)
	arr := map[[2]int]bool{{1, 2}: true}
	fmt.Println(arr[[2]int{1, 2}], arr[[2]int{2, 1}])
	var nm map[string]int
	fmt.Println(nm["x"], len(nm), nm == nil)
	for range nm {
		fmt.Println("never")
	}
	mi := map[interface{}]string{1: "int", "1": "string", 1.5: "f", K{1, 1}: "k"}
	fmt.Println(mi[1], mi["1"], mi[1.5], mi[K{1, 1}], mi[K{2, 1}] == "")
}
