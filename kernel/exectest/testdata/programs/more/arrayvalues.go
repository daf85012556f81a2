package main

import "fmt"

type G [3][3]int

func (g G) set(i, j, v int) G { g[i][j] = v; return g }
func (g *G) put(i, j, v int)  { g[i][j] = v }
func mod(a [3]int) [3]int     { a[0] = 99; return a }

type S struct {
	a [2]int
	b [2]struct{ x int }
}

func main() {
	a := [3]int{1, 2, 3}
	b := a
	b[0] = 10
	fmt.Println(a, b, a == b, mod(a), a)
	var g G
	h := g.set(1, 1, 5)
	g.put(0, 0, 7)
	fmt.Println(g, h, g == h)
	s := S{a: [2]int{1, 2}}
	t := s
	t.a[0] = 50
	t.b[1].x = 4
	fmt.Println(s, t, s == t)
	for i, v := range a {
		a[2] = 100
		fmt.Print(i, v, " ")
	}
	fmt.Println(a)
	for i, v := range &a {
		a[2] = 200
		fmt.Print(i, v, " ")
	}
	for i, v := range a[:] {
		a[2] = 300
		fmt.Print(i, v, " ")
	}
	fmt.Println()
	p := &a
	p[1] = 77
	q := *p
	q[1] = 0
	fmt.Println(a, q, len(p), cap(p[:2]))
	arrs := [][2]int{{1, 2}, {3, 4}}
	for _, x := range arrs {
		x[0] = 0
	}
	fmt.Println(arrs)
	for i := range arrs {
		arrs[i][0] = 0
	}
	fmt.Println(arrs)
	c := [...]string{2: "c", 0: "a", 5: "f"}
	fmt.Println(len(c), c, fmt.Sprintf("%q", c))
	var any1, any2 any = a, [3]int{1, 77, 300}
	fmt.Println(any1 == any2)
	ch := make(chan [2]int, 1)
	x := [2]int{1, 2}
	ch <- x
	x[0] = 9
	fmt.Println(<-ch, x)
	f := func() [3]int { return a }
	r := f()
	r[0] = -1
	fmt.Println(a[0], f()[1])
	m := map[[2]string]int{{"a", "b"}: 1}
	fmt.Println(m[[2]string{"a", "b"}])
	type L struct {
		data [4]byte
		n    int
	}
	l := L{}
	l2 := &l
	copy(l2.data[:], "xyz")
	l3 := l
	l3.data[0] = 'Q'
	fmt.Println(string(l.data[:3]), string(l3.data[:3]))
	e := [0]int{}
	fmt.Println(len(e), e)
	aa := [2][2]int{{1, 2}, {3, 4}}
	row := aa[0]
	row[0] = 9
	fmt.Println(aa, row)
	aa[1], aa[0] = aa[0], aa[1]
	fmt.Println(aa)
	pp := &aa[0]
	pp[0] = 1000
	fmt.Println(aa)
	fn := [...]func(int) int{func(i int) int { return i + 1 }, func(i int) int { return i * 2 }}
	for _, k := range fn {
		fmt.Print(k(5), " ")
	}
	i := 0
	i, a[i] = 1, 5
	fmt.Println(i, a)
}
