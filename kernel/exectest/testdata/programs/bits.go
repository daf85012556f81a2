package main

import (
	"fmt"
	"math/bits"
)

func main() {
	fmt.Println(bits.OnesCount(255), bits.LeadingZeros64(1), bits.Len(8), bits.Reverse8(1))
	var h uint64 = 14695981039346656037
	for _, c := range []byte("hash") {
		h ^= uint64(c)
		h *= 1099511628211
	}
	fmt.Println(h, h>>60, uint32(h), int32(h))
	var l uint32 = 12345
	l ^= l << 13
	l ^= l >> 17
	l ^= l << 5
	fmt.Println(l)
}
