package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// BagOptions are the options of EmbedBags; the zero value is the default.
type BagOptions struct {
	Offsets     *eager.Tensor // of a vector of indices: where each bag starts; integers, ascending from 0
	LastOffset  bool          // the last offset is the end of the last bag, not the start of one
	Mode        string        // "mean" (or ""), "sum" or "max"
	Weights     *eager.Tensor // factor of each index, of the index's shape; only with "sum"
	Padding     bool          // PadIndex counts
	PadIndex    int           // with Padding: bags leave this row out; negative ones count from the end
	ScaleByFreq bool          // gradients are divided by how often the index occurs
}

// EmbedBags combines the rows of table [rows width] in each bag of indices: their mean, sum or largest
// elements → [bags width]. The bags are the rows of index [bags k], or parts of the vector index that start
// at Offsets. Empty bags give zeros. Agrees with torch.nn.functional.embedding_bag.
func EmbedBags(table, index *eager.Tensor, o ...BagOptions) *eager.Tensor {
	const where = "nn.EmbedBags"
	present(where, "table", table)
	present(where, "index", index)
	var opt BagOptions
	if len(o) > 0 {
		opt = o[0]
	}
	if table.Rank() != 2 {
		engine.Fail(where, "table is %v; want [rows width]", table.Array())
	}
	e := &Embedding{Weight: table, o: EmbeddingOptions{ScaleByFreq: opt.ScaleByFreq, Padding: opt.Padding}}
	e.o.PadIndex = opt.PadIndex
	if opt.PadIndex < 0 {
		e.o.PadIndex += table.Size(0)
	}
	return e.bags(where, index, opt)
}

// bags combines the rows in each bag of indices; padding and the like are those of the table.
func (e *Embedding) bags(where string, index *eager.Tensor, opt BagOptions) *eager.Tensor {
	table := e.Weight
	if opt.Weights != nil && (opt.Mode != "sum" || !opt.Weights.Shape().Equal(index.Shape())) {
		engine.Fail(where, "Weights %v want Mode sum, got %q, and the shape of index %v", opt.Weights.Array(),
			opt.Mode, index.Array())
	}
	bag, bags := bagsOf(where, index, opt)
	flat := index.Reshape(-1)
	rows := e.rows(where, flat)
	if opt.Weights != nil {
		rows = rows.Mul(opt.Weights.Reshape(-1).Unsqueeze(-1))
	}
	keep := eager.Ones(flat.Numel())
	if e.o.Padding {
		keep = flat.Ne(e.o.PadIndex).To(eager.F32)
	}
	keep = keep.To(table.DType())
	zero := func(width int) *eager.Tensor { return eager.Zeros(bags, width).To(table.DType()) }
	to := eager.FromInts(bag, len(bag))
	switch opt.Mode {
	case "sum":
		return zero(table.Size(1)).IndexAdd(0, to, rows.Mul(keep.Unsqueeze(1)))
	case "", "mean":
		n := zero(1).IndexAdd(0, to, keep.Unsqueeze(1)).Maximum(1)
		return zero(table.Size(1)).IndexAdd(0, to, rows.Mul(keep.Unsqueeze(1))).Div(n)
	case "max":
		return largest(rows, keep, bag, bags)
	}
	engine.Fail(where, "Mode %q is unknown; known: mean, sum, max", opt.Mode)
	return nil
}

// bagsOf returns the bag of each index, and how many bags there are.
func bagsOf(where string, index *eager.Tensor, o BagOptions) (bag []int, bags int) {
	bag = make([]int, index.Numel())
	if index.Rank() == 2 && o.Offsets == nil {
		for i := range bag {
			bag[i] = i / max(index.Size(1), 1)
		}
		return bag, index.Size(0)
	}
	if index.Rank() != 1 || o.Offsets == nil || o.Offsets.Rank() != 1 || !o.Offsets.DType().IsInt() {
		engine.Fail(where, "index is %v; want [bags k], or a vector with Offsets, a vector of integers", index.Array())
	}
	starts := o.Offsets.Ints()
	if bags = len(starts); o.LastOffset && bags > 0 {
		bags--
	}
	for b, lo := range starts {
		hi := len(bag)
		if b+1 < len(starts) {
			hi = starts[b+1]
		}
		if lo < 0 || lo > hi || hi > len(bag) || b == 0 && lo != 0 {
			engine.Fail(where, "Offsets %v do not ascend from 0 to at most %d", starts, len(bag))
		}
		for i := lo; i < hi && b < bags; i++ {
			bag[i] = b
		}
	}
	return bag, bags
}

// largest takes the first largest element of each column of each bag among the rows to keep.
func largest(rows, keep *eager.Tensor, bag []int, bags int) *eager.Tensor {
	width := rows.Size(1)
	v, on := rows.Detach().Float64s(), keep.Float64s()
	best, at := make([]float64, bags*width), make([]int, bags*width)
	for i := range best {
		best[i], at[i] = math.Inf(-1), -1
	}
	for r, b := range bag {
		for c := 0; c < width && on[r] != 0; c++ {
			if k := b*width + c; at[k] < 0 || v[r*width+c] > best[k] {
				best[k], at[k] = v[r*width+c], r
			}
		}
	}
	there := make([]bool, len(at))
	for i := range at {
		there[i], at[i] = at[i] >= 0, max(at[i], 0)
	}
	if rows.Size(0) == 0 {
		return eager.Zeros(bags, width).To(rows.DType())
	}
	y := rows.Gather(0, eager.FromInts(at, bags, width))
	return eager.Where(eager.New(there).Reshape(bags, width), y, 0)
}
