package main

import "fmt"

func main() {
	var fs []func() int
	for i := 0; i < 3; i++ {
		fs = append(fs, func() int { i += 10; return i })
	}
	for _, f := range fs {
		fmt.Print(f(), f(), " ")
	}
	fs = nil
	for i := 0; i < 6; i++ {
		fs = append(fs, func() int { return i })
		i++
	}
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	fmt.Println()
	var ps []*int
	for i := range 3 {
		ps = append(ps, &i)
	}
	for _, p := range ps {
		fmt.Print(*p, " ")
	}
	for k, v := range map[string]int{"a": 1} {
		defer func() { fmt.Println("defer", k, v) }()
	}
	var gs []func()
	for i, s := range []string{"x", "y"} {
		s := s + "!"
		gs = append(gs, func() { fmt.Print(i, s, " ") })
	}
	for _, g := range gs {
		g()
	}
	for i, j := 0, 10; i < j; i, j = i+3, j-3 {
		gs = append(gs, func() { fmt.Print(i, ":", j, " ") })
	}
	for _, g := range gs {
		g()
	}
	fmt.Println()
	x := 0
	inc := func() func() int { return func() int { x++; return x } }
	a, b := inc(), inc()
	a()
	b()
	fmt.Println(a(), b(), x)
	counter := func() (func(), func() int) { n := 0; return func() { n++ }, func() int { return n } }
	i1, g1 := counter()
	i1()
	i1()
	fmt.Println(g1())
	var fib func(int) int
	fib = func(n int) int {
		if n < 2 {
			return n
		}
		return fib(n-1) + fib(n-2)
	}
	fmt.Println(fib(15))
	acc := 0
	for i := 0; i < 3; i++ {
		func() { defer func() { acc += i }(); i := i * 2; acc += i }()
	}
	fmt.Println(acc)
	for i := 0; i < 2; i++ {
		for j := 0; j < 2; j++ {
			gs = append(gs[:0:0], append(gs, func() { fmt.Print(i*10+j, " ") })...)
		}
	}
	for _, g := range gs[len(gs)-4:] {
		g()
	}
	fmt.Println()
	var last func() int
	for i := 0; i < 5; i++ {
		if i == 3 {
			last = func() int { return i * i }
			continue
		}
		if last != nil {
			break
		}
	}
	fmt.Println(last())
	compose := func(fs ...func(int) int) func(int) int {
		return func(x int) int {
			for _, f := range fs {
				x = f(x)
			}
			return x
		}
	}
	fmt.Println(compose(func(x int) int { return x + 1 }, func(x int) int { return x * 2 })(5))
	memo := map[int]int{}
	var mf func(int) int
	mf = func(n int) int {
		if v, ok := memo[n]; ok {
			return v
		}
		r := 1
		if n > 1 {
			r = mf(n-1) + mf(n-2)
		}
		memo[n] = r
		return r
	}
	fmt.Println(mf(40), len(memo))
	y := 1
	func(y int) { y++; fmt.Print(y, " ") }(y)
	func() { y := y; y++ }()
	fmt.Println(y)
	for i := range 3 {
		switch i {
		case 1:
			continue
		}
		func() { fmt.Print("i", i, " ") }()
	}
	fmt.Println()
}
