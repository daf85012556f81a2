package main

import (
	"fmt"
)

func main() {
	tr := func(s string, v int) int { fmt.Print(s, " "); return v }
	x := []int{0, 0, 0}
	x[tr("i", 1)] = tr("v", 5) + tr("w", 6)*tr("z", 2)
	m := map[int]int{tr("k", 1): tr("m", 2)}
	fmt.Println(x, m, tr("a", 1) > 0 || tr("b", 1) > 0, tr("c", 0) > 0 && tr("d", 1) > 0)
	f := func(a, b int) int { return a - b }
	fmt.Println(f(tr("p", 9), tr("q", 4)))
}
