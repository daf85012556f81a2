package main

import (
	"fmt"
)

func main() {
	var x float64 = 3
	y := 1 / 2 * x
	z := x * (1 / 2.0)
	const n = 5
	var i8 int8 = n * 10
	fmt.Println(y, z, i8, n/2, n/2.0, float32(n)/2, 07, len("abc")*2)
	var d any = 1 << 3
	fmt.Printf("%T %T %T %T\n", d, 'a', 1.0, 2i)
}
