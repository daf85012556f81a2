package main

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

func enumerate[T any](xs []T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i, x := range xs {
			if !yield(i, x) {
				return
			}
		}
	}
}
func zip[A, B any](a iter.Seq[A], b iter.Seq[B]) iter.Seq2[A, B] {
	return func(yield func(A, B) bool) {
		next, stop := iter.Pull(b)
		defer stop()
		for x := range a {
			y, ok := next()
			if !ok || !yield(x, y) {
				return
			}
		}
	}
}
func mapSeq[A, B any](s iter.Seq[A], f func(A) B) iter.Seq[B] {
	return func(yield func(B) bool) { s(func(a A) bool { return yield(f(a)) }) }
}
func filter[A any](s iter.Seq[A], f func(A) bool) iter.Seq[A] {
	return func(yield func(A) bool) {
		for a := range s {
			if f(a) && !yield(a) {
				return
			}
		}
	}
}
func count() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	}
}
func take[A any](s iter.Seq[A], n int) iter.Seq[A] {
	return func(yield func(A) bool) {
		if n <= 0 {
			return
		}
		i := 0
		for a := range s {
			if !yield(a) {
				return
			}
			i++
			if i == n {
				return
			}
		}
	}
}
func find(m map[string]int, want int) (string, bool) {
	for k, v := range maps.All(m) {
		if v == want {
			return k, true
		}
	}
	return "", false
}
func main() {
	for i, s := range enumerate([]string{"a", "b", "c"}) {
		if i == 2 {
			break
		}
		fmt.Println(i, s)
	}
	for a, b := range zip(count(), slices.Values([]string{"x", "y"})) {
		fmt.Println(a, b)
	}
	fmt.Println(slices.Collect(take(filter(mapSeq(count(), func(i int) int { return i * i }), func(i int) bool { return i%2 == 1 }), 4)))
	fmt.Println(find(map[string]int{"q": 7, "r": 8}, 8))
	fmt.Println(slices.Sorted(maps.Keys(map[string]int{"z": 1, "y": 2})))
	for w := range strings.FieldsSeq(" a bb  ccc ") {
		fmt.Print(w, ";")
	}
	for l := range strings.Lines("x\ny\nz") {
		fmt.Printf("%q ", l)
	}
	fmt.Println()
	next, stop := iter.Pull2(enumerate([]int{10, 20}))
	fmt.Println(next())
	fmt.Println(next())
	fmt.Println(next())
	stop()
	for i, c := range slices.Backward([]rune("héy")) {
		fmt.Print(i, string(c), " ")
	}
	for c := range slices.Chunk([]int{1, 2, 3, 4, 5}, 2) {
		fmt.Print(c)
	}
	fmt.Println()
outer:
	for i := range count() {
		for j := range count() {
			if j == 3 {
				continue outer
			}
			if i == 3 {
				break outer
			}
			fmt.Print(i, j, " ")
		}
	}
	fmt.Println()
	m := maps.Collect(enumerate([]string{"p", "q"}))
	fmt.Println(m, len(m))
	fmt.Println(slices.SortedFunc(maps.Values(m), func(a, b string) int { return strings.Compare(b, a) }))
}
