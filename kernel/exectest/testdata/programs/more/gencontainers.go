package main

import "fmt"

type Tree[T any] struct {
	Left, Right *Tree[T]
	Val         T
}

func (t *Tree[T]) Insert(v T, less func(a, b T) bool) *Tree[T] {
	if t == nil {
		return &Tree[T]{Val: v}
	}
	if less(v, t.Val) {
		t.Left = t.Left.Insert(v, less)
	} else {
		t.Right = t.Right.Insert(v, less)
	}
	return t
}
func (t *Tree[T]) Walk(f func(T) bool) bool {
	return t == nil || t.Left.Walk(f) && f(t.Val) && t.Right.Walk(f)
}
func (t *Tree[T]) All() func(func(T) bool) { return func(y func(T) bool) { t.Walk(y) } }

type Num interface{ ~int | ~int64 | ~float64 }

func Sum[T Num](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}
func Map[K comparable, V, W any](m map[K]V, f func(K, V) W) map[K]W {
	r := make(map[K]W, len(m))
	for k, v := range m {
		r[k] = f(k, v)
	}
	return r
}
func Reduce[T, A any](xs []T, a A, f func(A, T) A) A {
	for _, x := range xs {
		a = f(a, x)
	}
	return a
}

type Set[T comparable] map[T]struct{}

func (s Set[T]) Add(vs ...T) Set[T] {
	for _, v := range vs {
		s[v] = struct{}{}
	}
	return s
}
func (s Set[T]) Has(v T) bool { _, ok := s[v]; return ok }

type Pair[A, B any] struct {
	First  A
	Second B
}

func MakePair[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{a, b} }
func (p Pair[A, B]) Swap() Pair[B, A]        { return Pair[B, A]{p.Second, p.First} }

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }
func (s *Stack[T]) Pop() (T, bool) {
	var z T
	if len(s.items) == 0 {
		return z, false
	}
	x := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x, true
}

type MyInt int
type Cache[K comparable, V any] struct {
	m       map[K]V
	order   []K
	cap     int
	onEvict func(K, V)
}

func NewCache[K comparable, V any](n int, f func(K, V)) *Cache[K, V] {
	return &Cache[K, V]{m: map[K]V{}, cap: n, onEvict: f}
}
func (c *Cache[K, V]) Put(k K, v V) {
	if len(c.order) == c.cap {
		o := c.order[0]
		c.order = c.order[1:]
		c.onEvict(o, c.m[o])
		delete(c.m, o)
	}
	c.m[k] = v
	c.order = append(c.order, k)
}

type Shape interface{ Area() float64 }
type Sq struct{ s float64 }

func (s Sq) Area() float64 { return s.s * s.s }
func Largest[S Shape](xs []S) (best S) {
	for i, x := range xs {
		if i == 0 || x.Area() > best.Area() {
			best = x
		}
	}
	return
}

type PtrTo[T any] interface {
	*T
	Set(string)
}
type Conf struct{ v string }

func (c *Conf) Set(s string)                        { c.v = s }
func Build[T any, P PtrTo[T]](s string) T           { var t T; P(&t).Set(s); return t }
func Ptr[T any](v T) *T                             { return &v }
func Keys[M ~map[K]V, K comparable, V any](m M) int { return len(m) }

type List[T any] []T

func (l List[T]) Filter(f func(T) bool) List[T] {
	var r List[T]
	for _, x := range l {
		if f(x) {
			r = append(r, x)
		}
	}
	return r
}
func main() {
	var t *Tree[string]
	for _, s := range []string{"m", "c", "x", "a"} {
		t = t.Insert(s, func(a, b string) bool { return a < b })
	}
	for s := range t.All() {
		if s == "x" {
			break
		}
		fmt.Print(s, " ")
	}
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2), Sum[MyInt](1, 2), Sum[int]())
	fmt.Println(Map(map[string]int{"a": 1}, func(k string, v int) string { return k + fmt.Sprint(v) }))
	fmt.Println(Reduce([]int{1, 2, 3}, "", func(a string, x int) string { return a + fmt.Sprint(x) }))
	s := Set[string]{}.Add("a", "b")
	fmt.Println(s.Has("a"), s.Has("z"), len(s))
	p := MakePair("x", 1)
	fmt.Printf("%v %v %+v %T\n", p, p.Swap(), p, p.Swap())
	st := &Stack[Pair[int, string]]{}
	st.Push(MakePair(1, "a"))
	v, ok := st.Pop()
	fmt.Println(v, ok)
	_, ok = st.Pop()
	fmt.Println(ok)
	c := NewCache(2, func(k string, v int) { fmt.Println("evict", k, v) })
	c.Put("a", 1)
	c.Put("b", 2)
	c.Put("c", 3)
	fmt.Println(Largest([]Sq{{1}, {3}, {2}}), Build[Conf]("hi"), *Ptr(3), Keys(map[int]bool{1: true}))
	fmt.Println(List[int]{1, 2, 3, 4}.Filter(func(i int) bool { return i%2 == 0 }))
	f := Sum[float64]
	fmt.Println(f(1, 2.5))
	g := MakePair[int, bool]
	fmt.Println(g(1, true))
	type local[T any] = Pair[T, T]
	fmt.Println(local[int]{1, 2})
}
