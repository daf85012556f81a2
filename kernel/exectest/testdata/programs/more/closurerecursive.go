package main

import "fmt"

func main() {
	var fib func(int) int
	fib = func(n int) int {
		if n < 2 {
			return n
		}
		return fib(n-1) + fib(n-2)
	}
	fmt.Println(fib(15))
	memo := map[int]int{}
	fib = func(n int) int {
		if v, ok := memo[n]; ok {
			return v
		}
		if n < 2 {
			return n
		}
		memo[n] = fib(n-1) + fib(n-2)
		return memo[n]
	}
	fmt.Println(fib(60))
}
