package main

import (
	"cmp"
	"container/heap"
	"container/list"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

type P struct {
	n string
	a int
}
type byAge []P

func (b byAge) Len() int           { return len(b) }
func (b byAge) Less(i, j int) bool { return b[i].a < b[j].a }
func (b byAge) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type IH []int

func (h IH) Len() int           { return len(h) }
func (h IH) Less(i, j int) bool { return h[i] < h[j] }
func (h IH) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *IH) Push(x any)        { *h = append(*h, x.(int)) }
func (h *IH) Pop() any          { o := *h; x := o[len(o)-1]; *h = o[:len(o)-1]; return x }

type PQ []*P

func (h PQ) Len() int           { return len(h) }
func (h PQ) Less(i, j int) bool { return h[i].a > h[j].a }
func (h PQ) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *PQ) Push(x any)        { *h = append(*h, x.(*P)) }
func (h *PQ) Pop() any          { o := *h; x := o[len(o)-1]; *h = o[:len(o)-1]; return x }
func main() {
	ps := []P{{"a", 3}, {"b", 1}, {"c", 3}, {"d", 2}, {"e", 1}, {"f", 3}}
	q := slices.Clone(ps)
	sort.Stable(byAge(q))
	fmt.Println(q)
	q = slices.Clone(ps)
	sort.SliceStable(q, func(i, j int) bool { return q[i].a > q[j].a })
	fmt.Println(q)
	q = slices.Clone(ps)
	slices.SortStableFunc(q, func(x, y P) int { return cmp.Or(cmp.Compare(x.a, y.a), -strings.Compare(x.n, y.n)) })
	fmt.Println(q)
	sort.Sort(sort.Reverse(byAge(q)))
	fmt.Println(q[0].a, sort.IsSorted(byAge(q)))
	h := &IH{5, 2, 8}
	heap.Init(h)
	heap.Push(h, 3)
	(*h)[0] = 10
	heap.Fix(h, 0)
	for h.Len() > 0 {
		fmt.Print(heap.Pop(h), " ")
	}
	pq := PQ{}
	for i := range ps {
		heap.Push(&pq, &ps[i])
	}
	fmt.Println(heap.Pop(&pq).(*P).a, len(pq))
	l := list.New()
	l.PushBack(1)
	l.PushFront("z")
	e := l.PushBack(P{"q", 1})
	l.InsertBefore(2.5, e)
	for x := l.Front(); x != nil; x = x.Next() {
		fmt.Print(x.Value, " ")
	}
	fmt.Println(l.Len(), e.Value.(P).n)
	xs := []int{3, 1, 2}
	slices.Sort(xs)
	i, ok := slices.BinarySearch(xs, 2)
	fmt.Println(xs, i, ok, slices.Max(xs), slices.Index(xs, 3), slices.Contains(xs, 9), sort.SearchInts(xs, 3))
	xs = slices.Insert(xs, 1, 7, 8)
	xs = slices.Delete(xs, 0, 1)
	xs = slices.Compact(append(xs, 3, 3))
	fmt.Println(xs, slices.Equal(xs, xs), slices.Concat(xs, xs)[:7], slices.Repeat(xs[:1], 3))
	fmt.Println(slices.IndexFunc(ps, func(p P) bool { return p.n == "d" }), slices.ContainsFunc(ps, func(p P) bool { return p.a > 5 }), slices.MinFunc(ps, func(a, b P) int { return cmp.Compare(a.a, b.a) }))
	m := map[string]int{"x": 2, "y": 1}
	ks := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Compare(m[a], m[b]) })
	fmt.Println(ks, cmp.Less(1, 2), min(3, 1, 2), max("a", "b"))
	maps.DeleteFunc(m, func(k string, v int) bool { return v > 1 })
	fmt.Println(m, maps.Equal(m, maps.Clone(m)))
	fs := []float64{2, -1, 0.5}
	sort.Float64s(fs)
	fmt.Println(fs, sort.Search(100, func(i int) bool { return i*i >= 50 }))
}
