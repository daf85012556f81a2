package main

import (
	"fmt"
	"sort"
	"strings"
)

func main() {
	freq := map[string]int{}
	for _, w := range strings.Fields("a b a c b a") {
		freq[w]++
	}
	type kv struct {
		k string
		v int
	}
	var list []kv
	for k, v := range freq {
		list = append(list, kv{k, v})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].v > list[j].v })
	for _, e := range list {
		fmt.Print(e.k, "=", e.v, " ")
	}
	fmt.Println(list[0], list)
}
