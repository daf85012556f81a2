package main

import "fmt"

func main() {
	for i := 0; i < 3; i++ {
		defer func() { fmt.Print("d", i, " ") }()
	}
	var fs []func() int
	for i := 0; i < 3; i++ {
		j := i
		fs = append(fs, func() int { j++; return i*10 + j })
	}
	for _, f := range fs {
		f()
		fmt.Print(f(), " ")
	}
	for i, p := 0, new(int); i < 3; i, p = i+1, &i {
		*p += 0
		fmt.Print(i)
	}
	fmt.Println()
}
