package main

import (
	"fmt"
	"strings"
	"sync"
)

type I interface{ M(string) }
type A struct{ n int }
type B int

func (a *A) M(s string) { fmt.Println("A", a.n, s) }
func (b B) M(s string)  { fmt.Println("B", int(b), s) }

type W struct{ mu sync.Mutex }

func main() {
	var i I = &A{1}
	defer i.M("x")
	i = B(2)
	defer i.M("y")
	var w W
	func() {
		w.mu.Lock()
		defer w.mu.Unlock()
	}()
	func() {
		w.mu.Lock()
		defer w.mu.Unlock()
	}()
	var sb strings.Builder
	func() {
		defer fmt.Println("sb", sb.String())
		defer sb.WriteString("abc")
	}()
	fmt.Println(sb.String())
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = i
		}()
	}
	wg.Wait()
	var st fmt.Stringer = &sb
	defer func() { _ = st.String() }()
	func() {
		defer st.String()
	}()
	c := make(chan int)
	go func() { defer close(c); c <- 1 }()
	for v := range c {
		fmt.Println(v)
	}
	t := struct{ f func(int) }{func(n int) { fmt.Println("field", n) }}
	defer t.f(3)
	fs := map[string]func(){"a": func() { fmt.Println("map") }}
	defer fs["a"]()
	mk := func(s string) func() { fmt.Println("in", s); return func() { fmt.Println("out", s) } }
	defer mk("z")()
}
