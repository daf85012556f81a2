package main

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
)

type (
	P struct {
		n string
		a int
	}
	byAge []P
)

func (b byAge) Len() int           { return len(b) }
func (b byAge) Less(i, j int) bool { return b[i].a < b[j].a }
func (b byAge) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }
func main() {
	ps := []P{{"a", 30}, {"b", 20}, {"c", 30}, {"d", 10}}
	sort.Sort(byAge(ps))
	fmt.Println(ps)
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].n > ps[j].n })
	fmt.Println(ps)
	slices.SortFunc(ps, func(a, b P) int { return cmp.Or(-cmp.Compare(a.a, b.a), strings.Compare(a.n, b.n)) })
	fmt.Println(ps)
	sort.Sort(sort.Reverse(byAge(ps)))
	fmt.Println(ps[0])
	i, ok := slices.BinarySearchFunc([]int{1, 3, 5}, 3, cmp.Compare[int])
	fmt.Println(i, ok, sort.SearchInts([]int{1, 3, 5}, 4))
	xs := []int{3, 1, 2, 3}
	slices.Sort(xs)
	fmt.Println(xs, slices.Compact(xs), slices.Index(xs, 2), slices.Contains(xs, 9), slices.Max(xs))
}
