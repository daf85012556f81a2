package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	c := make(chan int)
	done := make(chan struct{})
	go func() {
		for v := range c {
			fmt.Print(v, " ")
		}
		close(done)
	}()
	for i := range 4 {
		c <- i
	}
	close(c)
	<-done
	select {
	case <-time.After(5 * time.Millisecond):
		fmt.Println("timeout")
	case <-make(chan int):
	}
	b := make(chan string, 2)
	b <- "x"
	select {
	case b <- "y":
		fmt.Println("sent", len(b), cap(b))
	default:
		fmt.Println("full")
	}
	select {
	case b <- "z":
		fmt.Println("sent")
	default:
		fmt.Println("full")
	}
	close(b)
	for s := range b {
		fmt.Print(s)
	}
	v, ok := <-b
	fmt.Println(v == "", ok)
	var wg sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for i := 1; i <= 20; i++ {
		wg.Add(1)
		go func(n int) {
			defer wg.Done()
			mu.Lock()
			defer mu.Unlock()
			sum += n * i
		}(i)
	}
	wg.Wait()
	fmt.Println(sum)
	cc := make(chan chan int, 1)
	r := make(chan int, 1)
	cc <- r
	(<-cc) <- 42
	fmt.Println(<-r)
	var once sync.Once
	for range 3 {
		once.Do(func() { fmt.Println("once") })
	}
	gen := func(n int) <-chan int {
		out := make(chan int)
		go func() {
			defer close(out)
			for i := range n {
				out <- i
			}
		}()
		return out
	}
	sq := func(in <-chan int) <-chan int {
		out := make(chan int)
		go func() {
			defer close(out)
			for v := range in {
				out <- v * v
			}
		}()
		return out
	}
	for v := range sq(gen(5)) {
		fmt.Print(v, " ")
	}
	fmt.Println()
	tick := time.NewTicker(time.Millisecond)
	n := 0
	for range tick.C {
		if n++; n == 3 {
			tick.Stop()
			break
		}
	}
	fmt.Println(n)
	var nilc chan int
	select {
	case <-nilc:
	default:
		fmt.Println("nil chan blocks")
	}
}
