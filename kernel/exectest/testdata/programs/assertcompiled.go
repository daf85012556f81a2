package main

import (
	"fmt"
	"io"
	"strings"
)

type W int

func (w W) String() string { return fmt.Sprint("W", int(w)) }

type RC struct{ *strings.Reader }

func (RC) Close() error { fmt.Println("closed"); return nil }

type E struct{ n int }

func (e E) Error() string  { return "E" }
func (e E) String() string { return "Es" }

func closeIt(r io.Reader) {
	if c, ok := r.(io.Closer); ok {
		c.Close()
	} else {
		fmt.Println("no closer")
	}
}
func kind(x any) string {
	switch v := x.(type) {
	case error:
		return "error " + v.Error()
	case fmt.Stringer:
		return "stringer " + v.String()
	case io.Reader:
		return "reader"
	case nil:
		return "nil"
	}
	return "?"
}

func main() {
	var x any = W(3)
	s, ok := x.(fmt.Stringer)
	fmt.Println(ok, s)
	fmt.Println(x.(fmt.Stringer).String())
	closeIt(RC{strings.NewReader("a")})
	closeIt(strings.NewReader("b"))
	fmt.Println(kind(W(1)), kind(E{1}), kind(strings.NewReader("")), kind(nil), kind(3), kind(RC{}), kind(fmt.Errorf("x")))
	var err error = E{2}
	st, ok := err.(fmt.Stringer)
	fmt.Println(st, ok)
	var sr fmt.Stringer = E{3}
	_, ok = sr.(error)
	fmt.Println(ok)
	w, ok := s.(W)
	fmt.Println(w, ok)
	for _, v := range []any{W(1), 2, E{}} {
		if s, ok := v.(interface{ String() string }); ok {
			fmt.Println(s.String())
		}
	}
	_, ok = x.(io.Reader)
	fmt.Println(ok)
}
