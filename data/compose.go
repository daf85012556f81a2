package data

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/engine"
)

// Subset is the part of a data set at some indices, in their order.
type Subset struct {
	Of    Dataset
	Index []int
}

// NewSubset returns the samples of ds at index; an index may occur more than once.
func NewSubset(ds Dataset, index []int) *Subset {
	given("data.NewSubset", ds)
	n := ds.Len()
	for _, i := range index {
		if i < 0 || i >= n {
			engine.Fail("data.NewSubset", "index %d is outside the data set of %d samples", i, n)
		}
	}
	return &Subset{Of: ds, Index: index}
}

// String returns one line: how many samples of which data set.
func (s *Subset) String() string {
	return fmt.Sprintf("%d samples of (%s)", s.Len(), describe(s.Of))
}

// describe names a data set in one line.
func describe(ds Dataset) string {
	if s, ok := ds.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%d samples", ds.Len())
}

// Len returns the number of indices.
func (s *Subset) Len() int { return len(s.Index) }

// Item returns the sample at the i-th index.
func (s *Subset) Item(i int) Sample { return s.Of.Item(s.Index[i]) }

// Draw is Item with a generator.
func (s *Subset) Draw(i int, r *rand.Rand) Sample { return draw(s.Of, s.Index[i], r) }

func (s *Subset) batch(index []int) (Sample, bool) {
	b, ok := s.Of.(batcher)
	if !ok {
		return Sample{}, false
	}
	inner := make([]int, len(index))
	for i, k := range index {
		inner[i] = s.Index[k]
	}
	return b.batch(inner)
}

// Split deals the samples of ds at random to subsets of the given sizes; the same seed gives the same
// subsets. One size may be −1 and takes what the others leave.
func Split(ds Dataset, sizes []int, seed uint64) []*Subset {
	given("data.Split", ds)
	n, sum, rest := ds.Len(), 0, -1
	for i, size := range sizes {
		switch {
		case size >= 0:
			sum += size
		case size == -1 && rest < 0:
			rest = i
		default:
			engine.Fail("data.Split", "sizes %v: a size is ≥ 0, and at most one is -1", sizes)
		}
	}
	if sum > n || rest < 0 && sum != n {
		engine.Fail("data.Split", "sizes %v do not divide %d samples; -1 takes the rest", sizes, n)
	}
	order := rand.New(rand.NewPCG(seed, 0)).Perm(n)
	parts := make([]*Subset, len(sizes))
	for i, size := range sizes {
		if i == rest {
			size = n - sum
		}
		parts[i], order = &Subset{Of: ds, Index: order[:size:size]}, order[size:]
	}
	return parts
}

type concat struct {
	parts []Dataset
}

// Concat returns the samples of the parts one after the other.
func Concat(parts ...Dataset) Dataset {
	for _, p := range parts {
		given("data.Concat", p)
	}
	return concat{parts}
}

// String returns one line.
func (c concat) String() string {
	return fmt.Sprintf("%d samples of %d data sets", c.Len(), len(c.parts))
}

func (c concat) Len() int {
	n := 0
	for _, p := range c.parts {
		n += p.Len()
	}
	return n
}

func (c concat) Item(i int) Sample { return c.Draw(i, nil) }

func (c concat) Draw(i int, r *rand.Rand) Sample {
	k := i
	for _, p := range c.parts {
		if k < p.Len() {
			return draw(p, k, r)
		}
		k -= p.Len()
	}
	engine.Fail("data.Concat", "item %d is outside the data set of %d samples", i, c.Len())
	return Sample{}
}

type mapped struct {
	of Dataset
	f  func(Sample) Sample
}

// Map returns ds with f applied to every sample when it is read. f is called from several goroutines at
// once when a Loader has workers.
func Map(ds Dataset, f func(s Sample) Sample) Dataset {
	given("data.Map", ds)
	if f == nil {
		engine.Fail("data.Map", "the function is nil; want one from sample to sample")
	}
	return mapped{ds, f}
}

// String returns one line.
func (m mapped) String() string { return describe(m.of) + ", mapped" }

func (m mapped) Len() int          { return m.of.Len() }
func (m mapped) Item(i int) Sample { return m.f(m.of.Item(i)) }

func (m mapped) Draw(i int, r *rand.Rand) Sample { return m.f(draw(m.of, i, r)) }

// chain is streams one after the other.
type chain []Stream

// Chain returns the samples of several streams, one stream after the other. Agrees with torch's ChainDataset.
func Chain(streams ...Stream) Stream {
	for i, s := range streams {
		if s == nil {
			engine.Fail("data.Chain", "stream %d is nil", i)
		}
	}
	return chain(streams)
}

// Samples yields a part of each stream.
func (c chain) Samples(part, parts int) iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		for _, s := range c {
			for x := range s.Samples(part, parts) {
				if !yield(x) {
					return
				}
			}
		}
	}
}

// zip is two data sets side by side.
type zip struct{ x, y Dataset }

// Zip returns the data set whose sample i has the X of sample i of x and, as Y, the X of sample i of y. Both
// have the same length. Agrees with torch's StackDataset of two.
func Zip(x, y Dataset) Dataset {
	given("data.Zip", x)
	given("data.Zip", y)
	if x.Len() != y.Len() {
		engine.Fail("data.Zip", "the data sets have %d and %d samples", x.Len(), y.Len())
	}
	return zip{x, y}
}

// Len returns the number of samples.
func (z zip) Len() int { return z.x.Len() }

// Item returns sample i of both.
func (z zip) Item(i int) Sample { return Sample{X: z.x.Item(i).X, Y: z.y.Item(i).X} }

// Draw is Item with a generator.
func (z zip) Draw(i int, r *rand.Rand) Sample {
	return Sample{X: draw(z.x, i, r).X, Y: draw(z.y, i, r).X}
}
