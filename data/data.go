// Package data reads data sets and hands them out in batches.
//
//	train, test := data.MNIST()
//	loader := data.NewLoader(train, data.LoaderOptions{BatchSize: 64, Shuffle: true})
//	for b := loader.Epoch(); b.Next(); {
//		loss := nn.CrossEntropy(net.Forward(b.X), b.Y)
//	}
//
// 10,000 MNIST digits and scikit-learn's small sets are embedded; IDX, CSV and TFRecord files are read from
// disk. A Dataset may also be a type of the user's own, in compiled code or in a cell. Photos and their
// transforms are in data/vision, recordings in data/audio, tokenizers in data/text, Parquet, Arrow and JSON
// lines in data/table. The package does not download anything or fit preprocessing (see learn).
package data

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Sample is one item of a data set, or a batch of them along a leading axis. Y is nil when there is
// nothing to predict.
type Sample struct {
	X, Y *eager.Tensor
}

// Dataset is a finite collection of samples. Item is called with 0 ≤ i < Len, from several goroutines
// at once when a Loader has workers; it panics with *engine.Error when the sample cannot be read.
type Dataset interface {
	Len() int
	Item(i int) Sample
}

// batcher is a Dataset that can make a batch faster than item by item; ok is false when it cannot.
type batcher interface {
	batch(index []int) (s Sample, ok bool)
}

// given refuses a data set that is nil.
func given(where string, ds Dataset) {
	if ds == nil {
		engine.Fail(where, "the data set is nil; make one, as with data.MNIST or data.NewTensorDataset")
	}
}

// Batch returns the samples of ds at index, stacked along a new leading axis: items [3 4] become
// [len(index) 3 4], scalar labels [len(index)]. All items have one shape.
func Batch(ds Dataset, index []int) Sample {
	given("data.Batch", ds)
	if len(index) == 0 {
		engine.Fail("data.Batch", "no items were asked for")
	}
	return batch(ds, index, nil, seeds{})
}

// batch reads samples and joins them with collate; nil: stacked.
func batch(ds Dataset, index []int, collate func(samples []Sample) Sample, s seeds) Sample {
	if b, ok := ds.(batcher); ok && collate == nil {
		if all, ok := b.batch(index); ok {
			return all
		}
	}
	samples := make([]Sample, len(index))
	for i, k := range index {
		samples[i] = read(ds, k, s)
	}
	if collate == nil {
		return stack(samples, index)
	}
	return collate(samples)
}

// Stack joins samples of one shape along a new leading axis; Y is nil when a sample has none. It is what
// a Loader does with the samples of a batch.
func Stack(samples []Sample) Sample {
	if len(samples) == 0 {
		engine.Fail("data.Stack", "there are no samples")
	}
	return stack(samples, upTo(len(samples)))
}

func stack(samples []Sample, index []int) Sample {
	xs, ys := make([]*eager.Tensor, len(samples)), make([]*eager.Tensor, len(samples))
	labelled := true
	for i, s := range samples {
		if s.X == nil {
			engine.Fail("data.Batch", "item %d has no X", index[i])
		}
		xs[i], ys[i] = s.X, s.Y
		labelled = labelled && s.Y != nil
		sameShape("X", s.X, index, i, xs[0])
		if s.Y != nil && ys[0] != nil {
			sameShape("Y", s.Y, index, i, ys[0])
		}
	}
	b := Sample{X: eager.Stack(0, xs...)}
	if labelled {
		b.Y = eager.Stack(0, ys...)
	}
	return b
}

// sameShape refuses an item that does not fit the first of its batch.
func sameShape(what string, x *eager.Tensor, index []int, i int, first *eager.Tensor) {
	if !x.Shape().Equal(first.Shape()) {
		engine.Fail("data.Batch", "%s of item %d is %v and that of item %d %v; want one shape for all items",
			what, index[i], x.Array(), index[0], first.Array())
	}
}

// Collect returns the whole of ds as one batch.
func Collect(ds Dataset) Sample {
	given("data.Collect", ds)
	return Batch(ds, upTo(ds.Len()))
}

func upTo(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}

// TensorDataset is a Dataset held in memory: sample i is row i of X and of Y.
type TensorDataset struct {
	Sample
}

// NewTensorDataset returns the data set of the rows of x [n …] and, unless it is nil, y [n …].
func NewTensorDataset(x, y *eager.Tensor) *TensorDataset {
	if x == nil {
		engine.Fail("data.NewTensorDataset", "x is nil; want a tensor [n …] (only y may be nil)")
	}
	if x.Rank() == 0 {
		engine.Fail("data.NewTensorDataset", "x %v has no axis to take samples from", x.Array())
	}
	if y != nil && (y.Rank() == 0 || y.Size(0) != x.Size(0)) {
		engine.Fail("data.NewTensorDataset", "x %v and y %v differ in their number of rows",
			x.Array(), y.Array())
	}
	return &TensorDataset{Sample{X: x, Y: y}}
}

// Len returns the number of rows.
func (d *TensorDataset) Len() int { return d.X.Size(0) }

// String returns one line: rows, shape and dtype of X and of Y.
func (d *TensorDataset) String() string {
	if d.X == nil {
		return "data set without X"
	}
	s := fmt.Sprintf("%d samples: X %v", d.Len(), d.X.Array())
	if d.Y != nil {
		s += fmt.Sprintf(", Y %v", d.Y.Array())
	}
	return s
}

// Item returns row i as views of X and Y.
func (d *TensorDataset) Item(i int) Sample {
	s := Sample{X: d.X.Index(i)}
	if d.Y != nil {
		s.Y = d.Y.Index(i)
	}
	return s
}

func (d *TensorDataset) batch(index []int) (Sample, bool) {
	i := eager.FromInts(index)
	s := Sample{X: d.X.IndexSelect(0, i)}
	if d.Y != nil {
		s.Y = d.Y.IndexSelect(0, i)
	}
	return s, true
}
