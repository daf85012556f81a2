package main

import "fmt"

type (
	Set[T comparable] = map[T]struct{}
	Pair[A, B any]    struct {
		First  A
		Second B
	}
	IntPair = Pair[int, int]
)

func main() {
	s := Set[string]{"a": {}}
	_, ok := s["a"]
	p := IntPair{1, 2}
	fmt.Println(len(s), ok, p)
	fmt.Printf("%T %T %+v\n", s, p, p)
}
