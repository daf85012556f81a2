package main

import "fmt"

type E struct{}

func (*E) Error() string { return "E" }
func f(b bool) error {
	var e *E
	if b {
		return e
	}
	return nil
}
func main() {
	fmt.Println(f(true) == nil, f(false) == nil, f(true))
	var e error
	var p *E
	e = p
	fmt.Println(e != nil, e == (*E)(nil), p == nil)
	var a any = e
	_, ok := a.(*E)
	fmt.Println(ok)
}
