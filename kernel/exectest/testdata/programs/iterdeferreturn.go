package main

import "fmt"

func seq(y func(int) bool) {
	defer fmt.Println("seq end")
	for i := 0; ; i++ {
		if !y(i) {
			fmt.Println("stopped", i)
			return
		}
	}
}

func f() (s int) {
	defer func() { s *= 10 }()
	for i := range seq {
		s += i
		if i == 3 {
			return s
		}
	}
	return -1
}
func main() { fmt.Println(f()) }
