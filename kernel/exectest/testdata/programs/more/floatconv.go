package main

import (
	"fmt"
	"math"
)

func main() {
	for _, f := range []float64{0, 1.5, -1.5, 2.5, 1e10, -1e-5, 255.9, 1 << 40} {
		fmt.Print(int(f), int32(int64(f)), uint8(int(f)), float32(f), math.Round(f), math.RoundToEven(f), math.Trunc(f), math.Floor(f), math.Ceil(f), " ")
	}
	fmt.Println()
	var u64 uint64 = 1<<63 + 1025
	fmt.Println(float64(u64), float32(u64), uint64(float64(u64)), int64(float32(1<<24+1)))
	fmt.Println(math.Mod(-7, 3), math.Remainder(7, 4), math.Hypot(3, 4), math.Cbrt(27), math.Log2(8), math.Signbit(math.Copysign(0, -1)))
}
