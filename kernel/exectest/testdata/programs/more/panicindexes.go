package main

import "fmt"

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, r)
			if e, ok := r.(error); ok {
				fmt.Println(e.Error())
			}
		}
	}()
	f()
}
func main() {
	s := []int{1, 2, 3}
	i := 5
	j := -1
	a := [3]int{}
	str := "abc"
	try("idx", func() { _ = s[i] })
	try("neg", func() { _ = s[j] })
	try("arr", func() { _ = a[i] })
	try("arrp", func() { p := &a; p[i] = 1 })
	try("str", func() { _ = str[i] })
	try("slice hi", func() { _ = s[1:i] })
	try("slice lo", func() { _ = s[i:] })
	try("slice lohi", func() { k := 1; _ = s[2:k] })
	try("slice neg", func() { _ = s[j:] })
	try("slice3", func() { _ = s[0:1:i] })
	try("slice3b", func() { m := 2; _ = s[0:3:m] })
	try("slicestr", func() { _ = str[i:] })
	try("slicestr2", func() { _ = str[:i] })
	try("set", func() { s[i] = 3 })
	try("opset", func() { s[i] += 3 })
	try("inc", func() { s[i]++ })
	try("addr", func() { p := &s[i]; *p = 1 })
	try("u8", func() { var u uint8 = 200; _ = s[u] })
	try("u64", func() { var u uint64 = 1 << 63; _ = s[u] })
	try("conv", func() { _ = [4]int(s) })
	try("convp", func() { _ = (*[4]int)(s) })
	try("div", func() { z := 0; _ = i / z })
	try("mod", func() { z := 0; _ = i % z })
	try("shift", func() { _ = 1 << j })
	try("make", func() { _ = make([]int, j) })
	try("makecap", func() { _ = make([]int, i, 2*j+3) })
	try("makechan", func() { _ = make(chan int, j) })
	try("closenil", func() { var c chan int; close(c) })
	try("closetwice", func() { c := make(chan int); close(c); close(c) })
	try("sendclosed", func() { c := make(chan int, 1); close(c); c <- 1 })
	try("nilmap", func() { var m map[string]int; m["a"] = 1 })
	try("nilfunc", func() { var f func(); f() })
	try("nested", func() { x := [][]int{{1}, {2}}; _ = x[1][i] })
	try("nested2", func() { x := [2][2]int{}; _ = x[1][i] })
	try("structf", func() { type T struct{ xs []int }; t := T{s}; _ = t.xs[i] })
	try("slice arr", func() { _ = a[i:] })
	try("full", func() { hi := 9; _ = a[:hi] })
	try("bytes", func() { b := []byte("xy"); _ = b[i] })
	try("range", func() {
		for k := 0; k <= len(s); k++ {
			_ = s[k]
		}
	})
	try("arr64", func() { var x int64 = -9876543210; _ = s[x] })
	try("empty", func() { var e []string; _ = e[0] })
	try("empty arg", func() { var e []string; fmt.Println(e[len(e)-1]) })
}
