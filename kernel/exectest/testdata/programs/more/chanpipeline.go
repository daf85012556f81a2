package main

import (
	"fmt"
	"sync"
)

func gen(n int) <-chan int {
	c := make(chan int)
	go func() {
		defer close(c)
		for i := range n {
			c <- i
		}
	}()
	return c
}

func sq(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		for v := range in {
			out <- v * v
		}
		close(out)
	}()
	return out
}

func main() {
	s := 0
	for v := range sq(sq(gen(10))) {
		s += v
	}
	fmt.Println(s)
	var wg sync.WaitGroup
	res := make([]int, 5)
	for i := range res {
		wg.Add(1)
		go func() { defer wg.Done(); res[i] = i * 10 }()
	}
	wg.Wait()
	fmt.Println(res)
}
