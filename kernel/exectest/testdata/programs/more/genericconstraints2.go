package main

import (
	"cmp"
	"fmt"
	"strings"
)

type (
	Number        interface{ ~int | ~int32 | ~float64 }
	Vec[T Number] []T
)

func (v Vec[T]) Dot(w Vec[T]) (s T) {
	for i := range v {
		s += v[i] * w[i]
	}
	return
}
func (v Vec[T]) Map(f func(T) T) Vec[T] {
	out := make(Vec[T], len(v))
	for i, x := range v {
		out[i] = f(x)
	}
	return out
}

type Matrix[T Number] [][]T

func MaxBy[T any, K cmp.Ordered](xs []T, key func(T) K) (best T) {
	for i, x := range xs {
		if i == 0 || key(x) > key(best) {
			best = x
		}
	}
	return
}
func Keys[M ~map[K]V, K comparable, V any](m M) int { return len(m) }
func Ptr[T any](v T) *T                             { return &v }

type Opt[T any] func(*T)

func New[T any](opts ...Opt[T]) T {
	var t T
	for _, o := range opts {
		o(&t)
	}
	return t
}

type Cfg struct {
	a int
	b string
}

func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type (
	Eq[T any] interface{ Equal(T) bool }
	CI        string
)

func (c CI) Equal(d CI) bool { return strings.EqualFold(string(c), string(d)) }
func Idx[T Eq[T]](xs []T, x T) int {
	for i, y := range xs {
		if y.Equal(x) {
			return i
		}
	}
	return -1
}

func main() {
	fmt.Println(Vec[int]{1, 2}.Dot(Vec[int]{3, 4}), Vec[float64]{1.5}.Map(func(f float64) float64 { return f * 2 }), MaxBy([]string{"a", "ccc", "bb"}, func(s string) int { return len(s) }), Keys(map[string]int{"a": 1}), *Ptr(5))
	fmt.Println(New(func(c *Cfg) { c.a = 3 }, func(c *Cfg) { c.b = "x" }), Idx([]CI{"A", "b"}, "B"))
	defer func() { fmt.Println(recover()) }()
	fmt.Println(Must(1, nil))
	Must(0, fmt.Errorf("bad"))
	_ = Matrix[int]{}
}
