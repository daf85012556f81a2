package cluster

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// bounds keep for each row how far its centre is at most and every other at least, so that rows that are surely
// still nearest to their centre need no look (Hamerly, "Making k-means even faster", SDM 2010).
type bounds struct {
	x            *learn.Matrix
	upper, lower []float64
	drift        []float64 // of each centre in the last move
	most         float64   // the largest drift
	known        bool
}

// slack is the share by which bounds and squares are taken to be wrong: products round.
const slack = 1e-12

func newBounds(x, centers *learn.Matrix) *bounds {
	return &bounds{
		x: x, upper: make([]float64, x.Rows), lower: make([]float64, x.Rows), drift: make([]float64, centers.Rows),
	}
}

// assign sets labels to the nearest centre of each row.
func (b *bounds) assign(c *learn.Matrix, labels []int) {
	half := make([]float64, c.Rows)
	for k := range half {
		for _, v := range c.Row(k) {
			half[k] += v * v / 2
		}
	}
	const block = 256
	engine.Parallel((b.x.Rows+block-1)/block, 4, func(lo, hi int) {
		part := learn.NewMatrix(block, b.x.Cols)
		p := make([]float64, block*c.Rows)
		rows := make([]int, 0, block)
		for q := lo; q < hi; q++ {
			rows = b.open(q*block, min((q+1)*block, b.x.Rows), labels, rows[:0])
			if len(rows) == 0 {
				continue
			}
			at := &learn.Matrix{Rows: len(rows), Cols: b.x.Cols, Data: part.Data[:len(rows)*b.x.Cols]}
			if first, last := rows[0], rows[len(rows)-1]; last-first == len(rows)-1 {
				at.Data = b.x.Data[first*b.x.Cols : (last+1)*b.x.Cols]
			} else {
				for r, i := range rows {
					copy(at.Row(r), b.x.Row(i))
				}
			}
			b.look(at, rows, c, half, p[:len(rows)*c.Rows], labels)
		}
	})
	b.known = true
}

// open returns the rows lo … hi−1 whose nearest centre may be another.
func (b *bounds) open(lo, hi int, labels, rows []int) []int {
	for i := lo; i < hi; i++ {
		if b.known {
			b.upper[i] += b.drift[labels[i]]
			b.lower[i] -= b.most
			if b.upper[i]*(1+slack) < b.lower[i]*(1-slack) {
				continue
			}
		}
		rows = append(rows, i)
	}
	return rows
}

// look compares rows with all centres: the nearest has the largest x·c − ‖c‖²/2.
func (b *bounds) look(at *learn.Matrix, rows []int, c *learn.Matrix, half, p []float64, labels []int) {
	few := at.Cols < 8
	longest := slices.Max(half)
	if !few {
		learn.MulTInto(&learn.Matrix{Rows: at.Rows, Cols: c.Rows, Data: p}, at, c)
	}
	for r, i := range rows {
		row := p[r*c.Rows : (r+1)*c.Rows]
		if few {
			for k := range row {
				row[k] = half[k] - squared(at.Row(r), c.Row(k))/2
			}
		}
		best, next, label := math.Inf(-1), math.Inf(-1), 0
		for k, v := range row {
			if s := v - half[k]; s > best {
				best, next, label = s, best, k
			} else if s > next {
				next = s
			}
		}
		own := squared(at.Row(r), c.Row(label))
		labels[i] = label
		b.upper[i] = math.Sqrt(own)
		b.lower[i] = math.Sqrt(max(own+2*(best-next)-slack*(own+4*longest), 0))
	}
}

// moved notes how far each centre went.
func (b *bounds) moved(before, after *learn.Matrix) {
	b.most = 0
	for k := range b.drift {
		b.drift[k] = math.Sqrt(squared(before.Row(k), after.Row(k)))
		b.most = max(b.most, b.drift[k])
	}
}
