package main

import (
	"fmt"
	"sort"
	"strings"
)

type Number interface{ ~int | ~int64 | ~float64 }

func Map[T, U any](xs []T, f func(T) U) []U {
	out := make([]U, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}
func Filter[T any](xs []T, f func(T) bool) (out []T) {
	for _, x := range xs {
		if f(x) {
			out = append(out, x)
		}
	}
	return
}
func Reduce[T, A any](xs []T, a A, f func(A, T) A) A {
	for _, x := range xs {
		a = f(a, x)
	}
	return a
}
func Sum[T Number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}
func Keys[K comparable, V any](m map[K]V) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	return out
}

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }
func (s *Stack[T]) Pop() (T, bool) {
	var zero T
	if len(s.items) == 0 {
		return zero, false
	}
	x := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x, true
}

type Pair[K comparable, V any] struct {
	Key K
	Val V
}

func MakePair[K comparable, V any](k K, v V) Pair[K, V] { return Pair[K, V]{k, v} }

type Node[T any] struct {
	val         T
	left, right *Node[T]
}

func (n *Node[T]) Insert(v T, less func(a, b T) bool) *Node[T] {
	if n == nil {
		return &Node[T]{val: v}
	}
	if less(v, n.val) {
		n.left = n.left.Insert(v, less)
	} else {
		n.right = n.right.Insert(v, less)
	}
	return n
}
func (n *Node[T]) Walk(f func(T)) {
	if n != nil {
		n.left.Walk(f)
		f(n.val)
		n.right.Walk(f)
	}
}

type Set[T comparable] map[T]struct{}

func (s Set[T]) Add(x T)      { s[x] = struct{}{} }
func (s Set[T]) Has(x T) bool { _, ok := s[x]; return ok }
func MaxOf[T Number](a, b T) T {
	if a > b {
		return a
	}
	return b
}
func Ptr[T any](x T) *T { return &x }

type MyInt int

type Op[T any] func(T, T) T

func Fold[T any](op Op[T], xs ...T) T {
	acc := xs[0]
	for _, x := range xs[1:] {
		acc = op(acc, x)
	}
	return acc
}

func main() {
	fmt.Println(Map([]int{1, 2, 3}, func(i int) string { return strings.Repeat("x", i) }))
	fmt.Println(Filter([]int{1, 2, 3, 4}, func(i int) bool { return i%2 == 0 }))
	fmt.Println(Reduce([]int{1, 2, 3}, 0.5, func(a float64, x int) float64 { return a + float64(x) }))
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2), Sum[int64]())
	k := Keys(map[string]int{"b": 1, "a": 2})
	sort.Strings(k)
	fmt.Println(k)
	var s Stack[string]
	s.Push("a")
	s.Push("b")
	v, ok := s.Pop()
	fmt.Println(v, ok, len(s.items))
	p := MakePair("k", 3)
	fmt.Println(p.Key, p.Val, p)
	var root *Node[int]
	for _, x := range []int{5, 2, 8, 1} {
		root = root.Insert(x, func(a, b int) bool { return a < b })
	}
	root.Walk(func(x int) { fmt.Print(x, " ") })
	fmt.Println()
	set := Set[string]{}
	set.Add("q")
	fmt.Println(set.Has("q"), set.Has("r"), len(set))
	fmt.Println(MaxOf(3, 7), MaxOf(2.5, 1), MaxOf[MyInt](3, 2), *Ptr(5))
	fmt.Println(Fold(func(a, b string) string { return b + a }, "a", "b", "c"))
}
