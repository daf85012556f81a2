package main

import (
	"fmt"
)

func main() {
	m := map[string]int{"a": 1}
	if v, ok := m["a"]; ok && v > 0 {
		fmt.Println(v)
	} else if w := v + 1; w > 0 {
		fmt.Println(w)
	}
}
