package main

import (
	"fmt"
	"math"
	"time"
)

type Weekday int

const (
	Sun Weekday = iota
	Mon
	Tue
)

func (d Weekday) String() string { return [...]string{"Sun", "Mon", "Tue"}[d] }

const (
	_  = iota
	KB = 1 << (10 * iota)
	MB
	GB
)
const (
	a, b = iota, iota * 10
	c, d
	_, _
	e, f
)
const Big = 1 << 100
const (
	x = "abc"
	y = len(x)
	z = x == "abc" || false
)

type Bits uint8

const (
	F0 Bits = 1 << iota
	F1
	F2
)
const h = Big >> 98
const third = 1.0 / 3
const cc = 'a' + 1
const ms = 1500 * time.Millisecond

func main() {
	fmt.Println(Sun, Mon, Tue, KB, MB, GB, a, b, c, d, e, f, h, y, z)
	fmt.Printf("%T %T %T %T %v\n", third, cc, ms, Big>>90, ms)
	fmt.Println(F0|F2, F1&^F1, ^F0, -7/2, -7%3, 7&^5, 1<<3|1, third*3 == 1)
	var u8 uint8 = 255
	u8++
	var i8 int8 = -128
	i8--
	fmt.Println(u8, i8, -i8, ^u8, u8-1)
	fmt.Println(math.MaxInt64, uint64(math.MaxUint64), math.MinInt64, math.Pi, float32(math.Pi), math.SmallestNonzeroFloat64)
	const k = 5.0
	var arr [k]int
	fmt.Println(len(arr), 10/k, 10/4, 10/4.0, 1/2*3.0, 3.0*1/2)
	var f32 float32 = 16777216
	fmt.Println(f32+1 == f32, 0.1+0.2, float32(0.1)+float32(0.2))
	v := 0.1
	w := 0.2
	fmt.Println(v+w, v+w == 0.3, 0.1+0.2 == 0.3)
	const maxU = ^uint32(0)
	fmt.Println(maxU, uint16(maxU>>16), int32(maxU>>1))
	fmt.Println(len("héllo"), len([...]int{1, 2}), cap([3]int{}), 'x', "\u00e9\x41\101", `raw\n`)
	fmt.Println(1e3, 0x1p-2, 0b101, 0o17, 1_000_000, 0xFF, 'a'*2, 1i*1i)
	var dur time.Duration = 2*time.Hour + 3*time.Minute
	fmt.Println(dur, dur.Minutes(), dur/time.Minute)
	var s uint = 70
	fmt.Println(1<<s == 0, int64(1)<<s, uint32(1)<<31>>s, -1>>s, int8(-128)>>1)
	fmt.Println(complex(1, 2)*complex(3, -1), real(2i), 5%-3, -5%3, 5.5/2)
	var r rune = 'é'
	fmt.Println(string(r), r, string(rune(65)), []byte("é"), []rune("é"))
	const typed int64 = 5
	var q = typed << 2
	fmt.Printf("%T %v\n", q, q)
	fmt.Println(Weekday(1), []Weekday{0, 2}, map[Weekday]int{Mon: 1}, struct{ D Weekday }{Tue})
}
