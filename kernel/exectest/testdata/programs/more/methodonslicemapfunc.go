package main

import (
	"fmt"
	"sort"
	"strings"
)

type M map[string]int

func (m M) Keys() (k []string) {
	for s := range m {
		k = append(k, s)
	}
	sort.Strings(k)
	return
}
func (m M) Add(s string) M { m[s]++; return m }

type S []string

func (s *S) Push(x string) { *s = append(*s, x) }
func (s S) String() string { return "S<" + strings.Join(s, "|") + ">" }

type (
	P  *int
	Ch chan int
)

func (c Ch) Send(i int) { c <- i }
func main() {
	m := M{}
	m.Add("x").Add("y").Add("x")
	fmt.Println(m.Keys(), m)
	var s S
	s.Push("a")
	s.Push("b")
	fmt.Println(s, &s, len(s), s[0])
	fmt.Printf("%v %s %d %q\n", s, s, s, s)
	c := make(Ch, 1)
	c.Send(4)
	fmt.Println(<-c)
	for i, x := range s {
		fmt.Print(i, x)
	}
	for k, v := range (M{"q": 1}) {
		fmt.Println(k, v)
	}
}
