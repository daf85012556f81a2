package main

import "fmt"

type (
	Box[T any]   struct{ v T }
	L2[A, B any] []A
	al           = map[string]rune
	P            struct{}
)

func show[T any](x T) { fmt.Printf("%T | ", x) }
func mk[T any]() any  { return Box[T]{} }
func loc[A any](a A) {
	type T struct{ a A }
	type U[B any] struct {
		a A
		b B
	}
	show(T{})
	show(Box[T]{})
	show(U[string]{})
	show(Box[U[T]]{})
	show([]T{})
	func() {
		type T struct{ q int }
		show(T{})
	}()
	fmt.Println()
}

func two[A, B any]() {
	type T int
	show(T(0))
	show(&Box[T]{})
	fmt.Println()
}

type M[T any] struct{}

func (M[T]) Do() {
	type T2 struct{ x T }
	show(T2{})
	fmt.Println()
}

func main() {
	for _, x := range []any{
		mk[any](), mk[rune](), mk[byte](), mk[al](), mk[error](), mk[struct {
			X int `k:"v"`
			y P
		}](), mk[func(int, ...string) (P, error)](), mk[chan<- int](), mk[<-chan int](), mk[chan (<-chan int)](), mk[interface{ M() }](), mk[[3]P](), mk[*Box[P]](),
		L2[int, string]{},
		mk[func()](), mk[struct{}](), mk[fmt.Stringer](),
		mk[struct{ P }](), mk[interface {
			fmt.Stringer
			error
		}](), mk[complex64](), mk[map[P][]*P](), mk[func(a, b int) (x int)](), mk[interface{ m(int) string }](),
	} {
		fmt.Printf("%T\n", x)
	}
	type P int
	type Q struct{}
	fmt.Printf("%T %T %T\n", mk[P](), mk[Q](), P(1))
	loc(1)
	loc("s")
	loc(Q{})
	two[int, P]()
	M[int]{}.Do()
	M[P]{}.Do()
	func() {
		type P string
		fmt.Printf("%T %T\n", mk[P](), P(""))
	}()
}
