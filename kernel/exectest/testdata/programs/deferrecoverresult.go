package main

import (
	"errors"
	"fmt"
)

func safe(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("wrapped: %w", r)
		default:
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	f()
	return nil
}

var ErrX = errors.New("x")

func main() {
	fmt.Println(safe(func() {}), safe(func() { panic("p") }), safe(func() { panic(ErrX) }), errors.Is(safe(func() { panic(ErrX) }), ErrX))
	fmt.Println(safe(func() { var m map[string]int; m["a"] = 1 }))
	fmt.Println(safe(func() { var p *struct{ x int }; p.x = 1 }))
	z := 0
	fmt.Println(safe(func() { _ = 1 / z }))
	fmt.Println(safe(func() { var e any = "s"; _ = e.(int) }))
	fmt.Println(safe(func() { n := -1; _ = make([]int, n) }))
	fmt.Println(safe(func() { panic(nil) }))
}
