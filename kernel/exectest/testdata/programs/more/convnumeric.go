package main

import "fmt"

func main() {
	f := 3.99
	n := -1
	var big int64 = 1<<40 + 5
	fmt.Println(int(f), int(-f), uint8(n), int8(big), uint32(big), float32(0.1), float64(float32(0.1)), uint16(70000%65536))
	var u8 uint8 = 200
	fmt.Println(u8+100, u8<<1, ^u8, -u8, int8(u8), u8>>1, int8(u8)>>1)
	var i32 int32 = 1<<31 - 1
	i32++
	fmt.Println(i32, -i32, i32/-1)
	var i8 int8 = -128
	fmt.Println(-i8, i8/-1, i8%-1, i8-1)
	x := 7
	fmt.Println(-x/2, -x%2, x&^5, x^2, ^x, -x>>1, uint(x)>>1)
}
