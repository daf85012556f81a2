package main

import (
	"errors"
	"fmt"
)

type Num interface{ ~int | ~float64 | ~string }
type MyInt int

func kind[T any](x T) string {
	switch v := any(x).(type) {
	case int:
		return fmt.Sprint("int", v+1)
	case string:
		return "string" + v
	case []T:
		return "slice"
	case error:
		return "err " + v.Error()
	case fmt.Stringer:
		return "str " + v.String()
	case nil:
		return "nil"
	case func() T:
		return "func"
	default:
		return fmt.Sprintf("other %T", v)
	}
}
func add[T Num](a, b T) T { return a + b }

type Box[T any] struct{ v T }

func (b Box[T]) String() string { return fmt.Sprintf("Box(%v)", b.v) }
func isT[T any](x any) bool     { _, ok := x.(T); return ok }
func sw[T any](x any) string {
	switch x.(type) {
	case T:
		return "T"
	case *T:
		return "*T"
	case []T, map[string]T:
		return "coll"
	case chan T:
		return "chan"
	}
	return "none"
}

type Opt[T any] interface{ get() (T, bool) }
type Some[T any] struct{ v T }
type None[T any] struct{}

func (s Some[T]) get() (T, bool)    { return s.v, true }
func (None[T]) get() (z T, ok bool) { return }
func or[T any](o Opt[T], d T) T {
	switch x := o.(type) {
	case Some[T]:
		return x.v
	case None[T]:
		return d
	default:
		panic("?")
	}
}
func main() {
	fmt.Println(kind(1), kind("a"), kind(1.5), kind(errors.New("x")), kind(Box[int]{3}), kind[any](nil), kind(MyInt(2)))
	fmt.Println(add(MyInt(1), 2), add("a", "b"), add(1.5, 2))
	fmt.Println(isT[int](1), isT[MyInt](1), isT[string]("s"), isT[Box[int]](Box[int]{}), isT[Box[string]](Box[int]{}), isT[fmt.Stringer](Box[int]{1}))
	i := 1
	fmt.Println(sw[int](1), sw[int](&i), sw[int]([]int{}), sw[int](map[string]int{}), sw[int](make(chan int)), sw[string](1))
	fmt.Println(or[int](Some[int]{5}, 1), or[int](None[int]{}, 1))
	fmt.Printf("%T %T %v\n", Box[int]{}, Some[string]{}, Box[Box[string]]{Box[string]{"x"}})
}
