package main

import "fmt"

type (
	I interface {
		M()
		N()
	}
	J interface{ M() }
	T struct{}
)

func (T) M() {}

type U struct{}

func try(f func()) { defer func() { fmt.Println(recover()) }(); f() }
func main() {
	var j J = T{}
	var a any = U{}
	var n any
	try(func() { _ = j.(I) })
	try(func() { _ = a.(J) })
	try(func() { _ = a.(T) })
	try(func() { _ = n.(T) })
	try(func() { _ = n.(J) })
	try(func() { _ = a.(*U) })
	try(func() { _ = a.(error) })
	try(func() { _ = a.([]int) })
	try(func() {
		switch a.(type) {
		case int:
		}
		fmt.Println("none")
	})
	v, ok := a.(J)
	fmt.Println(v, ok)
	w, ok := a.(int)
	fmt.Println(w, ok)
	try(func() { j = nil; j.M() })
}
