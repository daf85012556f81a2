package main

import (
	"fmt"
	"math"
	"math/bits"
)

func main() {
	var a int8 = 127
	a++
	var b uint8
	b--
	var c int16 = math.MinInt16
	c = -c
	var d int64 = math.MinInt64
	fmt.Println(a, b, c, d-1, -d, d/-1, uint32(1<<32-1))
	x := uint64(math.MaxUint64)
	hi, lo := bits.Mul64(x, x)
	fmt.Println(hi, lo, bits.OnesCount64(x), bits.LeadingZeros32(1), bits.Reverse8(1), bits.RotateLeft8(0x81, 1))
	var i8 int8 = -7
	fmt.Println(i8/2, i8%2, i8>>1, uint8(i8)>>1, i8&3, i8|8, i8^-1)
	var u uint = 3
	fmt.Println(u-4 > 0, int(u)-4)
	fmt.Println(int8(math.Float64bits(1.5)>>52), uint16(math.MaxUint16))
}
