package main

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

type P struct {
	Name string
	Age  int
}
type IDs []int

func (i IDs) Len() int { return len(i) }

func MaxOf[T cmp.Ordered](xs ...T) T { return slices.Max(xs) }
func Count(n int) iter.Seq[int] {
	return func(y func(int) bool) {
		for i := range n {
			if !y(i) {
				return
			}
		}
	}
}

func main() {
	xs := []int{3, 1, 2}
	slices.Sort(xs)
	fmt.Println(xs, slices.Max(xs), slices.Min(xs), slices.Contains(xs, 2), slices.Index(xs, 3))
	ps := []P{{"b", 2}, {"a", 2}, {"c", 1}}
	slices.SortFunc(ps, func(a, b P) int { return cmp.Or(cmp.Compare(a.Age, b.Age), strings.Compare(a.Name, b.Name)) })
	fmt.Println(ps)
	slices.SortStableFunc(ps, func(a, b P) int { return -cmp.Compare(a.Age, b.Age) })
	fmt.Println(ps, slices.IsSortedFunc(ps, func(a, b P) int { return cmp.Compare(b.Age, a.Age) }))
	m := map[string]int{"x": 1, "y": 2, "z": 3}
	fmt.Println(slices.Sorted(maps.Keys(m)), slices.Collect(Count(3)), len(maps.Clone(m)), maps.Equal(m, maps.Clone(m)))
	for i, v := range slices.Backward(xs) {
		fmt.Print(i, v, " ")
	}
	for c := range slices.Chunk([]int{1, 2, 3, 4, 5}, 2) {
		fmt.Print(c)
	}
	fmt.Println()
	fmt.Println(slices.Insert([]int{1, 4}, 1, 2, 3), slices.Delete([]int{1, 2, 3, 4}, 1, 3), slices.Compact([]int{1, 1, 2, 2, 1}), slices.Concat([]int{1}, []int{2, 3}), slices.Repeat([]string{"a"}, 3))
	i, ok := slices.BinarySearch(xs, 2)
	fmt.Println(i, ok, slices.Equal(xs, []int{1, 2, 3}), cmp.Compare("a", "b"))
	ids := IDs{5, 4, 6}
	slices.Reverse(ids)
	fmt.Println(ids, slices.Clone(ids).Len(), slices.IndexFunc(ids, func(i int) bool { return i == 4 }), MaxOf(2.5, 1.5), MaxOf("a", "b"))
	next, stop := iter.Pull(Count(5))
	a, _ := next()
	b, _ := next()
	stop()
	_, ok = next()
	fmt.Println(a, b, ok)
	var ap atomic.Pointer[P]
	fmt.Println(ap.Load() == nil)
	ap.Store(&ps[0])
	fmt.Println(ap.Load().Name, ap.CompareAndSwap(&ps[0], &ps[1]), ap.Load().Name)
	ov := sync.OnceValue(func() int { fmt.Println("once"); return 7 })
	fmt.Println(ov(), ov())
	r := slices.Replace([]int{1, 2, 3, 4}, 1, 3, 9, 9, 9)
	fmt.Println(r, slices.Compare([]int{1, 2}, []int{1, 3}), slices.ContainsFunc(ps, func(p P) bool { return p.Age == 1 }))
	mm := maps.Collect(slices.All([]string{"p", "q"}))
	fmt.Println(mm, slices.MaxFunc(ps, func(a, b P) int { return cmp.Compare(a.Name, b.Name) }))
	maps.DeleteFunc(m, func(k string, v int) bool { return v > 1 })
	fmt.Println(m, slices.Sorted(maps.Values(m)))
	words := strings.Fields("the quick brown fox jumps over the lazy dog")
	slices.SortFunc(words, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	fmt.Println(words)
	f := slices.Contains[[]string]
	fmt.Println(f(words, "fox"), slices.Grow(xs, 10)[:3], cap(slices.Clip(xs[:1])))
}
