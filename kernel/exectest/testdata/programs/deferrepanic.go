package main

import "fmt"

func a()    { defer func() { r := recover(); fmt.Println("a", r); panic(fmt.Sprint(r, "+")) }(); b() }
func b()    { defer fmt.Println("b deferred"); panic("b") }
func main() { defer func() { fmt.Println("main", recover()); fmt.Println(recover()) }(); a() }
