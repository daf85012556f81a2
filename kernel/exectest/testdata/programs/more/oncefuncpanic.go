package main

import (
	"fmt"
	"sync"
)

func main() {
	f := sync.OnceFunc(func() { panic("first") })
	for range 2 {
		func() { defer func() { fmt.Println(recover()) }(); f() }()
	}
	g := sync.OnceValues(func() (int, error) { return 1, fmt.Errorf("e") })
	fmt.Println(g())
	fmt.Println(g())
}
