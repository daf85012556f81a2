package main

import "fmt"

func up(y func(int) bool) { defer func() { fmt.Println("cleanup", recover()); panic("again") }(); y(1) }

func main() {
	defer func() { fmt.Println("main", recover()) }()
	for i := range up {
		panic(fmt.Sprint("body ", i))
	}
}
