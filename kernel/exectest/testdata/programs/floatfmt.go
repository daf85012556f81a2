package main

import (
	"fmt"
	"math"
)

func main() {
	fmt.Println(0.1+0.2, 1e6, 1e21, 1e-7, float32(0.1)+0.2, 100000000.0, 3.0)
	var f32 float32 = 16777216
	fmt.Println(f32+1, f32*f32, math.Sqrt(2), math.Floor(-1.5), math.Mod(7, 3))
	var d float64
	fmt.Println(1/d, -1/d, d/d == d/d)
}
