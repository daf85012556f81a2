package main

import (
	"fmt"
	"math"
)

type Weekday int

const (
	Sunday Weekday = iota
	Monday
	Tuesday
	_
	Thursday
)
const (
	KB = 1 << (10 * (iota + 1))
	MB
)
const (
	a, b = iota, iota * 10
	c, d
)
const big = 1 << 100
const typed uint8 = 255

type Flags uint

const (
	F1 Flags = 1 << iota
	F2
	F3
)

func (d Weekday) String() string { return [...]string{"Sun", "Mon", "Tue", "Wed", "Thu"}[d] }

func main() {
	fmt.Println(Sunday, Monday, Thursday, KB, MB, a, b, c, d)
	fmt.Println(big>>98, typed, F1|F3, F2&^F2, ^F1&7)
	fmt.Printf("%d %v %s %x %08b %q\n", Tuesday, Tuesday, Tuesday, Tuesday, F3|F1, 'x')
	const f = 2.0
	var i int = f
	var u8 uint8 = typed
	u8++
	fmt.Println(i, u8, 7/2, -7/2, 7%3, -7%3, 7.0/2, 1/2.0)
	fmt.Println(math.MaxInt64, uint64(math.MaxUint64), math.Pi)
	x := 10
	fmt.Println(1<<x, -5>>1, uint32(1)<<31)
	var s uint = 70
	fmt.Println(1<<s == 0, int32(1)<<s, -1>>s)
	const huge = 1e400 / 1e390
	fmt.Println(huge, 'a'+1, string(rune('a'+1)), "s"+"t")
	var dd Weekday = Monday + 1
	fmt.Println(dd, dd == Tuesday, Weekday(4))
	fmt.Println(0x1p-2, 0b101, 0o17, 1_000_000, 'a', '\n', "\u00e9", `raw\n`)
	fmt.Println(len("héllo"), complex(1, 2)*complex(0, 1), real(3+4i))
}
