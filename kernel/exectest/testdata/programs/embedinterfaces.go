package main

import (
	"fmt"
	"io"
	"strings"
)

type (
	RW interface {
		io.Reader
		io.Writer
	}
	rw struct {
		io.Reader
		strings.Builder
	}
	Animal interface{ Name() string }
	Loud   interface {
		Animal
		Sound() string
	}
	Dog struct{ n string }
)

func (d Dog) Name() string  { return d.n }
func (d Dog) Sound() string { return "woof" }

type Puppy struct {
	Dog
	age int
}

func (p Puppy) Sound() string { return "yip " + p.Dog.Sound() }

type Wrap struct{ Loud }

func (w Wrap) Name() string { return "<" + w.Loud.Name() + ">" }
func main() {
	r := &rw{Reader: strings.NewReader("hello")}
	var x RW = r
	io.Copy(x, x)
	fmt.Println(r.String())
	var l Loud = Wrap{Puppy{Dog{"rex"}, 1}}
	fmt.Println(l.Name(), l.Sound())
	var a Animal = l
	_, ok := a.(Loud)
	fmt.Println(ok, a.(interface{ Sound() string }).Sound())
	fmt.Printf("%T %+v\n", l, l)
}
