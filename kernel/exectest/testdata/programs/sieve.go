package main

import (
	"fmt"
)

func main() {
	n := 50
	comp := make([]bool, n+1)
	var primes []int
	for i := 2; i <= n; i++ {
		if comp[i] {
			continue
		}
		primes = append(primes, i)
		for j := i * i; j <= n; j += i {
			comp[j] = true
		}
	}
	fmt.Println(primes)
}
