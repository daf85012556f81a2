package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// EmbeddingOptions are the options of NewEmbedding and NewEmbeddingBag; the zero value is the default.
type EmbeddingOptions struct {
	Padding     bool    // PadIndex counts
	PadIndex    int     // with Padding: this row starts as zeros, gets no gradient, and bags leave it out
	ScaleByFreq bool    // gradients are divided by how often the index occurs in the batch
	Sparse      bool    // the gradient of the table comes by rows (eager.RowGrad), for large tables
	MaxNorm     float64 // rows that are looked up are shortened, in place, to this norm; 0: as they are
	NormP       float64 // of MaxNorm; 0: 2
	Mode        string  // EmbeddingBag: "mean" (or ""), "sum" or "max"
	LastOffset  bool    // EmbeddingBag: the last of Offsets is the end of the last bag, not the start of one
}

// Embedding looks rows of a table up. index: integers [any shape] in [0, rows) → [any shape, width].
type Embedding struct {
	Base
	Weight *eager.Tensor // [rows width]
	o      EmbeddingOptions
}

// NewEmbedding returns a table of rows × width values, which start normal with variance 1.
// Agrees with torch.nn.Embedding.
func NewEmbedding(rows, width int, o ...EmbeddingOptions) *Embedding {
	return newEmbedding("nn.NewEmbedding", rows, width, o)
}

func newEmbedding(where string, rows, width int, o []EmbeddingOptions) *Embedding {
	atLeast(where, "rows", rows, 1)
	atLeast(where, "width", width, 1)
	e := &Embedding{}
	if len(o) > 0 {
		e.o = o[0]
	}
	if e.o.Padding && (e.o.PadIndex < -rows || e.o.PadIndex >= rows) {
		engine.Fail(where, "PadIndex %d is outside [%d, %d)", e.o.PadIndex, -rows, rows)
	}
	if e.o.Padding && e.o.PadIndex < 0 {
		e.o.PadIndex += rows
	}
	if e.o.MaxNorm < 0 || e.o.NormP < 0 {
		engine.Fail(where, "MaxNorm %v, NormP %v; want numbers ≥ 0", e.o.MaxNorm, e.o.NormP)
	}
	w := eager.Randn(rows, width)
	if e.o.Padding {
		w.Index(e.o.PadIndex).Assign(0)
	}
	e.Weight = e.Param("weight", w)
	return e
}

// Forward returns the rows at index.
func (e *Embedding) Forward(index *eager.Tensor) *eager.Tensor {
	ready("nn.Embedding", "nn.NewEmbedding", e != nil && e.Weight != nil, index)
	return e.Done(index, e.rows("nn.Embedding", index))
}

func (e *Embedding) rows(where string, index *eager.Tensor) *eager.Tensor {
	if !index.DType().IsInt() {
		engine.Fail(where, "index is %v; want integers", index.Array())
	}
	y := e.lookUp(where, index)
	if e.o.MaxNorm > 0 && e.shorten(index) {
		y = e.lookUp(where, index)
	}
	if e.o.Padding {
		y = eager.Where(index.Eq(e.o.PadIndex).Unsqueeze(-1), y.Detach(), y)
	}
	if e.o.ScaleByFreq && y.RequiresGrad() {
		scale := e.frequencies(index).Reciprocal().Unsqueeze(-1).To(y.DType())
		y.OnGrad(func(g *eager.Tensor) *eager.Tensor { return g.Mul(scale) })
	}
	return y
}

// lookUp returns the rows at index. An index that IndexSelect refuses is named as the layer's.
func (e *Embedding) lookUp(where string, index *eager.Tensor) *eager.Tensor {
	defer func() {
		if r := recover(); r != nil {
			rows := e.Weight.Size(0)
			for i, v := range index.Ints() {
				if v < 0 || v >= rows {
					engine.Fail(where, "index %d at position %d is outside the %d rows", v, i, rows)
				}
			}
			panic(r)
		}
	}()
	if e.o.Sparse {
		return e.Weight.LookUp(index)
	}
	return e.Weight.IndexSelect(0, index)
}

// shorten scales the rows at index whose norm is above MaxNorm, and reports whether there are any.
func (e *Embedding) shorten(index *eager.Tensor) (changed bool) {
	eager.NoGrad(func() {
		at, _, _ := index.To(eager.I64).Reshape(-1).Unique()
		rows := e.Weight.Detach().IndexSelect(0, at)
		norm := rows.VectorNorm(or(e.o.NormP, 2), 1)
		long := norm.Gt(e.o.MaxNorm)
		if changed = long.Any().Item() != 0; changed {
			scale := eager.Where(long, norm.Add(1e-7).Reciprocal().Mul(e.o.MaxNorm), 1)
			e.Weight.SetRows(at, rows.Mul(scale.Unsqueeze(1)))
		}
	})
	return changed
}

// frequencies returns how often each index occurs.
func (e *Embedding) frequencies(index *eager.Tensor) *eager.Tensor {
	ids := index.Ints()
	count := map[int]int{}
	for _, i := range ids {
		count[i]++
	}
	n := make([]float32, len(ids))
	for k, i := range ids {
		n[k] = float32(count[i])
	}
	return eager.FromFloat32s(n, index.Shape()...)
}

// EmbeddingBag combines the rows of each bag of indices to one: their mean, sum or largest elements.
// index: integers [n k], or with ForwardParts a vector → [n width].
type EmbeddingBag struct {
	Base
	Weight *eager.Tensor // [rows width]
	table  *Embedding
	mode   string
}

// NewEmbeddingBag returns a table of rows × width values, which start normal with variance 1.
// Agrees with torch.nn.EmbeddingBag.
func NewEmbeddingBag(rows, width int, o ...EmbeddingOptions) *EmbeddingBag {
	b := &EmbeddingBag{table: newEmbedding("nn.NewEmbeddingBag", rows, width, o)}
	switch b.mode = b.table.o.Mode; b.mode {
	case "":
		b.mode = "mean"
	case "mean", "sum", "max":
	default:
		engine.Fail("nn.NewEmbeddingBag", "Mode %q is unknown; known: mean, sum, max", b.mode)
	}
	b.Weight = b.Param("weight", b.table.Weight)
	return b
}

// BagParts are what ForwardParts wants besides indices; the zero value is the default.
type BagParts struct {
	Offsets *eager.Tensor // of a vector of indices: where each bag starts; integers, ascending from 0
	Weights *eager.Tensor // factor of each index, of the index's shape; only with Mode "sum"
}

// ForwardParts is Forward of bags of different sizes, which are parts of a vector, or with weighted indices.
// Empty bags give zeros.
func (b *EmbeddingBag) ForwardParts(index *eager.Tensor, p BagParts) *eager.Tensor {
	ready("nn.EmbeddingBag", "nn.NewEmbeddingBag", b != nil && b.Weight != nil && b.table != nil, index)
	return b.Done(index, b.table.bags("nn.EmbeddingBag", index, BagOptions{
		Offsets: p.Offsets, LastOffset: b.table.o.LastOffset, Mode: b.mode, Weights: p.Weights,
	}))
}

// Forward returns one row for each bag. A bag of padding only gives zeros.
func (b *EmbeddingBag) Forward(index *eager.Tensor) *eager.Tensor {
	ready("nn.EmbeddingBag", "nn.NewEmbeddingBag", b != nil && b.Weight != nil && b.table != nil, index)
	return b.ForwardParts(index, BagParts{})
}
