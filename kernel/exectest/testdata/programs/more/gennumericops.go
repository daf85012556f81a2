package main

import "fmt"

type Num interface {
	~int | ~int8 | ~uint8 | ~float32 | ~float64
}

func Sum[T Num](xs []T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}
func Shl[T ~int8 | ~uint8](x T, n uint) T { return x << n }

type Celsius float32

func main() {
	fmt.Println(Sum([]int8{100, 100}), Sum([]uint8{200, 100}), Sum([]float32{0.1, 0.2}), Sum([]Celsius{1.5, 2.25}))
	fmt.Println(Shl(int8(3), 6), Shl(uint8(3), 7), Shl(int8(-1), 9))
	fmt.Printf("%T\n", Sum([]Celsius{1}))
}
