package main

import "fmt"

type (
	Stringer interface{ String() string }
	SL       interface {
		String() string
		Length() int
	}
)
type T string

func (t T) String() string { return string(t) }
func (t T) Length() int    { return len(t) }

type U string

func (u U) String() string { return string(u) }

var (
	s  Stringer = T("x")
	sl SL
	e  any
	ok bool
	t  T
)

func main() {
	t, ok = s.(T)
	fmt.Println(ok)
	_, ok = s.(U)
	fmt.Println(ok)
	sl, ok = s.(SL)
	fmt.Println(ok, sl)
	s = U("u")
	sl, ok = s.(SL)
	fmt.Println(ok, sl == nil)
	e = U("u")
	sl, ok = e.(SL)
	fmt.Println(ok)
	switch v := s.(type) {
	case SL:
		fmt.Println("SL", v.Length())
	case U:
		fmt.Println("U", v)
	}
}
