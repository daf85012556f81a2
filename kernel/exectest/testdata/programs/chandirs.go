package main

import (
	"fmt"
)

func main() {
	prod := func(c chan<- int) {
		defer close(c)
		for i := range 3 {
			c <- i
		}
	}
	cons := func(c <-chan int, done chan<- int) {
		s := 0
		for v := range c {
			s += v
		}
		done <- s
	}
	c, d := make(chan int), make(chan int)
	go prod(c)
	go cons(c, d)
	fmt.Println(<-d)
	var ro <-chan int = c
	_, ok := <-ro
	fmt.Println(ok)
}
