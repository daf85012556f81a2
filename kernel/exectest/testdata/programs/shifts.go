package main

import (
	"fmt"
)

func main() {
	var n uint = 3
	x := 1 << n
	var y int8 = -128 >> n
	var z uint8 = 1 << 7 >> n
	var f float64 = 1 << 3
	var w int64 = 1 << n
	var k uint8 = 255
	fmt.Println(x, y, z, f, w, k<<1, k<<n>>n, ^uint8(5), 6&^3, -8>>1, 1<<62)
}
