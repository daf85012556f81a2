package main

import "fmt"

type (
	N int
	P struct{ s string }
	I interface{ M() string }
)

func (n N) M() string { return fmt.Sprint("N", int(n)) }
func (p P) M() string { return p.s }

func mk(n int) N    { return N(n) }
func mp(s string) P { return P{s} }
func two(n int) (N, P) {
	return N(n), P{fmt.Sprint(n)}
}
func hold(i I) func() string { return func() string { return i.M() } }

type box struct{ i I }

func main() {
	n := N(1)
	var i I = n
	n = 2
	fmt.Println(i.M())
	p := P{"a"}
	i = p
	p.s = "b"
	fmt.Println(i.M())
	var list []I
	for k := range 3 {
		list = append(list, mk(k))
		list = append(list, mp(fmt.Sprint("p", k)))
	}
	for _, x := range list {
		fmt.Print(x.M(), " ")
	}
	fmt.Println()
	var fs []func() string
	for k := range 3 {
		fs = append(fs, hold(mk(k)))
		fs = append(fs, hold(mp(fmt.Sprint(k))))
	}
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	fmt.Println()
	m := map[int]I{}
	for k := range 3 {
		m[k] = mk(k)
		m[k+10] = mp(fmt.Sprint(k))
	}
	fmt.Println(m[0].M(), m[1].M(), m[10].M(), m[11].M())
	var bs []box
	for k := range 3 {
		bs = append(bs, box{mk(k)}, box{i: mp(fmt.Sprint(k))})
	}
	for _, b := range bs {
		fmt.Print(b.i.M(), " ")
	}
	fmt.Println()
	arr := []N{1, 2}
	i = arr[0]
	arr[0] = 9
	fmt.Println(i.M())
	ps := []P{{"x"}}
	i = ps[0]
	ps[0].s = "y"
	fmt.Println(i.M())
	mm := map[string]P{"k": {"z"}}
	i = mm["k"]
	mm["k"] = P{"w"}
	fmt.Println(i.M())
	q := &P{"q"}
	i = *q
	q.s = "r"
	fmt.Println(i.M())
	c := make(chan I, 3)
	for k := range 3 {
		c <- mk(k)
	}
	close(c)
	for x := range c {
		fmt.Print(x.M(), " ")
	}
	fmt.Println()
	var anys []any
	for k := range 3 {
		anys = append(anys, mk(k), mp("a"), n, p)
		n++
		p.s += "!"
	}
	for _, a := range anys {
		fmt.Print(a, " ")
	}
	fmt.Println()
	var es []error
	for k := range 3 {
		es = append(es, fmt.Errorf("e%d", k))
	}
	fmt.Println(es)
	var x, y I
	for k := range 2 {
		x, y = two(k)
		list = append(list, x, y)
	}
	for _, l := range list[6:] {
		fmt.Print(l.M(), " ")
	}
	fmt.Println()
	ret := func(k int) I { return mk(k) }
	a, b := ret(1), ret(2)
	fmt.Println(a.M(), b.M())
	nn := N(5)
	ret2 := func() I { return nn }
	a = ret2()
	nn = 6
	fmt.Println(a.M(), ret2().M())
	var arrI [3]I
	for k := range 3 {
		arrI[k] = N(k * 2)
	}
	fmt.Println(arrI[0].M(), arrI[1].M())
	st := struct{ I }{mk(4)}
	mk(8)
	fmt.Println(st.M())
	f := n.M
	n = 50
	fmt.Println(f())
	var s fmt.Stringer
	_ = s
}
