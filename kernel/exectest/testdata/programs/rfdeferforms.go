package main

import "fmt"

func s(y func(int) bool) {
	for i := range 3 {
		if !y(i) {
			return
		}
	}
}
func a() (n int) {
	for i := range s {
		defer func() { n = n*10 + i + 1 }()
	}
	return 0
}
func b() (n int, t string) {
	defer func() { t += "!" }()
	for i := range s {
		defer func() { t += fmt.Sprint(i) }()
		if i == 1 {
			return 5, "r"
		}
	}
	return 0, "z"
}
func c() int {
	x := 1
	p := &x
	for range s {
		defer func() { *p = 100 }()
	}
	return *p
}
func d() int {
	x := 1
	for range s {
		defer func() { x = 100 }()
	}
	return x
}
func e() (err error) {
	for i := range s {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("rec %d %v", i, r)
			}
		}()
		if i == 2 {
			panic("pp")
		}
	}
	return nil
}
func f() (n int) {
	for range s {
		for j := range s {
			defer func() { n += j }()
		}
	}
	n = 100
	return
}
func g() (n int) {
	func() {
		for i := range s {
			defer func() { n += i }()
		}
	}()
	return n
}
func h() (_ int, n int) {
	for i := range s {
		defer func() { n += i }()
	}
	return 1, 2
}
func main() {
	fmt.Println(a())
	fmt.Println(b())
	fmt.Println(c(), d(), e(), f(), g())
	fmt.Println(h())
}
