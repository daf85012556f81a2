package main

import "fmt"

type S struct{ n int }

func (s S) p()          { fmt.Println("S", s.n) }
func (s *S) q(x string) { fmt.Println("S", s.n, x) }
func pr(a ...any)       { fmt.Println(a...) }
func one(s string)      { fmt.Println(s) }
func num(n int)         { fmt.Println(n) }
func main() {
	for i := range 3 {
		defer num(i)
	}
	for i := 0; i < 3; i++ {
		defer num(i)
	}
	for i := 0; i < 3; i++ {
		defer num(i + 10)
	}
	for _, s := range []string{"a", "b"} {
		defer one(s)
	}
	for _, s := range []string{"a", "b"} {
		defer one(s + "x")
	}
	for _, s := range []S{{1}, {2}} {
		defer s.p()
	}
	for _, s := range []*S{{1}, {2}} {
		defer s.q("k")
	}
	for i := range 2 {
		x := i * 5
		defer fmt.Println(i, x)
	}
	for i := range 2 {
		defer pr(i, "v", i+1)
	}
	for i := range 2 {
		defer func(n int) { fmt.Println("lit", n) }(i)
	}
	for i := range 2 {
		x := S{i}
		defer x.q("d")
	}
}
