package main

import "fmt"

func helper() any { return recover() }
func main() {
	defer fmt.Println("end")
	func() {
		defer func() { fmt.Println("got", recover()) }()
		defer func() { fmt.Println("helper", helper()) }()
		panic(1)
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		defer func() { func() { fmt.Println("inner", recover()) }() }()
		panic(2)
	}()
}
