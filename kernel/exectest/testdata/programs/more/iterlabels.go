package main

import "fmt"

func up(n int) func(func(int) bool) {
	return func(y func(int) bool) {
		for i := range n {
			if !y(i) {
				return
			}
		}
	}
}

func main() {
outer:
	for i := range up(4) {
		for j := range up(4) {
			switch {
			case j == i:
				continue outer
			case i == 3:
				break outer
			}
			fmt.Print(i, j, ";")
		}
	}
	fmt.Println()
}
