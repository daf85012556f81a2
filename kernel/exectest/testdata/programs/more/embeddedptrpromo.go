package main

import "fmt"

type A struct{ X int }

func (a *A) Inc()        { a.X++ }
func (a A) Show() string { return fmt.Sprint("A", a.X) }

type (
	B struct {
		*A
		Y int
	}
	C struct {
		B
		A2
	}
	A2 struct{ Z int }
)

func (A2) Zed() string { return "zed" }

type Shower interface {
	Show() string
	Inc()
}

func main() {
	c := C{B{&A{1}, 2}, A2{3}}
	c.Inc()
	c.B.A.Inc()
	fmt.Println(c.X, c.Show(), c.Zed(), c.Z, c.Y)
	var s Shower = c
	s.Inc()
	fmt.Println(s.Show(), c.X)
	f := c.Show
	c.Inc()
	fmt.Println(f(), c.Show(), C.Show(c), (*C).Zed(&c))
	defer func() { fmt.Println(recover()) }()
	var d B
	d.Inc()
}
