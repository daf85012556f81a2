package main

import (
	"fmt"
)

func main() {
	sum := 0
	for i := range 10 {
		if i%2 == 0 {
			continue
		}
		sum += i
	}
	var arr [5]int
	for i := range arr {
		arr[i] = i * i
	}
	for i, v := range arr[1:3] {
		sum += i * v
	}
	for range 2 {
		sum++
	}
	for i, c := range "ab" {
		sum += i + int(c)
	}
	fmt.Println(sum, arr)
}
