package main

import (
	"log"
	"os"
)

func main() {
	l := log.New(os.Stdout, "p: ", 0)
	l.Println("hello", 1)
	l.Printf("%d", 5)
	l.SetPrefix("q: ")
	l.Print("x")
}
