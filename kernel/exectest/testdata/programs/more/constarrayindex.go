package main

import "fmt"

const (
	A = iota
	B
	C
	N
)

var (
	names = [N]string{A: "a", C: "c"}
	tbl   = [...][2]int{{1, 2}, 3: {7, 8}, {9, 10}}
	sl    = []string{5: "five", 1: "one", "two"}
)

func main() {
	fmt.Printf("%q %v %d %q %d\n", names, tbl, len(tbl), sl, len(sl))
	m := map[[2]int]string{{1, 2}: "a", {3, 4}: "b"}
	fmt.Println(m[[2]int{3, 4}])
	ps := []*struct{ x int }{{1}, {2}}
	fmt.Println(ps[1].x)
	mm := map[string][]map[int]string{"k": {{1: "x"}, {}}}
	fmt.Println(mm)
	pm := map[string]*[]int{"a": {1, 2}}
	fmt.Println(*pm["a"])
}
