package boxes

import (
	"math"
	"slices"
	"testing"
)

// TestSuppressionKeepsTheBestOfEachCluster has two clusters and one box alone.
func TestSuppressionKeepsTheBestOfEachCluster(t *testing.T) {
	all := []Box{{0, 0, 10, 10}, {1, 0, 11, 10}, {20, 20, 30, 30}, {20, 21, 30, 31}, {50, 50, 51, 51}}
	scores := []float64{0.5, 0.9, 0.8, 0.8, 0.1}
	at := func(i int) Box { return all[i] }
	order := ByScore(scores)
	if !slices.Equal(order, []int{1, 2, 3, 0, 4}) {
		t.Errorf("order is %v", order)
	}
	for _, c := range []struct {
		limit, eta float64
		most       int
		want       []int
	}{
		{0.5, 1, -1, []int{1, 2, 4}},
		{0.5, 1, 2, []int{1, 2}},
		{0.9, 1, -1, []int{1, 2, 3, 0, 4}},
		{0.9, 0.8, -1, []int{1, 2, 4}},
	} {
		if got := Suppress(order, c.limit, c.eta, c.most, at); !slices.Equal(got, c.want) {
			t.Errorf("limit %v, eta %v: kept %v, want %v", c.limit, c.eta, got, c.want)
		}
	}
}

// TestOverlap has boxes inside, beside and inverted.
func TestOverlap(t *testing.T) {
	b := Box{0, 0, 2, 2}
	for o, want := range map[Box]float64{
		{0, 0, 2, 2}: 1, {1, 0, 3, 2}: 1.0 / 3, {2, 0, 3, 2}: 0, {1, 1, 0, 0}: 0, {0, 0, 1, 1}: 0.25,
		{math.NaN(), 0, 1, 1}: 0,
	} {
		if got := b.Overlap(o); math.Abs(got-want) > 1e-12 {
			t.Errorf("overlap with %v is %v, want %v", o, got, want)
		}
	}
}
