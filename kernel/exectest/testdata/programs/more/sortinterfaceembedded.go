package main

import (
	"fmt"
	"sort"
)

type rev struct{ sort.Interface }

func (r rev) Less(i, j int) bool { return r.Interface.Less(j, i) }

type keyed struct {
	sort.Interface
	n *int
}

func (k keyed) Swap(i, j int) { *k.n++; k.Interface.Swap(i, j) }
func main() {
	x := []int{3, 1, 2}
	sort.Sort(rev{sort.IntSlice(x)})
	fmt.Println(x)
	n := 0
	sort.Sort(keyed{sort.StringSlice([]string{"b", "a"}), &n})
	fmt.Println(n > 0)
	sort.Slice(x, func(i, j int) bool { return x[i] < x[j] })
	fmt.Println(x, sort.IsSorted(sort.IntSlice(x)))
	i := sort.Search(100, func(i int) bool { return i*i >= 50 })
	fmt.Println(i)
}
