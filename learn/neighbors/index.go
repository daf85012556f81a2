// Package neighbors predicts from the nearest rows, and estimates densities.
//
//	m := neighbors.NewKNeighborsClassifier()
//	m.NNeighbors = 3
//	err := m.Fit(x, y)
//	p, err := m.Predict(xTest)
//	dist, rows, err := m.Kneighbors(xTest, 0)
//
// Searches are exact: a k-d tree in few dimensions, blocks of a matrix product in many. The package has no
// approximate search.
package neighbors

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// Index finds the nearest of its rows.
type Index struct {
	X      *learn.Matrix
	Metric string
	P      float64

	tree *tree // nil: brute force
	dist metric.Distance
	pre  bool // rows are distances already
}

// kept is what an index needs to be made again.
type kept struct {
	Data       []byte // of X, little-endian float64
	Rows, Cols int
	Metric     string
	P          float64
	Tree       bool
}

// MarshalJSON keeps the rows and the metric; the tree is made again by UnmarshalJSON.
func (ix *Index) MarshalJSON() ([]byte, error) {
	k := kept{Rows: ix.X.Rows, Cols: ix.X.Cols, Metric: ix.Metric, P: ix.P, Tree: ix.tree != nil}
	if ix.pre {
		k.Metric = "precomputed"
	}
	for _, v := range ix.X.Data {
		k.Data = binary.LittleEndian.AppendUint64(k.Data, math.Float64bits(v))
	}
	return json.Marshal(k)
}

// UnmarshalJSON makes the index of what MarshalJSON kept.
func (ix *Index) UnmarshalJSON(b []byte) error {
	var k kept
	if err := json.Unmarshal(b, &k); err != nil {
		return err
	}
	if k.Rows < 0 || k.Cols < 0 || len(k.Data) != 8*k.Rows*k.Cols {
		return fmt.Errorf("neighbors.Index: %d bytes for %d×%d numbers", len(k.Data), k.Rows, k.Cols)
	}
	x := learn.NewMatrix(k.Rows, k.Cols)
	for i := range x.Data {
		x.Data[i] = math.Float64frombits(binary.LittleEndian.Uint64(k.Data[8*i:]))
	}
	algorithm := "brute"
	if k.Tree {
		algorithm = "auto"
	}
	*ix = *NewIndex(x, algorithm, k.Metric, k.P, 30)
	return nil
}

// NewIndex returns an index of x. algorithm is auto, brute, kd_tree or ball_tree; trees serve metrics of
// the Minkowski family, others are brute force.
func NewIndex(x *learn.Matrix, algorithm, name string, p float64, leaf int) *Index {
	ix := &Index{X: x, Metric: name, P: p}
	if name == "precomputed" {
		ix.pre = true
		return ix
	}
	ix.dist = metric.DistanceOf(name, p)
	if name == "minkowski" {
		switch {
		case p == 1:
			ix.Metric = "manhattan"
		case p == 2:
			ix.Metric = "euclidean"
		case math.IsInf(p, 1):
			ix.Metric = "chebyshev"
		}
	}
	treeLike := false
	switch ix.Metric {
	case "euclidean", "l2", "manhattan", "l1", "cityblock", "chebyshev", "minkowski":
		treeLike = true
	}
	if treeLike && algorithm != "brute" && x.Rows > 64 && x.Cols <= 15 {
		ix.tree = newTree(x, max(leaf, 8))
	}
	return ix
}

// hit is a row and its distance (squared while a Euclidean search runs).
type hit struct {
	d float64
	i int
}

func less(a, b hit) bool { return a.d < b.d || a.d == b.d && a.i < b.i }

// best keeps the k nearest hits, the farthest on top.
type best struct {
	h []hit
	k int
}

func (b *best) worst() float64 {
	if len(b.h) < b.k {
		return math.Inf(1)
	}
	return b.h[0].d
}

func (b *best) add(x hit) {
	if len(b.h) < b.k {
		b.h = append(b.h, x)
		for i := len(b.h) - 1; i > 0; {
			p := (i - 1) / 2
			if !less(b.h[p], b.h[i]) {
				break
			}
			b.h[p], b.h[i] = b.h[i], b.h[p]
			i = p
		}
		return
	}
	if !less(x, b.h[0]) {
		return
	}
	b.h[0] = x
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(b.h) {
			break
		}
		if c+1 < len(b.h) && less(b.h[c], b.h[c+1]) {
			c++
		}
		if !less(b.h[i], b.h[c]) {
			break
		}
		b.h[i], b.h[c] = b.h[c], b.h[i]
		i = c
	}
}

// squared reports whether searches run on squared distances.
func (ix *Index) squared() bool { return ix.Metric == "euclidean" || ix.Metric == "l2" }

// Nearest returns the k nearest rows of each query, near to far; skip leaves out row i for query i.
func (ix *Index) Nearest(q *learn.Matrix, k int, skip bool) (*learn.Matrix, [][]int) {
	d, rows := learn.NewMatrix(q.Rows, k), make([][]int, q.Rows)
	var products *scan
	if ix.squared() && !ix.pre && ix.looksAtMany(q, k) {
		if products = newScan(ix); !products.usable(q) {
			products = nil
		}
	}
	engine.Parallel((q.Rows+scanQueries-1)/scanQueries, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			from, to := b*scanQueries, min((b+1)*scanQueries, q.Rows)
			found := ix.nearest(products, q, from, to, k, skip)
			for i := range found {
				h := found[i].h
				rows[from+i] = make([]int, len(h))
				for r, x := range h {
					d.Set(from+i, r, x.d)
					rows[from+i][r] = x.i
				}
			}
		}
	})
	return d, rows
}

// looksAtMany reports whether single rows are dearer than products with all: without a tree, and where the tree
// leaves over a tenth of the rows to be looked at, as for a sample of the queries.
func (ix *Index) looksAtMany(q *learn.Matrix, k int) bool {
	if ix.tree == nil || q.Rows < 32 {
		return ix.tree == nil
	}
	seen := 0
	for i := range 16 {
		s := search{ix: ix, q: q.Row(i * (q.Rows / 16)), b: &best{k: k}, self: -1}
		s.visit(0, ix.near(0, s.q))
		seen += s.seen
	}
	return seen > 16*ix.X.Rows/10
}

// nearest returns the best of queries from … to−1, near to far.
func (ix *Index) nearest(products *scan, q *learn.Matrix, from, to, k int, skip bool) []best {
	found := make([]best, to-from)
	hits := make([]hit, len(found)*k)
	for i := range found {
		found[i] = best{k: k, h: hits[i*k : i*k : (i+1)*k]}
	}
	if products != nil {
		products.nearest(q, from, found, skip)
	} else {
		part := &learn.Matrix{Rows: to - from, Cols: q.Cols, Data: q.Data[from*q.Cols : to*q.Cols]}
		all := ix.distances(part)
		for i := range found {
			self := -1
			if skip {
				self = from + i
			}
			ix.one(&found[i], part.Row(i), all, i, self)
		}
	}
	for _, b := range found {
		slices.SortFunc(b.h, func(x, y hit) int { return cmp.Or(cmp.Compare(x.d, y.d), x.i-y.i) })
		for r := range b.h {
			if ix.squared() && !ix.pre {
				b.h[r].d = math.Sqrt(b.h[r].d)
			}
		}
	}
	return found
}

// distances returns those of a block of queries for brute force; nil for a tree.
func (ix *Index) distances(q *learn.Matrix) *learn.Matrix {
	switch {
	case ix.tree != nil:
		return nil
	case ix.pre:
		return q
	case ix.squared():
		return metric.SquaredDistances(q, ix.X)
	}
	d := learn.NewMatrix(q.Rows, ix.X.Rows)
	for i := range q.Rows {
		for j := range ix.X.Rows {
			d.Data[i*d.Cols+j] = ix.dist(q.Row(i), ix.X.Row(j))
		}
	}
	return d
}

// one adds the rows near query i, which is q.
func (ix *Index) one(b *best, q []float64, all *learn.Matrix, i, self int) {
	if ix.tree != nil {
		s := search{ix: ix, q: q, b: b, self: self}
		s.visit(0, ix.near(0, q))
		return
	}
	for j, v := range all.Row(i) {
		if j != self && v <= b.worst() {
			b.add(hit{v, j})
		}
	}
}

func sq(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return s
}

// Within returns the rows at most r from each query in the order of rows, with their distances.
func (ix *Index) Within(q *learn.Matrix, r float64, skip bool) (dist [][]float64, rows [][]int) {
	dist, rows = make([][]float64, q.Rows), make([][]int, q.Rows)
	const block = 64
	engine.Parallel((q.Rows+block-1)/block, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			from, to := b*block, min((b+1)*block, q.Rows)
			part := &learn.Matrix{Rows: to - from, Cols: q.Cols, Data: q.Data[from*q.Cols : to*q.Cols]}
			all := ix.distances(part)
			for i := range part.Rows {
				ix.within(part.Row(i), all, i, r, func(j int, d float64) {
					if !skip || j != from+i {
						rows[from+i] = append(rows[from+i], j)
						dist[from+i] = append(dist[from+i], d)
					}
				})
			}
		}
	})
	return dist, rows
}

func (ix *Index) within(q []float64, all *learn.Matrix, i int, r float64, add func(j int, d float64)) {
	limit := r
	if ix.squared() && !ix.pre {
		limit = r * r
	}
	if ix.tree != nil {
		s := search{ix: ix, q: q, self: -1}
		s.collect(0, limit)
		sort.Slice(s.found, func(a, b int) bool { return s.found[a].i < s.found[b].i })
		for _, h := range s.found {
			if ix.squared() {
				h.d = math.Sqrt(h.d)
			}
			add(h.i, h.d)
		}
		return
	}
	for j, v := range all.Row(i) {
		if v > limit*(1+1e-9) {
			continue
		}
		if ix.squared() && !ix.pre {
			if v = sq(q, ix.X.Row(j)); v > limit {
				continue
			}
			v = math.Sqrt(v)
		}
		if v <= r {
			add(j, v)
		}
	}
}
