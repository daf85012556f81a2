// Package boxes holds what detectors of all formats share: rectangles and non-maximum suppression.
//
//	order := boxes.ByScore(scores)             // best first
//	kept := boxes.Suppress(order, 0.45, 1, 100, func(i int) boxes.Box { return all[i] })
//	for _, i := range kept {
//		fmt.Println(all[i], scores[i])
//	}
//
// It knows nothing of tensors, labels or files.
package boxes

import (
	"cmp"
	"slices"
)

// Box is a rectangle: xmin, ymin, xmax, ymax, in any unit.
type Box [4]float64

// Area returns the area; that of a box whose ends are exchanged is 0.
func (b Box) Area() float64 {
	if b[2] < b[0] || b[3] < b[1] {
		return 0
	}
	return (b[2] - b[0]) * (b[3] - b[1])
}

// Overlap returns the intersection over the union, in 0…1.
func (b Box) Overlap(o Box) float64 {
	w, h := min(b[2], o[2])-max(b[0], o[0]), min(b[3], o[3])-max(b[1], o[1])
	if !(w > 0 && h > 0) {
		return 0
	}
	union := b.Area() + o.Area() - w*h
	if union <= 0 {
		return 0
	}
	return w * h / union
}

// ByScore returns the places of scores, the greatest first; of equal ones the earlier first.
func ByScore(scores []float64) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order
}

// Suppress keeps of order each box that overlaps no kept one by more than limit, up to most of them (−1: all). With
// eta below 1, limit shrinks by it after each kept box while it is above ½.
func Suppress(order []int, limit, eta float64, most int, box func(i int) Box) []int {
	var kept []int
	for _, i := range order {
		if most >= 0 && len(kept) >= most {
			break
		}
		b := box(i)
		if slices.ContainsFunc(kept, func(k int) bool { return b.Overlap(box(k)) > limit }) {
			continue
		}
		kept = append(kept, i)
		if eta < 1 && limit > 0.5 {
			limit *= eta
		}
	}
	return kept
}
