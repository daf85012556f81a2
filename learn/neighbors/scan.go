package neighbors

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

// scan compares queries with all rows by matrix products: ‖q−x‖² ≤ w where q·x − ‖x‖²/2 ≥ (‖q‖²−w)/2. The
// product with a column more gives the left side; rows that pass within its rounding error are measured exactly.
type scan struct {
	ix    *Index
	rows  *learn.Matrix // of the index, with −‖x‖²/2 behind
	most  float64       // the largest ‖x‖²
	error float64       // of a product, in units of ‖q‖² + most
}

const scanRows, scanQueries = 1024, 64 // their products stay in the cache of a core

func newScan(ix *Index) *scan {
	x := ix.X
	s := &scan{ix: ix, rows: learn.NewMatrix(x.Rows, x.Cols+1)}
	s.error = 8 * float64(x.Cols+4) * 0x1p-53
	for i := range x.Rows {
		n := 0.0
		for _, v := range x.Row(i) {
			n += v * v
		}
		copy(s.rows.Row(i), x.Row(i))
		s.rows.Set(i, x.Cols, -n/2)
		s.most = max(s.most, n)
	}
	return s
}

// nearest adds the rows near queries from … to−1 to their best; skip leaves out row i for query i.
func (s *scan) nearest(q *learn.Matrix, from int, found []best, skip bool) {
	n := len(found)
	part := learn.NewMatrix(n, s.rows.Cols)
	norm := make([]float64, n)
	for i := range n {
		copy(part.Row(i), q.Row(from+i))
		part.Set(i, q.Cols, 1)
		for _, v := range q.Row(from + i) {
			norm[i] += v * v
		}
	}
	room := make([]float64, n*min(scanRows, s.rows.Rows))
	for lo := 0; lo < s.rows.Rows; lo += scanRows {
		hi := min(lo+scanRows, s.rows.Rows)
		block := &learn.Matrix{Rows: hi - lo, Cols: s.rows.Cols, Data: s.rows.Data[lo*s.rows.Cols : hi*s.rows.Cols]}
		products := &learn.Matrix{Rows: n, Cols: hi - lo, Data: room[:n*(hi-lo)]}
		learn.MulTInto(products, part, block)
		for i := range n {
			self := -1
			if skip {
				self = from + i
			}
			s.pick(&found[i], q.Row(from+i), norm[i], products.Row(i), lo, self)
		}
	}
}

// pick adds those of rows lo … whose products say that they may be near.
func (s *scan) pick(b *best, q []float64, norm float64, products []float64, lo, self int) {
	slack := s.error * (norm + s.most)
	least := (norm - b.worst() - slack) / 2
	for j, v := range products {
		if v < least || lo+j == self {
			continue
		}
		if d := sq(q, s.ix.X.Row(lo+j)); d <= b.worst() {
			b.add(hit{d, lo + j})
			least = (norm - b.worst() - slack) / 2
		}
	}
}

// usable reports whether squares of the rows and of q are finite.
func (s *scan) usable(q *learn.Matrix) bool {
	sum := s.most
	for _, v := range q.Data {
		sum += v * v
	}
	return !math.IsInf(sum, 0) && !math.IsNaN(sum)
}
