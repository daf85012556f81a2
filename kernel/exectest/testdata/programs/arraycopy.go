package main

import "fmt"

type T struct {
	a [3]int
	s []int
}

func mod(a [3]int) [3]int { a[0] = 99; return a }
func main() {
	a := [3]int{1, 2, 3}
	b := a
	b[1] = 20
	c := mod(a)
	fmt.Println(a, b, c)
	p := &a
	d := *p
	p[2] = 30
	fmt.Println(a, d)
	for i, v := range a {
		a[2] = 77
		fmt.Print(i, v, " ")
	}
	fmt.Println()
	for i, v := range &a {
		a[2] = 88
		fmt.Print(i, v, " ")
	}
	fmt.Println()
	t := T{a, []int{1}}
	u := t
	u.a[0] = -1
	u.s[0] = -1
	fmt.Println(t, u)
	m := [2][2]int{{1, 2}, {3, 4}}
	r := m[0]
	r[0] = 100
	fmt.Println(m, r, m == [2][2]int{{1, 2}, {3, 4}})
	arr := [...]string{2: "c", 0: "a"}
	fmt.Printf("%q %d\n", arr, len(arr))
	f := func() [2]int { return [2]int{4, 5} }
	fmt.Println(f()[1])
	x := [2]*int{}
	y := x
	y[0] = new(int)
	fmt.Println(x[0] == nil)
}
