package neighbors

import (
	"reflect"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

func TestProductsFindTheRowsThatDistancesFind(t *testing.T) {
	r := random.New(5)
	for trial := range 40 {
		n, p, k := 70+r.Intn(2500), 1+r.Intn(20), 1+r.Intn(12)
		x, q := learn.NewMatrix(n, p), learn.NewMatrix(130, p)
		for _, m := range []*learn.Matrix{x, q} {
			for i := range m.Data {
				switch trial % 4 {
				case 0:
					m.Data[i] = float64(r.Intn(4)) // equal distances
				case 1:
					m.Data[i] = 1e8 + r.Uniform(0, 1) // nothing is left of products
				default:
					m.Data[i] = r.Gauss()
				}
			}
		}
		if trial%5 == 0 {
			copy(q.Data, x.Data[:min(len(x.Data), len(q.Data))])
		}
		ix := NewIndex(x, "brute", "euclidean", 2, 0)
		found := ix.nearest(newScan(ix), q, 0, q.Rows, k, false)
		for i := range q.Rows {
			want := &best{k: k}
			for j := range n {
				if d := sq(q.Row(i), x.Row(j)); d <= want.worst() {
					want.add(hit{d, j})
				}
			}
			got := map[int]bool{}
			for _, h := range found[i].h {
				got[h.i] = true
			}
			for _, h := range want.h {
				if !got[h.i] {
					t.Fatalf("trial %d, %d×%d, query %d: %v, want %v", trial, n, p, i, found[i].h, want.h)
				}
			}
		}
		d, rows := ix.Nearest(q, k, false)
		dt, rowst := NewIndex(x, "kd_tree", "euclidean", 2, 8).Nearest(q, k, false)
		if !reflect.DeepEqual(rows, rowst) || !reflect.DeepEqual(d, dt) {
			t.Fatalf("trial %d: the tree differs", trial)
		}
	}
}
