package main

import (
	"fmt"
)

func main() {
	type T struct{ v [3]int }
	ts := []T{{[3]int{1, 2, 3}}, {}}
	for i, t := range ts {
		t.v[0] = 100
		ts[i].v[1] = 50
	}
	fmt.Println(ts)
	m := map[string]T{"a": ts[0]}
	t := m["a"]
	t.v[2] = 7
	fmt.Println(m["a"].v[2], t.v[2])
}
