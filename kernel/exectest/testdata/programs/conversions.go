package main

import (
	"fmt"
	"math"
	"strconv"
)

type Celsius float64
type ID string
type Bytes []byte

func main() {
	var i8 int8 = 127
	i8++
	var u uint16 = 0
	u--
	var i32 int32 = math.MaxInt32
	i32 += 2
	fmt.Println(i8, u, i32)
	n := 300
	fmt.Println(uint8(n), int8(n), uint32(1<<32-1), int64(int32(-5)))
	f := -3.7
	fmt.Println(int(f), int64(-f), float32(0.1), float64(float32(0.1)))
	m := -1
	fmt.Println(uint8(m), uint64(m), uint32(m))
	var i64 int64 = 1 << 40
	fmt.Println(int32(i64+5), int16(i64-1))
	s := "héé"
	fmt.Println([]byte(s), []rune(s), string([]rune{104, 233}), string([]byte{65, 66}))
	c := Celsius(36.6)
	fmt.Println(c, float64(c)*2, Celsius(1)+c)
	id := ID("x") + "y"
	fmt.Println(id, string(id), len(id), id == "xy")
	b := Bytes("abc")
	b[0] = 'z'
	fmt.Println(string(b), b)
	arr := [4]int{1, 2, 3, 4}
	sl := arr[:]
	sl[0] = 9
	back := [4]int(sl)
	sl[1] = 8
	fmt.Println(arr, back)
	p := (*[2]int)(sl)
	p[1] = 77
	fmt.Println(arr)
	x := uint32(0xdeadbeef)
	fmt.Printf("%x %x %d\n", x>>16, uint16(x), int32(x))
	fmt.Println(x*x, x<<4, ^x, -x, x&^0xff)
	mul := int64(math.MaxInt64)
	fmt.Println(mul*2, mul+1, -(-mul - 1))
	v, err := strconv.Atoi("12x")
	fmt.Println(v, err)
	fmt.Println(strconv.Quote("a\"b"), strconv.FormatInt(-255, 16), strconv.Itoa(5)+"6")
	fmt.Println(math.Inf(1), math.NaN(), -math.Inf(1), math.Copysign(0, -1))
	nan := math.NaN()
	fmt.Println(nan == nan, nan < 1, nan != nan, min(1, nan), max(0.0, -0.0))
	fmt.Println(int8(100)+int8(n-270), 5.0/3, float32(5)/3)
}
