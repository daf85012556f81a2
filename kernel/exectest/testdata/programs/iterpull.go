package main

import (
	"fmt"
	"iter"
)

func count(n int) iter.Seq[int] {
	return func(y func(int) bool) {
		defer fmt.Println("done")
		for i := range n {
			if !y(i) {
				return
			}
		}
	}
}

func main() {
	next, stop := iter.Pull(count(5))
	fmt.Println(next())
	fmt.Println(next())
	stop()
	fmt.Println(next())
	n2, s2 := iter.Pull2(func(y func(string, int) bool) { y("a", 1) })
	defer s2()
	fmt.Println(n2())
	fmt.Println(n2())
}
