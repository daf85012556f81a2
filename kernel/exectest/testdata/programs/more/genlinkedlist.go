package main

import "fmt"

type (
	List[T any] struct {
		head, tail *node[T]
		n          int
	}
	node[T any] struct {
		v    T
		next *node[T]
	}
)

func (l *List[T]) Push(v T) *List[T] {
	nd := &node[T]{v: v}
	if l.tail == nil {
		l.head = nd
	} else {
		l.tail.next = nd
	}
	l.tail = nd
	l.n++
	return l
}

func (l *List[T]) All() func(func(int, T) bool) {
	return func(y func(int, T) bool) {
		i := 0
		for n := l.head; n != nil; n = n.next {
			if !y(i, n.v) {
				return
			}
			i++
		}
	}
}

func MapList[T, U any](l *List[T], f func(T) U) *List[U] {
	r := &List[U]{}
	for _, v := range l.All() {
		r.Push(f(v))
	}
	return r
}

func main() {
	l := (&List[int]{}).Push(1).Push(2).Push(3)
	for i, s := range MapList(l, func(i int) string { return fmt.Sprint("<", i*i, ">") }).All() {
		fmt.Println(i, s)
	}
	fmt.Printf("%T %d\n", l, l.n)
}
