package main

import (
	"fmt"
	"time"
)

func main() {
	tick := make(chan int)
	quit := make(chan struct{})
	go func() {
		for i := range 3 {
			tick <- i
		}
		close(quit)
	}()
	sum := 0
loop:
	for {
		select {
		case v := <-tick:
			sum += v
			continue loop
		case <-quit:
			break loop
		case <-time.After(time.Minute):
			panic("late")
		}
	}
	fmt.Println(sum)
	var in, out chan int = make(chan int, 1), nil
	in <- 5
	var pend int
	for n := 0; n < 2; n++ {
		select {
		case v := <-in:
			pend = v
			in = nil
			out = make(chan int, 1)
		case out <- pend:
			fmt.Println("out", <-out)
		}
	}
}
