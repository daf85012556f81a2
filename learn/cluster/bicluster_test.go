package cluster_test

import (
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/cluster"
	"github.com/lathe-ml/lathe/learn/random"
)

// planted returns a matrix whose entry (i, j) depends on block(i%k, j%k), with noise.
func planted(rows, cols, k int, block func(r, c int) float64) *learn.Matrix {
	r := random.New(3)
	x := learn.NewMatrix(rows, cols)
	for i := range rows {
		for j := range cols {
			x.Set(i, j, block(i%k, j%k)+0.1*r.Float64())
		}
	}
	return x
}

// sameGroups reports whether labels are i%k up to their names.
func sameGroups(labels []int, k int) bool {
	name := map[int]int{}
	for i, l := range labels {
		if want, ok := name[i%k]; ok && want != l {
			return false
		}
		name[i%k] = l
	}
	seen := map[int]bool{}
	for _, l := range name {
		seen[l] = true
	}
	return len(seen) == k
}

func TestCoclusteringFindsBlocks(t *testing.T) {
	x := planted(40, 25, 3, func(r, c int) float64 {
		if r == c {
			return 5
		}
		return 0
	})
	m := cluster.NewSpectralCoclustering()
	learn.Must(m.Fit(x, nil))
	if !sameGroups(m.RowLabels, 3) || !sameGroups(m.ColumnLabels, 3) {
		t.Errorf("rows %v columns %v, want i%%3 up to names", m.RowLabels, m.ColumnLabels)
	}
	for c, in := range m.Rows {
		for i, yes := range in {
			if yes != (m.RowLabels[i] == c) {
				t.Fatalf("row %d in bicluster %d is %v with label %d", i, c, yes, m.RowLabels[i])
			}
		}
	}
}

func TestBiclusteringFindsACheckerboard(t *testing.T) {
	for _, method := range []string{"bistochastic", "scale", "log"} {
		x := planted(36, 30, 3, func(r, c int) float64 { return []float64{1, 4, 9, 8, 2, 5, 3, 9, 1}[3*r+c] })
		m := cluster.NewSpectralBiclustering()
		m.Method = method
		learn.Must(m.Fit(x, nil))
		if !sameGroups(m.RowLabels, 3) || !sameGroups(m.ColumnLabels, 3) {
			t.Errorf("%s: rows %v columns %v, want i%%3 up to names", method, m.RowLabels, m.ColumnLabels)
		}
		if len(m.Rows) != 9 || len(m.Columns) != 9 {
			t.Errorf("%s: %d and %d biclusters, want 9", method, len(m.Rows), len(m.Columns))
		}
	}
}
