package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func main() {
	m := map[string]int{"b": 2, "a": 1, "c": 3}
	fmt.Println(slices.Sorted(maps.Keys(m)), slices.Collect(maps.Values(map[int]int{1: 7})))
	for i, x := range slices.Backward([]string{"x", "y"}) {
		fmt.Print(i, x, " ")
	}
	for c := range slices.Chunk([]int{1, 2, 3, 4, 5}, 2) {
		fmt.Print(c)
	}
	for p := range strings.SplitSeq("a,b,c", ",") {
		fmt.Print(p, ".")
	}
	fmt.Println(slices.Collect(strings.FieldsSeq(" q w  e ")))
}
