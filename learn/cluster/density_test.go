package cluster

import (
	"fmt"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/random"
)

func TestGroupsOfTreeNodesAreThoseOfSingleRows(t *testing.T) {
	r := random.New(3)
	for trial := range 120 {
		n, p := 65+r.Intn(300), 1+r.Intn(5)
		x := learn.NewMatrix(n, p)
		for i := range x.Data {
			if x.Data[i] = r.Uniform(0, 1); trial%3 == 0 {
				x.Data[i] = float64(r.Intn(12)) / 10 // distances of exactly eps, and equal rows
			}
		}
		m := NewDBSCAN()
		m.Eps, m.MinSamples = []float64{0.03, 0.1, 0.3}[trial%3]*float64(1+trial%2), 1+r.Intn(8)
		m.Metric = []string{"euclidean", "manhattan", "chebyshev", "minkowski"}[trial%4]
		if m.Metric == "minkowski" {
			m.P = 3
		}
		w := make([]float64, n)
		for i := range w {
			if w[i] = 1; trial%5 == 0 {
				w[i] = float64(r.Intn(4))
			}
		}
		if err := m.FitWeighted(x, nil, w); err != nil {
			t.Fatal(err)
		}
		want := NewDBSCAN()
		want.Eps, want.MinSamples = m.Eps, m.MinSamples
		want.grow(neighbors.NewIndex(x, "brute", m.Metric, power(m.P), 0), x, w)
		if !slices.Equal(m.Labels, want.Labels) || !slices.Equal(m.CoreRows, want.CoreRows) {
			t.Fatal(fmt.Sprintf("trial %d, %s, %d×%d, eps %g", trial, m.Metric, n, p, m.Eps), "\n", m.Labels, "\n", want.Labels)
		}
	}
}
