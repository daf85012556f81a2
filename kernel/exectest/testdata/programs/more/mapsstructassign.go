package main

import "fmt"

type P struct{ x, y int }

func main() {
	m := map[string]P{"a": {1, 2}}
	p := m["a"]
	p.x = 9
	fmt.Println(m, p)
	m["a"] = p
	q := map[string]*P{"a": {1, 2}}
	q["a"].x++
	fmt.Println(m, *q["a"])
	arr := map[string][3]int{}
	a := arr["z"]
	a[1] = 5
	arr["z"] = a
	fmt.Println(arr)
}
