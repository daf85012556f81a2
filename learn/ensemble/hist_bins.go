package ensemble

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// bins are the features as small numbers. Value v of a number is in the first bin whose edge is at least v, a category
// in the bin of its place among the categories; the last bin is for NaN.
type bins struct {
	edges      [][]float64
	categories [][]float64 // of each feature, rising; nil for numbers
	codes      [][]uint8
	holes      []bool // of each feature: it has NaN
}

// missing is the bin of NaN.
const missing = 255

// newBins finds edges between at most most values of each feature: all where there are few, else quantiles.
func newBins(b *learn.Base, x *learn.Matrix, most int, categorical []bool, w []float64) *bins {
	out := &bins{
		edges: make([][]float64, x.Cols), categories: make([][]float64, x.Cols), codes: make([][]uint8, x.Cols),
	}
	engine.Parallel(x.Cols, 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			out.codes[j] = make([]uint8, x.Rows)
			if categorical[j] {
				out.encode(x, j)
				continue
			}
			out.edges[j] = edges(x, j, most, w)
			ladder := newLadder(out.edges[j])
			for i := range x.Rows {
				out.codes[j][i] = ladder.code(x.Data[i*x.Cols+j])
			}
		}
	})
	out.holes = make([]bool, x.Cols)
	for j, c := range out.categories {
		out.holes[j] = slices.Contains(out.codes[j], missing)
		if len(c) > most {
			b.Fail("feature %d has %d categories; want at most MaxBins, %d", j, len(c), most)
		}
	}
	return out
}

// encode numbers the categories of feature j.
func (b *bins) encode(x *learn.Matrix, j int) {
	col := x.Col(j)
	known := slices.DeleteFunc(slices.Clone(col), func(v float64) bool { return v != v })
	slices.Sort(known)
	known = slices.Compact(known)
	b.categories[j] = known
	if known == nil {
		b.categories[j] = []float64{}
	}
	for i, v := range col {
		b.codes[j][i] = missing
		if at, ok := slices.BinarySearch(known, v); ok {
			b.codes[j][i] = uint8(at)
		}
	}
}

// used returns the number of bins of feature j without that of NaN.
func (b *bins) used(j int) int {
	if b.categories[j] != nil {
		return len(b.categories[j])
	}
	return len(b.edges[j]) + 1
}

// edges returns at most most−1 numbers between the values of feature j. Rows of weight 0 do not count; nil weights are
// equal.
func edges(x *learn.Matrix, j, most int, w []float64) []float64 {
	step := max(1, x.Rows/200000)
	var v, weights []float64
	for i := 0; i < x.Rows; i += step {
		if a := x.Data[i*x.Cols+j]; a == a && (w == nil || w[i] != 0) {
			v = append(v, a)
			if w != nil {
				weights = append(weights, w[i])
			}
		}
	}
	sorted := slices.Clone(v)
	sortFloats(sorted)
	var d []float64
	for i, a := range sorted {
		if i == 0 || a != sorted[i-1] {
			d = append(d, a)
		}
	}
	var out []float64
	if len(d) <= most {
		for i := 1; i < len(d); i++ {
			out = append(out, between(d[i-1], d[i]))
		}
		return out
	}
	at := func(q float64) float64 { return quantile(sorted, q) }
	if w != nil {
		at = weightedQuantiles(v, weights)
	}
	width := 100 / float64(most)
	for k := 1; k < most; k++ {
		e := at(float64(k) * width / 100)
		e = min(max(e, -1e300), 1e300)
		if len(out) == 0 || e > out[len(out)-1] {
			out = append(out, e)
		}
	}
	return out
}

// quantile is the averaged inverse of the cumulative distribution of sorted values.
func quantile(sorted []float64, q float64) float64 {
	at := float64(len(sorted))*q - 1
	lo := math.Floor(at)
	below, above := sorted[max(int(lo), 0)], sorted[min(int(lo)+1, len(sorted)-1)]
	if at == lo {
		return between(below, above)
	}
	return above
}

// weightedQuantiles returns quantile for weighted values; it is to be asked for rising q.
func weightedQuantiles(v, w []float64) func(q float64) float64 {
	order, all := make([]int, len(v)), 0.0
	for i := range order {
		order[i] = i
		all += w[i]
	}
	sort.SliceStable(order, func(a, b int) bool { return v[order[a]] < v[order[b]] })
	k, sum := 0, w[order[0]]
	return func(q float64) float64 {
		want := q * all
		for sum < want*(1-1e-15) && k+1 < len(order) {
			k++
			sum += w[order[k]]
		}
		if sum <= want*(1+1e-15) && k+1 < len(order) {
			return between(v[order[k]], v[order[k+1]])
		}
		return v[order[k]]
	}
}

// between returns the mean, finite where a or b is not.
func between(a, b float64) float64 {
	if math.IsInf(a, -1) && math.IsInf(b, 1) {
		return 0
	}
	return min(max(a/2+b/2, -1e300), 1e300)
}

// sortFloats sorts by radix: eleven bits of the ordered representation at a time.
func sortFloats(v []float64) {
	if len(v) < 1024 {
		sort.Float64s(v)
		return
	}
	keys, spare := make([]uint64, len(v)), make([]uint64, len(v))
	for i, x := range v {
		k := math.Float64bits(x)
		keys[i] = k ^ (uint64(int64(k)>>63) | 1<<63)
	}
	for shift := 0; shift < 64; shift += 11 {
		var count [2048]int
		for _, k := range keys {
			count[k>>shift&2047]++
		}
		if count[keys[0]>>shift&2047] == len(keys) {
			continue
		}
		at := 0
		for d, n := range count {
			count[d] = at
			at += n
		}
		for _, k := range keys {
			d := k >> shift & 2047
			spare[count[d]] = k
			count[d]++
		}
		keys, spare = spare, keys
	}
	for i, k := range keys {
		v[i] = math.Float64frombits(k ^ (uint64(^int64(k)>>63) | 1<<63))
	}
}

// ladder are edges as integers in the order of the numbers, filled up with the largest.
type ladder [256]int64

func newLadder(edges []float64) *ladder {
	var l ladder
	for i := range l {
		l[i] = math.MaxInt64
		if i < len(edges) {
			l[i] = ordered(edges[i])
		}
	}
	return &l
}

// ordered maps numbers to integers of the same order; −0 and 0 are one.
func ordered(v float64) int64 {
	b := int64(math.Float64bits(v + 0))
	return b ^ int64(uint64(b>>63)>>1)
}

// code returns the bin of v: the number of edges below it.
func (l *ladder) code(v float64) uint8 {
	if v != v {
		return missing
	}
	k, at := ordered(v), 0
	for step := 128; step > 0; step >>= 1 {
		up := at + step
		if l[(up-1)&255] < k {
			at = up
		}
	}
	return uint8(at)
}
