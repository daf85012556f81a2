package cluster

import (
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

func TestRowsWithoutALookStayWithTheirNearestCentre(t *testing.T) {
	r := random.New(7)
	for trial := range 60 {
		n, p, k := 50+r.Intn(900), 1+r.Intn(20), 2+r.Intn(8)
		x := learn.NewMatrix(n, p)
		for i := range x.Data {
			x.Data[i] = r.Gauss()
			if trial%3 == 0 {
				x.Data[i] = float64(r.Intn(3)) // equal rows
			}
			if trial%4 == 1 {
				x.Data[i] = 1e6 + x.Data[i] // products lose digits
			}
		}
		centers := x.Take(r.Choice(n, k))
		b, labels, want := newBounds(x, centers), make([]int, n), make([]int, n)
		for range 12 {
			b.assign(centers, labels)
			assignTo(x, centers, want, nil)
			for i := range labels {
				a, c := squared(x.Row(i), centers.Row(labels[i])), squared(x.Row(i), centers.Row(want[i]))
				if a > c*(1+1e-9)+1e-3*float64(trial%4%2) {
					t.Fatalf("trial %d: row %d is %g from centre %d and %g from %d", trial, i, a, labels[i], c, want[i])
				}
			}
			before := centers.Clone()
			move(x, slices.Repeat([]float64{1}, n), centers, labels)
			b.moved(before, centers)
		}
	}
}
