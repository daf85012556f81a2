package main

import "fmt"

type (
	I interface{ M() }
	T struct{}
)

func (T) M() {}
func main() {
	func() { defer func() { fmt.Println(recover()) }(); var i I; f := i.M; f() }()
	func() { defer func() { fmt.Println(recover()) }(); var p *T; f := p.M; f() }()
	func() { defer func() { fmt.Println(recover()) }(); var f func(); f() }()
}
