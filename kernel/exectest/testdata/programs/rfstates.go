package main

import "fmt"

func try(f func()) { defer func() { r := recover(); _, ok := r.(error); fmt.Println(r, ok) }(); f() }

func main() {
	try(func() {
		for i := range func(y func(int) bool) { y(1); y(2) } {
			_ = i
			break
		}
	})
	var keep func(int) bool
	try(func() {
		for range func(y func(int) bool) { keep = y; y(1) } {
		}
		keep(3)
	})
	try(func() {
		for range func(y func(int) bool) { func() { defer func() { recover() }(); y(1) }(); y(2) } {
			panic("x")
		}
	})
	try(func() {
		for range func(y func(int) bool) { defer func() { recover() }(); y(1) } {
			panic("x")
		}
	})
	try(func() {
		for range func(y func(int) bool) { y(0) } {
			return
		}
	})
}
