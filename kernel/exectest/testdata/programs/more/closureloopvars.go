package main

import "fmt"

func main() {
	var fs []func()
	for i, s := range []string{"a", "b"} {
		for j := 0; j < 2; j++ {
			fs = append(fs, func() { i++; j *= 2; fmt.Print(i, j, s, " ") })
		}
	}
	for _, f := range fs {
		f()
		f()
	}
	fmt.Println()
}
