package main

import (
	"fmt"
)

func main() {
	c := make(chan [2]int, 3)
	for i := range 3 {
		c <- [2]int{i, i * i}
	}
	close(c)
	n := 0
	for v := range c {
		n += v[1]
	}
	v, ok := <-c
	fmt.Println(n, v, ok)
}
