package main

import (
	"fmt"
	"sort"
)

type P struct{ X, Y int }
type V struct {
	name string
	tags []string
	in   *V
}

func main() {
	m := map[P]V{{1, 2}: {name: "a"}, {3, 4}: {name: "b", tags: []string{"t"}}}
	v := m[P{1, 2}]
	v.name = "changed"
	fmt.Println(m[P{1, 2}].name, v.name)
	m[P{1, 2}] = v
	fmt.Println(m[P{1, 2}].name, len(m), m[P{9, 9}].name == "")
	pm := map[string]*P{"a": {1, 2}}
	pm["a"].X++
	pm["a"].Y *= 3
	fmt.Println(*pm["a"])
	mm := map[string]map[string]int{}
	for _, k := range []string{"x", "y", "x"} {
		if mm[k] == nil {
			mm[k] = map[string]int{}
		}
		mm[k]["n"]++
	}
	fmt.Println(mm)
	ma := map[string][3]int{"q": {1, 2, 3}}
	arr := ma["q"]
	arr[0] = 100
	fmt.Println(ma, arr)
	ms := map[string][]int{}
	ms["a"] = append(ms["a"], 1, 2)
	ms["a"][0] = 7
	fmt.Println(ms, len(ms["zz"]))
	delete(m, P{3, 4})
	delete(m, P{3, 4})
	_, ok := m[P{3, 4}]
	fmt.Println(ok, len(m))
	mi := map[any]string{1: "int", "1": "str", 1.0: "float", P{1, 1}: "P", [2]int{1, 2}: "arr", nil: "nil", true: "b", 'a': "rune"}
	fmt.Println(mi[1], mi["1"], mi[1.0], mi[P{1, 1}], mi[[2]int{1, 2}], mi[nil], mi[true], mi[int32(97)], mi[int64(1)] == "")
	var keys []string
	for k := range mm {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Println(keys)
	mf := map[string]func(int) int{"dbl": func(x int) int { return 2 * x }}
	fmt.Println(mf["dbl"](4), mf["none"] == nil)
	type key struct {
		a string
		b int
	}
	cnt := map[key]int{}
	cnt[key{"a", 1}]++
	cnt[key{"a", 1}] += 2
	cnt[key{"b", 1}]--
	fmt.Println(cnt)
	for k := range cnt {
		delete(cnt, k)
	}
	fmt.Println(len(cnt))
	s := struct{ m map[string]P }{map[string]P{"k": {5, 6}}}
	fmt.Println(s.m["k"].Y, s)
	clear(ms)
	fmt.Println(ms)
	var nm map[string]int
	fmt.Println(nm["x"], len(nm))
	for range nm {
		fmt.Println("never")
	}
	type T struct {
		*P
		M map[string]int
	}
	ts := map[string]T{"a": {&P{1, 1}, map[string]int{"z": 1}}}
	ts["a"].X = 55
	ts["a"].M["z"]++
	fmt.Println(ts["a"].X, ts["a"].M)
}
