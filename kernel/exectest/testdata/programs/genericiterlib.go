package main

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

func Filter[T any](s iter.Seq[T], f func(T) bool) iter.Seq[T] {
	return func(y func(T) bool) {
		for v := range s {
			if f(v) && !y(v) {
				return
			}
		}
	}
}

func Map[T, U any](s iter.Seq[T], f func(T) U) iter.Seq[U] {
	return func(y func(U) bool) {
		for v := range s {
			if !y(f(v)) {
				return
			}
		}
	}
}

func Take[T any](s iter.Seq[T], n int) iter.Seq[T] {
	return func(y func(T) bool) {
		if n <= 0 {
			return
		}
		i := 0
		for v := range s {
			if !y(v) {
				return
			}
			if i++; i >= n {
				return
			}
		}
	}
}

func Zip[A, B any](a iter.Seq[A], b iter.Seq[B]) iter.Seq2[A, B] {
	return func(y func(A, B) bool) {
		nb, stop := iter.Pull(b)
		defer stop()
		for x := range a {
			z, ok := nb()
			if !ok || !y(x, z) {
				return
			}
		}
	}
}
func Nat() iter.Seq[int] {
	return func(y func(int) bool) {
		for i := 0; y(i); i++ {
		}
	}
}
func Fib(y func(int) bool) {
	a, b := 0, 1
	for y(a) {
		a, b = b, a+b
	}
}
func main() {
	fmt.Println(slices.Collect(Take(Map(Filter(Nat(), func(i int) bool { return i%3 == 0 }), func(i int) string { return fmt.Sprint("n", i) }), 4)))
	for a, b := range Zip(Nat(), slices.Values([]string{"x", "y"})) {
		fmt.Print(a, b, " ")
	}
	for f := range Fib {
		if f > 50 {
			break
		}
		fmt.Print(f, " ")
	}
	fmt.Println(maps.Collect(Zip(slices.Values([]string{"k"}), Nat())))
}
