package main

import "fmt"

type (
	In struct {
		A int
		B string
	}
	O struct {
		In
		P  *In
		S  []In
		M  map[string]bool
		F  float64
		I  any
		E  error
		C  complex128
		R  rune
		By []byte
		Ar [2]uint8
	}
)

func main() {
	fmt.Printf("%#v\n", O{In: In{1, "x"}, S: []In{{}}, M: map[string]bool{"a": true}, F: 1, I: In{}, C: 1 + 2i, R: 'x', By: []byte("hi")})
	fmt.Printf("%#v %#v %#v %#v\n", 1.0, "q", struct{ X any }{nil}, []any{1, "a", nil})
	type L int
	fmt.Printf("%#v %T %#v\n", L(3), L(3), []L{1})
}
