package main

import (
	"fmt"
)

func main() {
	m := map[string]int{"a": 1}
	clear(m)
	s := []string{"a"}
	clear(s)
	fmt.Println(len(m), s, min(3, 1, 2), max("a", "b"), min(2.5, 1))
}
