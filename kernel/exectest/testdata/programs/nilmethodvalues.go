package main

import "fmt"

type (
	I interface{ M() }
	T struct{}
)

func (T) M()       {}
func try(f func()) { defer func() { fmt.Println(recover()) }(); f() }
func gm[X I](x X)  { f := x.M; f() }
func main() {
	var i I
	var e error
	try(func() { f := i.M; f() })
	try(func() { _ = e.Error })
	try(func() { _ = i.(I) })
	try(func() { gm(i) })
	try(func() { gm(T{}) })
	try(func() {
		var j interface {
			I
			N()
		}
		f := j.N
		f()
	})
}
