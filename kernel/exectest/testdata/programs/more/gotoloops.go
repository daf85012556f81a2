package main

import "fmt"

func f(n int) (s int) {
	i := 0
top:
	if i >= n {
		goto out
	}
	for j := 0; j < 3; j++ {
		if j == i {
			i++
			goto top
		}
		s += j
	}
	i++
	goto top
out:
	return s*100 + i
}

func main() {
	fmt.Println(f(5), f(0))
	x := 0
again:
	switch {
	case x < 3:
		x++
		goto again
	default:
		fmt.Println(x)
	}
}
