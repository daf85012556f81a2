package exec

import "sort"

// alignment is that of Buffers of the pool.
const alignment = 64

// layOut gives every storage of the arena an offset such that storages that are in use at the same step do
// not overlap, the large ones first and each as low as it fits. It returns the size of the arena.
func layOut(all []storage) int {
	var order []int
	for i := range all {
		if all[i].kind == inArena && all[i].first >= 0 {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return all[order[a]].bytes > all[order[b]].bytes })
	var placed []int // by offset
	size := 0
	for _, i := range order {
		s := &all[i]
		s.offset = 0
		for _, k := range placed {
			o := &all[k]
			if o.first > s.last || s.first > o.last {
				continue
			}
			if o.offset >= s.offset+s.bytes {
				break
			}
			s.offset = max(s.offset, aligned(o.offset+o.bytes))
		}
		at := sort.Search(len(placed), func(k int) bool { return all[placed[k]].offset > s.offset })
		placed = append(placed, 0)
		copy(placed[at+1:], placed[at:])
		placed[at] = i
		size = max(size, aligned(s.offset+s.bytes))
	}
	return size
}

func aligned(n int) int { return (n + alignment - 1) &^ (alignment - 1) }
