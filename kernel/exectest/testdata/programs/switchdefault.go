package main

import "fmt"

func where(n int) (s string) {
	switch n {
	case 5:
		s += "five "
		fallthrough
	default:
		s += "default "
		fallthrough
	case 6:
		s += "six "
	case 7:
		s += "seven "
	}
	return s
}

func cond(n int) (s string) {
	switch x := n * 2; {
	default:
		s += "default "
		fallthrough
	case x > 10:
		s += "big "
	case x < 0:
		s += "negative "
		break
	}
	return s
}

func main() {
	for _, n := range []int{4, 5, 6, 7} {
		fmt.Println(where(n))
	}
	for _, n := range []int{-1, 1, 6} {
		fmt.Println(cond(n))
	}
	a, b := make(chan int), make(chan int)
	switch a {
	case b:
		fmt.Println("b")
	case a:
		fmt.Println("a")
	}
}
