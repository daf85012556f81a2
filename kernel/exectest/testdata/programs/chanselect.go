package main

import (
	"fmt"
	"time"
)

func main() {
	a, b := make(chan int), make(chan string, 1)
	b <- "x"
	select {
	case v := <-a:
		fmt.Println(v)
	case s := <-b:
		fmt.Println(s)
	}
	select {
	case <-a:
	default:
		fmt.Println("default")
	}
	go func() { a <- 7 }()
	select {
	case v, ok := <-a:
		fmt.Println(v, ok)
	case <-time.After(time.Minute):
	}
	var n chan int
	select {
	case n <- 1:
	case <-n:
	default:
		fmt.Println("nil")
	}
	done := make(chan struct{})
	close(done)
	for i := 0; i < 3; i++ {
		select {
		case <-done:
			fmt.Println("closed", i)
		}
	}
}
