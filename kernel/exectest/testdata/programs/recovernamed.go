package main

import "fmt"

type D int

func (D) h() {}

func exp() {
	r := recover()
	fmt.Println("r", r)
}
func w1() {
	defer exp()
	var p *D
	p.h()
}
func w2() {
	defer exp()
	var p *int
	_ = *p
}
func w3() {
	defer exp()
	panic(1)
}
func w4() {
	defer exp()
	var m map[string]int
	m["a"]++
}
func w5() {
	defer exp()
	var p *D
	func(x D) {}(*p)
}
func take(x D) {}
func w6() {
	defer exp()
	var p *D
	take(*p)
}
func w7() {
	defer exp()
	var p *D
	x := *p
	take(x)
}

func main() {
	for i, f := range []func(){w1, w2, w3, w4, w5, w6, w7} {
		func() {
			defer func() {
				r := recover()
				if r != nil {
					fmt.Println(i, "again", r)
				}
			}()
			f()
		}()
	}
}
