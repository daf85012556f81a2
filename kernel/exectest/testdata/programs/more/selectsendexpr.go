package main

import "fmt"

func f(s string) int                   { fmt.Println("eval", s); return len(s) }
func ch(c chan int, s string) chan int { fmt.Println("chan", s); return c }
func main() {
	c := make(chan int, 1)
	a := [3]int{}
	i := 0
	select {
	case ch(c, "a") <- f("xyz"):
		fmt.Println("sent")
	case a[i] = <-ch(nil, "b"):
	}
	select {
	case a[f("z")] = <-c:
		fmt.Println(a)
	}
}
