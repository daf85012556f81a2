package main

import "fmt"

type T struct{ n int }

func (t T) V()  { fmt.Println("V", t.n) }
func (t *T) P() { fmt.Println("P", t.n) }
func main() {
	t := T{1}
	defer t.V()
	defer t.P()
	defer func(n int) { fmt.Println("arg", n, t.n) }(t.n)
	t.n = 2
	x := []int{1}
	defer fmt.Println(x, len(x))
	x[0] = 9
	x = append(x, 1)
}
