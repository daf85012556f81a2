package main

import (
	"errors"
	"fmt"
)

type A struct{ n int }

func (a A) Error() string { return "A" }

type B int

func (b B) Error() string { return "B" }
func (a A) As(t any) bool {
	if p, ok := t.(*B); ok {
		*p = B(a.n)
		return true
	}
	return false
}
func main() { var b B; fmt.Println(errors.As(A{4}, &b), int(b)) }
