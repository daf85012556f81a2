package main

import "fmt"

func f(n int) int {
	i, s := 0, 0
loop:
	if i < n {
		s += i
		i++
		goto loop
	}
	return s
}
func g(xs [][]int, want int) (int, int) {
	for i, r := range xs {
		for j, v := range r {
			if v == want {
				return i, j
			}
			if v < 0 {
				goto bad
			}
		}
	}
	return -1, -1
bad:
	return -2, -2
}
func h() {
	n := 0
retry:
	n++
	func() {
		defer func() {
			if r := recover(); r != nil {
				fmt.Println("retry", n, r)
			}
		}()
		if n < 3 {
			panic(n)
		}
	}()
	if n < 3 {
		goto retry
	}
	fmt.Println("done", n)
}
func k() {
	var fs []func() int
	i := 0
again:
	x := i * 10
	fs = append(fs, func() int { x++; return x })
	i++
	if i < 3 {
		goto again
	}
	for _, f := range fs {
		fmt.Print(f(), f(), " ")
	}
	fmt.Println()
}
func sw(n int) string {
	switch {
	case n == 0:
		goto zero
	case n > 5:
		fallthrough
	case n > 3:
		return "big"
	}
	return "small"
zero:
	return "zero"
}
func main() {
	fmt.Println(f(5))
	fmt.Println(g([][]int{{1}, {2, 3}}, 3))
	fmt.Println(g([][]int{{1, -1}}, 3))
	h()
	k()
	fmt.Println(sw(0), sw(4), sw(9), sw(1))
	a := 0
A:
	for {
		for {
			a++
			if a > 5 {
				break A
			}
			if a%2 == 0 {
				continue A
			}
			fmt.Print(a)
		}
	}
	fmt.Println()
	{
		goto end
	}
end:
	fmt.Println("end")
B:
	for {
		if a > 0 {
			break B
		}
		fmt.Println("not")
	}
C:
	switch a {
	case 6:
		for {
			break C
		}
	default:
		fmt.Println("no")
	}
D:
	select {
	default:
		for {
			if a == 6 {
				break D
			}
		}
	}
	fmt.Println("out", a)
}
