package main

import "fmt"

type (
	Setter[T any] interface {
		*T
		Set(string)
	}
	A struct{ s string }
)

func (a *A) Set(s string) { a.s = s }

type B int

func (b *B) Set(s string) { *b = B(len(s)) }
func Parse[T any, P Setter[T]](xs []string) []T {
	out := make([]T, len(xs))
	for i, x := range xs {
		P(&out[i]).Set(x)
	}
	return out
}
func Zero[T any]() T { var z T; return z }
func main() {
	fmt.Println(Parse[A]([]string{"x", "yy"}), Parse[B]([]string{"x", "yy"}))
	fmt.Println(Zero[int](), Zero[*int]() == nil, Zero[[2]string](), Zero[error]() == nil)
}
