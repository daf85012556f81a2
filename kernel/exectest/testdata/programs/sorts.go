package main

import (
	"container/heap"
	"container/list"
	"fmt"
	"sort"
	"strings"
)

type P struct {
	name string
	age  int
}
type byAge []P

func (b byAge) Len() int           { return len(b) }
func (b byAge) Less(i, j int) bool { return b[i].age < b[j].age }
func (b byAge) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type IntHeap []int

func (h IntHeap) Len() int           { return len(h) }
func (h IntHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h IntHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *IntHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *IntHeap) Pop() any {
	old := *h
	n := len(old)
	x := old[n-1]
	*h = old[:n-1]
	return x
}

func main() {
	ps := []P{{"a", 3}, {"b", 1}, {"c", 2}}
	sort.Slice(ps, func(i, j int) bool { return ps[i].name > ps[j].name })
	fmt.Println(ps)
	sort.Sort(byAge(ps))
	fmt.Println(ps)
	sort.Sort(sort.Reverse(byAge(ps)))
	fmt.Println(ps)
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].age/2 < ps[j].age/2 })
	fmt.Println(ps)
	h := &IntHeap{5, 2, 8}
	heap.Init(h)
	heap.Push(h, 1)
	for h.Len() > 0 {
		fmt.Print(heap.Pop(h), " ")
	}
	fmt.Println()
	l := list.New()
	l.PushBack(1)
	l.PushFront("z")
	for e := l.Front(); e != nil; e = e.Next() {
		fmt.Print(e.Value, " ")
	}
	fmt.Println(l.Len())
	i := sort.Search(100, func(i int) bool { return i*i >= 50 })
	fmt.Println(i, sort.SearchInts([]int{1, 3, 5}, 3))
	w := strings.Fields("the quick brown fox")
	sort.Slice(w, func(i, j int) bool {
		if len(w[i]) != len(w[j]) {
			return len(w[i]) < len(w[j])
		}
		return w[i] < w[j]
	})
	fmt.Println(w)
}
