package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// EmbeddingOptions are the options of NewEmbedding and NewEmbeddingBag; the zero value is the default.
type EmbeddingOptions struct {
	Padding     bool   // PaddingIndex counts
	PadIndex    int    // with Padding: this row starts as zeros, gets no gradient, and bags leave it out
	ScaleByFreq bool   // gradients are divided by how often the index occurs in the batch
	Mode        string // EmbeddingBag: "mean" (or ""), "sum" or "max"
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
	if e.o.Padding && (e.o.PadIndex < 0 || e.o.PadIndex >= rows) {
		engine.Fail(where, "PadIndex %d is outside [0, %d)", e.o.PadIndex, rows)
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
	return e.Weight.IndexSelect(0, index)
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
// index: integers [n k] → [n width].
type EmbeddingBag struct {
	Base
	Weight *eager.Tensor // [rows width]
	table  *Embedding
	mode   string
}

// NewEmbeddingBag returns a table of rows × width values, which start normal with variance 1.
// Agrees with torch.nn.EmbeddingBag for bags of one size.
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

// Forward returns one row for each bag. A bag of padding only gives zeros.
func (b *EmbeddingBag) Forward(index *eager.Tensor) *eager.Tensor {
	ready("nn.EmbeddingBag", "nn.NewEmbeddingBag", b != nil && b.Weight != nil && b.table != nil, index)
	if index.Rank() != 2 {
		engine.Fail("nn.EmbeddingBag", "index is %v; want [bags indices]", index.Array())
	}
	y := b.table.rows("nn.EmbeddingBag", index)
	var keep *eager.Tensor // 1 where an index counts
	if b.table.o.Padding {
		keep = index.Ne(b.table.o.PadIndex).To(y.DType()).Unsqueeze(-1)
	} else {
		keep = eager.Ones(index.Size(0), index.Size(1), 1).To(y.DType())
	}
	n := keep.Sum(1)
	switch b.mode {
	case "sum":
		y = y.Mul(keep).Sum(1)
	case "mean":
		y = y.Mul(keep).Sum(1).Div(n.Maximum(1))
	default:
		lowest := eager.FullLike(y, -1).Div(0)
		y = eager.Where(keep.Ne(0), y, lowest).Max(1)
		y = eager.Where(n.Ne(0), y, 0)
	}
	return b.Done(index, y)
}
