package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

type Animal interface {
	Sound() string
	Name() string
}
type base struct{ name string }

func (b base) Name() string     { return b.name }
func (b *base) Rename(n string) { b.name = n }
func (b base) Sound() string    { return "..." }

type Dog struct {
	base
	age int
}

func (d Dog) Sound() string { return "woof " + d.base.Sound() }

type Puppy struct {
	*Dog
	cute bool
}

func (p Puppy) Name() string { return "little " + p.Dog.Name() }

type Logger struct {
	io.Writer
	prefix string
}

func (l Logger) Log(s string) { fmt.Fprintf(l, "%s%s\n", l.prefix, s) }

type Cnt struct {
	sync.Mutex
	n map[string]int
}

func (c *Cnt) Add(k string) { c.Lock(); defer c.Unlock(); c.n[k]++ }

type A struct{ X int }
type B struct{ X int }
type AB struct {
	A
	B
	Y int
}
type Over struct {
	AB
	X string
}
type Node struct {
	val int
	*Node
}
type rw struct {
	io.Reader
	io.Writer
}
type M map[string]int
type HasM struct {
	M
	list []int
}

func main() {
	d := Dog{base{"rex"}, 3}
	var a Animal = d
	fmt.Println(a.Name(), a.Sound())
	d.Rename("max")
	fmt.Println(d.Name(), a.Name())
	p := Puppy{&d, true}
	p.Rename("tiny")
	a = p
	fmt.Println(a.Name(), a.Sound(), d.name, p.age, p.base.name)
	var sb strings.Builder
	l := Logger{&sb, "> "}
	l.Log("one")
	l.Log("two")
	l.Write([]byte("raw"))
	fmt.Println(sb.String())
	c := Cnt{n: map[string]int{}}
	c.Add("a")
	c.Add("a")
	fmt.Println(c.n)
	o := Over{AB{A{1}, B{2}, 3}, "x"}
	fmt.Println(o.X, o.A.X, o.B.X, o.Y, o.AB.A.X)
	fmt.Printf("%v %+v\n", o, o)
	n := Node{1, &Node{2, nil}}
	fmt.Println(n.val, n.Node.val, n.Node.Node == nil)
	r := rw{strings.NewReader("hello"), &sb}
	io.Copy(r, r)
	fmt.Println(sb.String())
	h := HasM{M{"a": 1}, []int{1}}
	h.M["b"] = 2
	fmt.Println(h.M["a"], len(h.M), h)
	pp := &d
	pp.age++
	(*pp).age++
	fmt.Println(pp.age, (&d).Sound())
	anon := struct {
		base
		N int
	}{base{"anon"}, 1}
	anon.Rename("new")
	fmt.Println(anon.Name(), anon)
	fmt.Printf("%+v %T\n", d, p)
	var _ Animal = &d
	var e Animal = &Puppy{Dog: &d}
	fmt.Println(e.Name())
	switch v := e.(type) {
	case *Puppy:
		fmt.Println("puppy", v.cute)
	case Dog:
		fmt.Println("dog")
	}
	_, isD := e.(interface{ Rename(string) })
	fmt.Println(isD)
	x := []Animal{Dog{base: base{"q"}}, &d, p}
	for _, y := range x {
		fmt.Print(y.Name(), ",")
	}
	fmt.Println()
}
