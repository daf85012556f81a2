package main

import "fmt"

type I8 int8

func f(a, b int8) (int8, int8) { return a + b, a * b }
func g(x uint16) uint16        { return x<<4 | x>>12 }
func main() {
	fmt.Println(f(100, 100))
	fmt.Println(g(0xABCD))
	var x I8 = 100
	x += 100
	fmt.Println(x, x>>1, -x)
	var u uint8 = 250
	for range 10 {
		u++
	}
	fmt.Println(u)
	var i int32 = 1 << 30
	i *= 4
	fmt.Println(i)
	var h uint32 = 2166136261
	for _, c := range []byte("hello") {
		h ^= uint32(c)
		h *= 16777619
	}
	fmt.Println(h)
	var s uint = 5
	fmt.Println(1<<s, -5>>1, uint8(1)<<7>>7, int64(1)<<62)
	a, b := 17, -5
	fmt.Println(a/b, a%b, b/a, b%a, a&b, a|b, a^b, a&^b)
	f32 := float32(16777216)
	fmt.Println(f32+1, f32*f32, f32/3)
	var z uint64 = 1<<64 - 1
	z += 2
	fmt.Println(z, z-2)
	c := 'a'
	c += 2
	fmt.Println(c, string(c))
	y := 10
	y /= 3
	y <<= 2
	y |= 1
	y ^= 8
	y &= 0xf
	y %= 4
	fmt.Println(y)
}
