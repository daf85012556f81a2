package main

import (
	"fmt"
)

func main() {
	s := []int{1, 2, 3}
	s = append(s, s...)
	s = append(s[1:], s[0])
	fmt.Println(s)
	copy(s[1:], s)
	fmt.Println(s)
	b := []byte("hello")
	n := copy(b, "HE")
	fmt.Println(string(b), n)
	var z [][]int
	for i := range 3 {
		row := []int{i}
		z = append(z, row)
	}
	z[0][0] = 9
	fmt.Println(z)
}
