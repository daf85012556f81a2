package main

import "fmt"

func even[T ~int](n T) bool {
	if n == 0 {
		return true
	}
	return odd(n - 1)
}
func odd[T ~int](n T) bool {
	if n == 0 {
		return false
	}
	return even(n - 1)
}

type I int

func main() { fmt.Println(even(10), odd(I(7)), even(I(3))) }
