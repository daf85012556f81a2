package main

import (
	"fmt"
	"math/rand"
	rv2 "math/rand/v2"
)

func main() {
	r := rand.New(rand.NewSource(42))
	fmt.Println(r.Intn(100), r.Float64(), r.Perm(5))
	r2 := rv2.New(rv2.NewPCG(1, 2))
	fmt.Println(r2.IntN(100), r2.Float64(), r2.Perm(4), rv2.N(10) < 10)
	s := []int{1, 2, 3}
	r2.Shuffle(3, func(i, j int) { s[i], s[j] = s[j], s[i] })
	fmt.Println(s)
	z := rv2.NewZipf(r2, 1.5, 2, 100)
	fmt.Println(z.Uint64())
}
