package main

import "fmt"

func main() {
	var s8 int8 = -1
	var u8 uint8 = 0x81
	var n uint = 3
	var k int = 9
	fmt.Println(s8<<n, s8>>n, u8<<n, u8>>n, s8<<k, u8>>k, uint8(s8)>>n)
	fmt.Println(1<<n, int32(1)<<30, uint32(1)<<31, int64(1)<<62, 1<<62, uint64(1)<<63)
	var i32 int32 = -2147483648
	fmt.Println(i32>>31, uint32(i32)>>31, i32>>40, i32<<1, -i32, i32/-1)
	var f = float64(int(1) << n)
	fmt.Println(f)
	var w int64 = 1.0 << 3
	fmt.Println(w)
	var x uint64 = 0xDEADBEEFCAFEBABE
	fmt.Printf("%x %x %x %x\n", x<<8, x>>60, x&^0xFF, x^(x<<1))
	x <<= 4
	x >>= 8
	x |= 1
	x &^= 2
	x ^= 0xF
	fmt.Printf("%x\n", x)
	var u16 uint16 = 0xFFFF
	u16 <<= 4
	fmt.Println(u16, u16>>4, ^u16, -u16)
	for i := range 70 {
		if i%23 == 0 {
			fmt.Print(uint64(1)<<i, " ", int32(-7)>>i, " ")
		}
	}
	fmt.Println()
	a := []int{1, 2, 3}
	sh := uint8(2)
	fmt.Println(a[1<<sh>>1&1], len(a)<<sh)
	var b byte = 'a'
	fmt.Println(b<<1, b>>1, int(b)<<8|int(b))
	var p uintptr = 1
	fmt.Println(p << 10)
	h := uint32(2166136261)
	for _, c := range []byte("hash") {
		h ^= uint32(c)
		h *= 16777619
	}
	fmt.Println(h)
	r := uint32(0x12345678)
	fmt.Printf("%x\n", r<<7|r>>(32-7))
	var i8 int8 = 127
	i8 += 1
	fmt.Println(i8, i8-1, int8(i8*2), uint8(200)+uint8(k)*10)
	m := map[string]uint8{"a": 250}
	m["a"] += 10
	m["a"] <<= 1
	fmt.Println(m)
	type st struct{ v int16 }
	q := st{32767}
	q.v++
	q.v >>= 3
	fmt.Println(q)
	c := 1<<3 + 1<<2*2 - 5&3 | 8 ^ 2
	fmt.Println(c, 1+2<<3, 6&^3<<1, -5>>1, ^5&0xF)
	var big int64 = 1 << 40
	fmt.Println(int32(big), uint8(big>>36), int8(big>>33), float32(big))
	fmt.Println(int8(u8), uint16(s8), int(uint8(s8)), uint32(s8-5), int64(uint32(1<<31)))
}
