package main

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

type S string

func (s S) String() string { return "S(" + string(s) + ")" }

type in struct{ s S }
type A struct {
	in
	S S
	d time.Duration
	D time.Duration
	e error
	E error
	b *bytes.Buffer
	x any
	X any
	l []S
	L []S
	m map[S]S
	M map[S]S
}
type Out struct{ A A }

func main() {
	a := A{in{"i"}, "a", time.Second, time.Second, nil, errors.New("E"), nil, S("x"), S("X"), []S{"l"}, []S{"L"}, map[S]S{"k": "v"}, map[S]S{"K": "V"}}
	fmt.Println(a)
	fmt.Printf("%v\n%+v\n%s\n", a, a, a)
	fmt.Println(Out{a}, []A{a}, &a)
	fmt.Println([]any{a, 1, "s", S("q"), []S{"r"}, []int{1}, nil, 2.5, time.Second})
	fmt.Printf("%v %d %x\n", []any{1, "s"}, []any{1, 2}, struct{ a, B any }{"hi", "ho"})
	var n any = map[string]in{"a": {"b"}}
	fmt.Println(n)
	fmt.Printf("%+v %T\n", n, n)
	fmt.Printf("%v %+v\n", struct{ x any }{in{"z"}}, struct{ x any }{in{"z"}})
}
