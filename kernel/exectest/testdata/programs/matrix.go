package main

import (
	"fmt"
)

func main() {
	mul := func(a, b [][]float64) [][]float64 {
		c := make([][]float64, len(a))
		for i := range c {
			c[i] = make([]float64, len(b[0]))
			for j := range c[i] {
				for k := range b {
					c[i][j] += a[i][k] * b[k][j]
				}
			}
		}
		return c
	}
	fmt.Println(mul([][]float64{{1, 2}, {3, 4}}, [][]float64{{0, 1}, {1, 0}}))
}
