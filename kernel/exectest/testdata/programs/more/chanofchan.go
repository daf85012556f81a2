package main

import "fmt"

type req struct {
	n     int
	reply chan<- int
}

func main() {
	reqs := make(chan req)
	go func() {
		for r := range reqs {
			r.reply <- r.n * 2
		}
	}()
	for i := range 3 {
		c := make(chan int)
		reqs <- req{i, c}
		fmt.Println(<-c)
	}
	cc := make(chan chan string, 1)
	c := make(chan string, 1)
	cc <- c
	(<-cc) <- "hi"
	fmt.Println(<-c)
	var ro <-chan string = c
	fmt.Printf("%T %T\n", ro, reqs)
}
