package main

import "fmt"

func main() {
	c := make(chan int, 3)
	c <- 1
	c <- 2
	fmt.Println(len(c), cap(c))
	close(c)
	v, ok := <-c
	fmt.Println(v, ok)
	for x := range c {
		fmt.Println(x)
	}
	v, ok = <-c
	fmt.Println(v, ok)
	defer func() { fmt.Println(recover()) }()
	c <- 1
}
