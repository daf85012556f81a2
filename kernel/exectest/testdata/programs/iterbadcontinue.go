package main

import "fmt"

func bad(y func(int) bool) { y(1); y(2) }
func main() {
	defer func() { fmt.Println(recover()) }()
	for i := range bad {
		fmt.Println(i)
		break
	}
}
