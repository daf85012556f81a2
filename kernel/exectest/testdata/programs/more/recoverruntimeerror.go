package main

import (
	"fmt"
	"runtime"
)

func main() {
	defer func() {
		r := recover()
		e, ok := r.(runtime.Error)
		fmt.Println(ok, e)
		_, isErr := r.(error)
		fmt.Println(isErr)
	}()
	var a [3]int
	for i := range 4 {
		j := i
		a[j%4] = i
	}
}
