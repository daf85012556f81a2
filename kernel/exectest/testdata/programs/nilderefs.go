package main

import "fmt"

func try(n string, f func()) {
	defer func() { fmt.Println(n, recover() != nil) }()
	f()
}

type T struct{ x int }

var sink int

func main() {
	try("1", func() { var p *int; m := map[int]int{}; m[0] = *p; fmt.Println(m) })
	try("2", func() { var p *int; m := map[int]int{}; m[0] += *p; fmt.Println(m) })
	try("3", func() { var p *int; m := map[int]int{}; sink, m[0] = sink, *p; fmt.Println(m) })
	try("4", func() { var p *any; m := map[int]int{}; m[0] = (*p).(int); fmt.Println(m) })
	try("5", func() { var p *any; m := map[int]int{}; m[0], _ = (*p).(int); fmt.Println(m) })
	try("6", func() { var p *map[int]int; m := map[int]int{}; m[0] = (*p)[0]; fmt.Println(m) })
	try("7", func() { var p *map[int]int; m := map[int]int{}; m[0], _ = (*p)[0]; fmt.Println(m) })
	try("8", func() { var p *[]int; m := map[int][]int{}; m[0] = append(m[0], *p...); fmt.Println(m) })
	try("9", func() { var p *int; m := map[int][]int{}; m[0] = append(m[0], *p); fmt.Println(m) })
	try("10", func() { m := map[any]int{}; k := []int{}; _ = m[k] })
	try("11", func() { m := map[any]int{}; k := []int{}; _, _ = m[k] })
	try("12", func() { m := map[any]int{}; k := []int{}; delete(m, k) })
	try("13", func() { var p *int; _ = *p })
	try("14", func() { var p *T; _ = *p })
	try("15", func() { var p *T; _ = p.x })
	try("16", func() {
		var p *[3]int
		for range *p {
			fmt.Println("x")
		}
	})
	try("17", func() {
		var p *[3]int
		fmt.Println(len(p))
		for range p {
			fmt.Print("x")
		}
	})
	try("18", func() {
		var p *[3]int
		for i := range p {
			fmt.Print(i)
		}
	})
	try("19", func() {
		var p *[3]int
		for i, v := range p {
			fmt.Print(i, v)
		}
	})
	try("20", func() { var p *int; x := 1; x += *p; fmt.Println(x) })
	try("21", func() { var p *int; fmt.Println(1 + *p) })
	try("22", func() { var p *int; *p++ })
	try("23", func() { var p *int; *p = 3 })
	try("24", func() { var p *T; p.x = 3 })
	try("25", func() { var p **T; (*p).x = 3 })
	try("26", func() { var p *string; fmt.Println(len(*p)) })
	try("27", func() { var p *[3]int; fmt.Println(len(*p)) })
	try("28", func() {
		var p *bool
		if *p {
			fmt.Println(1)
		} else {
			fmt.Println(2)
		}
	})
	try("29", func() {
		var p *bool
		for *p {
			fmt.Println(1)
		}
	})
	try("30", func() {
		var p *int
		switch *p {
		case 0:
			fmt.Println(0)
		}
	})
	try("31", func() { var p *int; fmt.Println(*p == 0) })
	try("32", func() { var p *int; var a [3]int; fmt.Println(a[*p]) })
	try("33", func() { var p *int; fmt.Println(make([]int, *p)) })
	try("34", func() { var p *func(); (*p)() })
	try("35", func() { var f func(); f() })
	try("36", func() { var p *chan int; close(*p) })
	try("37", func() { var p *float64; fmt.Println(float32(*p)) })
	try("38", func() { var p *int; fmt.Println(-*p) })
	try("39", func() { var p *bool; fmt.Println(!*p) })
	try("40", func() { var p *bool; fmt.Println(*p && true, true || *p, false && *p) })
	try("41", func() { var p *T; q := *p; fmt.Println(q) })
	try("42", func() { var p *string; fmt.Println(*p + "a") })
	try("43", func() {
		var p *string
		for range *p {
		}
	})
	try("44", func() {
		var p *[]int
		for range *p {
		}
	})
	try("45", func() {
		var p *map[int]int
		for range *p {
		}
	})
	try("46", func() { var p *string; fmt.Println((*p)[0:]) })
	try("47", func() { var p *[4]int; fmt.Println(p[:]) })
	try("48", func() { var p *[4]int; fmt.Println(p[1:2]) })
	try("49", func() { var e error; fmt.Println(e.Error()) })
	try("50", func() { var p *int; a, b := *p, 2; fmt.Println(a, b) })
	try("51", func() { var p *int; _, b := *p, 2; fmt.Println(b) })
	try("52", func() { var m map[string]map[string]int; m["a"]["b"] = 1 })
	try("53", func() { var p *int; copy([]int{1}, []int{*p}) })
	try("54", func() { a := []int{1}; i := 2; a[i]++ })
	try("55", func() { a := []int{1}; i := 2; a[i] = 3 })
	try("56", func() { a := []int{1}; i := 2; _ = a[i] })
	try("57", func() { a := []int{1}; i := 2; _ = a[i:] })
	try("58", func() { a := "abc"; i := 4; _ = a[i:] })
	try("59", func() { a := "abc"; i := 4; _ = a[i] })
	try("60", func() { x, y := 1, 0; _ = x / y })
	try("61", func() { x, y := 1, 0; _ = x % y })
	try("62", func() { x, y := 1.0, 0.0; _ = x / y })
	try("63", func() { n := -1; _ = make([]int, n) })
	try("64", func() { var x any = "a"; _ = x.(int) })
	try("65", func() { var x any = []int{}; _ = x == x })
	try("66", func() { var x, y any = []int{}, []int{}; _ = x == y })
	try("67", func() { s := []int{1, 2}; _ = [3]int(s) })
	try("68", func() { s := []int{1, 2}; _ = (*[3]int)(s) })
	try("69", func() { type E struct{ f any }; x := E{[]int{}}; _ = x == x })
	try("70", func() { var f func(int) int; fmt.Println(f(1)) })
	try("71", func() { x, s := 1, -1; _ = x << s })
	try("72", func() { panic(nil) })
	try("73", func() { var c chan int; close(c) })
	try("74", func() { c := make(chan int); close(c); c <- 1 })
	try("75", func() { c := make(chan int); close(c); close(c) })
}
