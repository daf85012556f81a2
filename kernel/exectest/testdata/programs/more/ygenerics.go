package main

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
)

type (
	Num           interface{ ~int | ~float64 }
	Matrix[T Num] struct {
		r, c int
		d    []T
	}
)

func NewM[T Num](r, c int, d ...T) Matrix[T] { return Matrix[T]{r, c, d} }
func (m Matrix[T]) Mul(o Matrix[T]) Matrix[T] {
	out := NewM[T](m.r, o.c, make([]T, m.r*o.c)...)
	for i := range m.r {
		for j := range o.c {
			for k := range m.c {
				out.d[i*o.c+j] += m.d[i*m.c+k] * o.d[k*o.c+j]
			}
		}
	}
	return out
}

type Heap[T any] struct {
	xs   []T
	less func(a, b T) bool
}

func (h *Heap[T]) Push(x T) {
	h.xs = append(h.xs, x)
	for i := len(h.xs) - 1; i > 0; {
		p := (i - 1) / 2
		if !h.less(h.xs[i], h.xs[p]) {
			break
		}
		h.xs[i], h.xs[p] = h.xs[p], h.xs[i]
		i = p
	}
}

func (h *Heap[T]) Pop() T {
	x := h.xs[0]
	n := len(h.xs) - 1
	h.xs[0] = h.xs[n]
	h.xs = h.xs[:n]
	for i := 0; ; {
		l := 2*i + 1
		if l >= n {
			break
		}
		if l+1 < n && h.less(h.xs[l+1], h.xs[l]) {
			l++
		}
		if !h.less(h.xs[l], h.xs[i]) {
			break
		}
		h.xs[i], h.xs[l] = h.xs[l], h.xs[i]
		i = l
	}
	return x
}

func GroupBy[K comparable, V any](xs []V, f func(V) K) map[K][]V {
	m := map[K][]V{}
	for _, x := range xs {
		m[f(x)] = append(m[f(x)], x)
	}
	return m
}

func SortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	ks := make([]K, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	return ks
}

type Opt[T any] struct{ v *T }

func Some[T any](v T) Opt[T] { return Opt[T]{&v} }
func (o Opt[T]) Or(d T) T {
	if o.v == nil {
		return d
	}
	return *o.v
}

type LRU[K comparable, V any] struct {
	cap   int
	order []K
	m     map[K]V
}

func (l *LRU[K, V]) Put(k K, v V) {
	if l.m == nil {
		l.m = map[K]V{}
	}
	if i := slices.Index(l.order, k); i >= 0 {
		l.order = slices.Delete(l.order, i, i+1)
	} else if len(l.order) == l.cap {
		delete(l.m, l.order[0])
		l.order = l.order[1:]
	}
	l.order = append(l.order, k)
	l.m[k] = v
}

func main() {
	fmt.Println(NewM(2, 2, 1, 2, 3, 4).Mul(NewM(2, 1, 5, 6)).d, NewM(1, 1, 1.5).Mul(NewM(1, 1, 2.0)))
	h := &Heap[string]{less: func(a, b string) bool { return len(a) < len(b) || len(a) == len(b) && a < b }}
	for _, s := range strings.Fields("pear fig apple kiwi date") {
		h.Push(s)
	}
	for len(h.xs) > 0 {
		fmt.Print(h.Pop(), " ")
	}
	fmt.Println()
	g := GroupBy([]int{1, 2, 3, 4, 5}, func(i int) string {
		if i%2 == 0 {
			return "even"
		}
		return "odd"
	})
	for _, k := range SortedKeys(g) {
		fmt.Println(k, g[k])
	}
	fmt.Println(Some(3).Or(1), Opt[string]{}.Or("d"))
	l := &LRU[string, int]{cap: 2}
	l.Put("a", 1)
	l.Put("b", 2)
	l.Put("a", 3)
	l.Put("c", 4)
	fmt.Println(l.order, l.m)
	fmt.Printf("%T %T\n", h, Some(1))
	xs := []struct {
		n string
		a int
	}{{"x", 2}, {"y", 1}}
	sort.Slice(xs, func(i, j int) bool { return xs[i].a < xs[j].a })
	fmt.Println(xs)
}
