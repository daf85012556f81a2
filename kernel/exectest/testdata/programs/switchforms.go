package main

import "fmt"

func f(x any) string {
	switch v := x.(type) {
	case int, int8:
		return fmt.Sprintf("ints %v %T", v, v)
	case []int:
		return fmt.Sprint("slice ", len(v))
	case func() int:
		return fmt.Sprint("func ", v())
	case error:
		return "err " + v.Error()
	case *int:
		return fmt.Sprint("ptr ", *v)
	case nil:
		return "nil"
	case struct{ A int }:
		return fmt.Sprint("anon ", v.A)
	default:
		return fmt.Sprintf("other %T", v)
	}
}

func g(n int) (s string) {
	switch {
	case n > 5:
		s += ">5 "
		fallthrough
	case n > 100:
		s += ">100 "
	case n == 0:
	default:
		s += "d "
	}
	switch n := n * 2; n {
	case 2, 4:
		s += "24"
	case 6:
		s += "6"
	}
	switch x := n; {
	case x < 0:
		s += "neg"
	}
	return
}

func main() {
	k := 5
	fmt.Println(f(1), f(int8(2)), f([]int{1}), f(func() int { return 4 }), f(fmt.Errorf("e")), f(&k), f(nil), f(struct{ A int }{3}), f(1.5), f([2]int{}))
	fmt.Println(g(7), g(0), g(1), g(3), g(-1))
}
