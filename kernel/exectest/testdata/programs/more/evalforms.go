package main

import "fmt"

func f(s string, n int) int { fmt.Print(s, " "); return n }

type T struct {
	a, b int
	m    map[string]int
}

func (t *T) M(n int) *T            { fmt.Print("M", n, " "); t.a += n; return t }
func two() (int, int)              { return 1, 2 }
func three(a, b int, c ...int) int { return a*100 + b*10 + len(c) }
func main() {
	a := []int{1, 2, 3}
	i := 0
	i, a[i] = 1, 9
	fmt.Println(i, a)
	a[0], a[1], a[2] = a[2], a[0], a[1]
	fmt.Println(a)
	x, y := 1, 2
	x, y = y, x+y
	fmt.Println(x, y)
	a[f("i", 0)] = f("v", 7)
	fmt.Println(a)
	m := map[int]int{}
	m[f("k", 1)] += f("x", 5)
	fmt.Println(m)
	fmt.Println(f("a", 1)+f("b", 2)*f("c", 3), f("d", 0) == 0 && f("e", 1) == 0 || f("g", 2) == 2)
	t := (&T{}).M(1).M(f("arg", 2)).M(3)
	fmt.Println(t.a)
	fmt.Println(three(two()), three(1, 2, 3, 4), three(f("p", 1), f("q", 2), []int{1}...))
	arr := [3]int{f("x", 1), f("y", 2), f("z", 3)}
	fmt.Println(arr)
	s := T{b: f("b", 1), a: f("a", 2)}
	fmt.Println(s.a, s.b)
	mm := map[string]int{"a": f("1", 1), "b": f("2", 2)}
	fmt.Println(len(mm))
	if v := f("if", 3); v > 2 && f("and", 1) > 0 {
		fmt.Println("yes", v)
	} else if w := f("else", 1); w > 0 {
		fmt.Println(w)
	}
	switch v := f("sw", 2); v {
	case f("c1", 1):
		fmt.Println(1)
	case f("c2", 2), f("c3", 3):
		fmt.Println("two")
		fallthrough
	case 99:
		fmt.Println("ft")
	default:
		fmt.Println("d")
	}
	switch {
	default:
		fmt.Println("default first")
	case x > 100:
		fmt.Println("no")
	}
	for i, j := f("init", 0), 3; i < j; i, j = i+1, j-1 {
		fmt.Print(i, j, ";")
	}
	p := &a[1]
	a = append(a, 10)
	*p = 100
	fmt.Println(a[1], *p)
	b := a[:2]
	b = append(b, 77)
	fmt.Println(a, b, len(b), cap(b) == cap(a))
	c := a[1:2:2]
	c = append(c, 5)
	fmt.Println(a, c, cap(a[1:2:3]))
	var n *T
	fmt.Println(n == nil, len(a[3:]), a[len(a):])
	q := &T{m: map[string]int{}}
	q.m["z"]++
	q.a, q.b = q.b+1, q.a+2
	fmt.Println(*q)
	z := []func() int{func() int { return f("z0", 0) }, func() int { return f("z1", 1) }}[f("idx", 1)]()
	fmt.Println(z)
	var v any = f("any", 4)
	fmt.Println(v)
	u := struct {
		T
		n []int
	}{T{1, 2, nil}, a}
	u.T.a, u.n[0] = 5, 6
	fmt.Println(u.a, a[0])
	_, d := two()
	_ = d
	var e, g = two()
	fmt.Println(d, e, g)
	copy(a[1:], a)
	fmt.Println(a, copy(a, []int{0, 0}))
	clear(a[:1])
	fmt.Println(a, min(2, 1.5), max(3, 2, 9))
	const big = 1 << 40
	fmt.Println(big>>38, uint8(big>>35&0xff), -5/2, -5%2, 5&^3, 7^2, ^7)
	fmt.Println(len("日本"), "日本"[3:], string([]byte{65, 66}), []byte("é"), string([]rune{0x65e5}), "a"+"b" < "b")
	lbl := 0
L:
	for {
		switch {
		case lbl < 3:
			lbl++
			continue L
		default:
			break L
		}
	}
	fmt.Println(lbl)
}
