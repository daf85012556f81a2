package nn

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

func TestLongRowsAreShortenedWhereTheyAreLookedUp(t *testing.T) {
	e := NewEmbedding(3, 2, EmbeddingOptions{MaxNorm: 5})
	eager.NoGrad(func() { e.Weight.Assign(eager.New([][]float32{{6, 8}, {3, 4}, {60, 80}})) })
	y := e.Forward(eager.New([]int{1, 0, 0}))
	if want := eager.New([][]float32{{3, 4}, {3, 4}, {3, 4}}); !eager.AllClose(y, want, 1e-5, 0) {
		t.Errorf("looked up %v, want %v", y, want)
	}
	if e.Weight.At(2, 0) != 60 {
		t.Errorf("a row that was not looked up is now %v", e.Weight.Index(2))
	}
	y.Sum().Backward() // the change in place is not one of the tape's values
}

func TestBagsOfDifferentSizes(t *testing.T) {
	b := NewEmbeddingBag(3, 1, EmbeddingOptions{Mode: "sum", LastOffset: true, Sparse: true})
	eager.NoGrad(func() { b.Weight.Assign(eager.New([][]float32{{1}, {10}, {100}})) })
	index, offsets := eager.New([]int{0, 1, 2, 2}), eager.New([]int{0, 1, 1, 4})
	y := b.ForwardParts(index, BagParts{Offsets: offsets, Weights: eager.New([]float32{1, 2, 3, 4})})
	if want := eager.New([][]float32{{1}, {0}, {720}}); !eager.AllClose(y, want, 0, 0) {
		t.Errorf("bags are %v, want %v", y, want)
	}
	y.Sum().Backward()
	if g := b.Weight.RowGrad(); g == nil || !eager.AllClose(g.Values, eager.New([][]float32{{1}, {2}, {7}}), 0, 0) {
		t.Errorf("gradients by rows are %+v", g)
	}
}
