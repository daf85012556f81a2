package main

import (
	"errors"
	"fmt"
	"os"
)

type E struct{ c int }

func (e E) Error() string { return fmt.Sprint("E", e.c) }

type St struct{ a, b int }

func (s St) String() string { return "St" }
func try(f func()) (r any)  { defer func() { r = recover() }(); f(); return }
func main() {
	fmt.Println(try(func() { panic(E{1}) }), try(func() { panic(St{1, 2}) }), try(func() { panic(&E{2}) }), try(func() { panic([]int{1}) }), try(func() { panic(1.5) }))
	e := try(func() { panic(E{5}) })
	if x, ok := e.(E); ok {
		fmt.Println("E", x.c)
	}
	var pe *os.PathError
	_, err := os.ReadFile("/nope")
	fmt.Println(errors.As(err, &pe), pe.Op, pe.Path)
	r := try(func() { panic(nil) })
	fmt.Printf("%T %v\n", r, r)
}
