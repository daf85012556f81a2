package main

import (
	"fmt"
	"math"
)

func main() {
	a, b := 3, 5
	fmt.Println(min(a, b, 4), max(a, b), min(2.5, float64(a)), max("a", "b"), min(math.NaN(), 1), max(math.Inf(-1), 0), min(math.Copysign(0, -1), 0))
	s := []string{"x"}
	clear(s)
	fmt.Printf("%q\n", s)
	m := map[string]int{"a": 1}
	clear(m)
	fmt.Println(m)
	type T float32
	fmt.Println(min(T(1), 2))
}
