package main

import "fmt"

type big struct {
	a [100]int
	p *int
}

func try(f func()) { defer func() { fmt.Println(recover()) }(); f() }
func main() {
	s := []int{1, 2, 3}
	n, k := 5, -1
	str := "abc"
	var m map[string]int
	var p *big
	var arr [3]int
	var c chan int
	try(func() { _ = s[n] })
	try(func() { _ = s[k] })
	try(func() { _ = s[1:n] })
	try(func() { _ = s[n:] })
	try(func() { i := 2; _ = s[i:1] })
	try(func() { _ = s[:2:n] })
	try(func() { _ = str[n] })
	try(func() { _ = str[n:] })
	try(func() { _ = str[2 : k+2] })
	try(func() { _ = arr[n%8] })
	try(func() { _ = arr[:n] })
	try(func() { m["a"]++ })
	try(func() { p.a[1] = 2 })
	try(func() { fmt.Println(*p.p) })
	try(func() { close(c) })
	try(func() { c = make(chan int); close(c); close(c) })
	try(func() { _ = make([]int, k) })
	try(func() { _ = make([]int, 1, k+1) })
	try(func() { _ = make(chan int, k) })
	try(func() { z := 0; _ = n % z })
	try(func() { _ = 1 << k })
	try(func() { var f func(int) int; f(1) })
	try(func() { panic(fmt.Errorf("custom %d", 1)) })
	try(func() { panic(fmt.Sprintf("s")) })
	try(func() { var e error; _ = e.Error() })
	try(func() { _ = [3]int(s[:2]) })
	try(func() { m = make(map[string]int, k); fmt.Println("ok") })
}
