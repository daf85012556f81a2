package main

import "fmt"

func two() (int, string) { return 7, "s" }
func idx(n int) int      { fmt.Print("i", n, " "); return n }
func main() {
	a, b := 1, 2
	a, b = b, a
	fmt.Println(a, b)
	s := []int{0, 1, 2}
	i := 0
	i, s[i] = 2, 9
	fmt.Println(i, s)
	s[0], s[1], s[2] = s[2], s[0], s[1]
	fmt.Println(s)
	x, y := two()
	x, z := two()
	fmt.Println(x, y, z)
	m := map[string]int{}
	m["a"], i = two2()
	fmt.Println(m, i)
	s[idx(0)], s[idx(1)] = idx(2), idx(3)
	fmt.Println(s)
	v, ok := m["zz"]
	_, ok2 := m["a"]
	fmt.Println(v, ok, ok2)
	p := &struct{ n *int }{}
	p.n, p = &a, nil
	fmt.Println(p == nil)
	s[1] += s[2]
	s[idx(0)] *= 3
	fmt.Println(s)
	e, f, g := 1, "f", 2.5
	fmt.Println(e, f, g)
}
func two2() (int, int) { return 3, 4 }
