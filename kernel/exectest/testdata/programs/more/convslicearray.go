package main

import "fmt"

func main() {
	s := []int{1, 2, 3, 4}
	a := [3]int(s)
	p := (*[2]int)(s)
	a[0] = 9
	p[1] = 7
	fmt.Println(s, a, *p, len(p))
	defer func() { fmt.Println(recover()) }()
	_ = [5]int(s)
}
