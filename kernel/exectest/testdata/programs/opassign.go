package main

import (
	"fmt"
)

func main() {
	x := 7
	x += 3
	x -= 1
	x *= 4
	x /= 5
	x %= 4
	x <<= 3
	x |= 5
	x &= 13
	x ^= 2
	x &^= 1
	x >>= 1
	f := 1.5
	f *= 2
	s := "a"
	s += "b"
	fmt.Println(x, f, s)
}
