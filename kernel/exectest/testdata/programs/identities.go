package main

import (
	"fmt"
	"strings"
)

type N int

func (n N) String() string { return "N" }

type (
	S  struct{ a int }
	T3 S
	E  struct{}
)

type (
	deep struct{ S2 }
	S2   struct{ f int }
)

func (t S2) String() string { return "FAIL" }

func inc(x int) int { return x + 1 }

func f() func(int) int { return inc }

type M struct{ x int }

func (m M) Get() int   { return m.x }
func (m *M) Set(v int) { m.x = v }

type (
	A struct{ M }
	B struct{ *A }
)

func two() (int, string) { return 1, "a" }

func main() {
	var v any = []N{1}
	_, ok := v.([]int)
	fmt.Println(ok)
	_, ok = v.([]N)
	fmt.Println(ok)
	v = map[string]N{"a": 1}
	_, ok = v.(map[string]int)
	fmt.Println(ok)
	v = new(S)
	_, ok = v.(*T3)
	fmt.Println(ok)
	v = new(N)
	_, ok = v.(*int)
	fmt.Println(ok)
	_, ok = v.(*N)
	fmt.Println(ok)
	v = func(N) N { return 0 }
	_, ok = v.(func(int) int)
	fmt.Println(ok)
	v = make(chan N)
	_, ok = v.(chan int)
	fmt.Println(ok)
	v = [2]N{}
	_, ok = v.([2]int)
	fmt.Println(ok)
	v = struct{ n N }{1}
	_, ok = v.(struct{ n int })
	fmt.Println(ok)
	v = E{}
	_, ok = v.(struct{})
	fmt.Println(ok)
	fmt.Println(f()(2))
	b := B{&A{M{3}}}
	b.Set(4)
	g := b.Get
	b.Set(5)
	fmt.Println(b.Get(), g(), b.x)
	h := (*M).Set
	h(&b.A.M, 9)
	fmt.Println(b.x)
	var sb strings.Builder
	fmt.Fprintf(&sb, "%v %d %v", N(1), N(1), []N{1, 2})
	fmt.Println(sb.String())
	fmt.Println(two())
	x, y := 1, 2
	x, y = y, x+y
	fmt.Println(x, y)
	arr := [3]int{1, 2, 3}
	for i, v := range arr {
		arr[2] = 10
		if i == 2 {
			fmt.Println(v)
		}
	}
	sl := arr[:]
	for i, v := range sl {
		sl[2] = 20
		if i == 2 {
			fmt.Println(v)
		}
	}
	fs := map[string]func(int) int{"inc": inc, "dbl": func(x int) int { return 2 * x }}
	fmt.Println(fs["inc"](1), fs["dbl"](4))
	type pt struct{ x, y int }
	m := map[pt]string{{1, 2}: "a"}
	fmt.Println(m[pt{1, 2}])
	m2 := map[string]*pt{"k": {3, 4}}
	m2["k"].x++
	fmt.Println(*m2["k"])
	c := 0
	func() {
		defer func() { c++ }()
		defer func() { recover(); c += 10 }()
		panic(1)
	}()
	fmt.Println(c)
	var e error
	fmt.Println(e == nil)
	s := "héllo"
	for i, r := range s {
		fmt.Print(i, string(r), " ")
	}
	fmt.Println(len(s), s[1:3], []byte(s)[1], []rune(s)[1])
	z := 5
	p := &z
	*p += 3
	fmt.Println(z, *p)
	const big = 1 << 40
	fmt.Println(big>>38, uint8(big>>36), -7/2, -7%3, 7&^5, 1<<3|1)
	var u8 uint8 = 250
	u8 += 10
	var i8 int8 = 127
	i8++
	fmt.Println(u8, i8, ^0, ^uint16(5))
	lbl := 0
outer:
	for i := range 3 {
		for j := range 3 {
			if j == 2 {
				continue outer
			}
			if i == 2 {
				break outer
			}
			lbl += i*10 + j
		}
	}
	fmt.Println(lbl)
	switch x := 5; {
	case x > 3:
		fmt.Println("big")
		fallthrough
	case x > 10:
		fmt.Println("fall")
	default:
		fmt.Println("no")
	}
	fmt.Printf("%T %T %T %T %v %+v %#v\n", N(1), S{}, []S{}, map[N]S{}, S{1}, S{1}, S{1})
	a2 := [2][2]int{{1, 2}, {3, 4}}
	b2 := a2
	b2[0][0] = 100
	fmt.Println(a2, b2, a2 == b2)
	var np *M
	defer func() { fmt.Println(recover()) }()
	fmt.Println(np.Get())
}
