package data

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lathe-ml/lathe/engine"
)

// Sampler chooses the samples of an epoch and their order. Indices is called once for each epoch, with a
// generator of that epoch; it returns Len indices.
type Sampler interface {
	Len() int
	Indices(r *rand.Rand) []int
}

// BatchSampler chooses the samples of each batch of an epoch. Batches returns Len batches, none empty.
type BatchSampler interface {
	Len() int
	Batches(r *rand.Rand) [][]int
}

// Sequential samples 0 … N−1 in order.
type Sequential struct{ N int }

// Len returns N.
func (s Sequential) Len() int { return s.N }

// Indices returns 0 … N−1.
func (s Sequential) Indices(*rand.Rand) []int { return upTo(s.N) }

// RandomSampler samples from 0 … N−1 in random order.
type RandomSampler struct {
	N           int
	Replacement bool // a sample may come again before all have come
	Samples     int  // in an epoch; 0: N
}

// Len returns the number of samples in an epoch.
func (s RandomSampler) Len() int {
	if s.Samples > 0 {
		return s.Samples
	}
	return s.N
}

// Indices draws an epoch.
func (s RandomSampler) Indices(r *rand.Rand) []int {
	order := make([]int, 0, s.Len())
	for len(order) < s.Len() && s.N > 0 {
		if s.Replacement {
			order = append(order, r.IntN(s.N))
		} else {
			order = append(order, r.Perm(s.N)[:min(s.N, s.Len()-len(order))]...)
		}
	}
	return order
}

// WeightedSampler draws samples with probabilities proportional to Weights, one for each sample of the data
// set: rare classes can come as often as others.
type WeightedSampler struct {
	Weights       []float64 // ≥ 0, not all 0
	Samples       int       // in an epoch; 0: as many as there are weights
	NoReplacement bool      // no sample comes twice in an epoch
}

// Len returns the number of samples in an epoch.
func (s WeightedSampler) Len() int {
	if s.Samples > 0 {
		return s.Samples
	}
	return len(s.Weights)
}

// Indices draws an epoch. Panics with *engine.Error when the weights do not allow it.
func (s WeightedSampler) Indices(r *rand.Rand) []int {
	sum, positive := 0.0, 0
	total := make([]float64, len(s.Weights))
	for i, w := range s.Weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			engine.Fail("data.WeightedSampler", "weight %d is %v; want finite numbers ≥ 0", i, w)
		}
		if w > 0 {
			positive++
		}
		sum += w
		total[i] = sum
	}
	if positive == 0 || s.NoReplacement && positive < s.Len() {
		engine.Fail("data.WeightedSampler", "%d samples of %d weights above 0; want fewer, or replacement",
			s.Len(), positive)
	}
	if s.NoReplacement {
		return s.distinct(r)
	}
	order := make([]int, s.Len())
	for i := range order {
		at := r.Float64() * sum
		k, _ := slices.BinarySearchFunc(total, at, func(t, v float64) int {
			if t > v {
				return 1
			}
			return -1
		})
		order[i] = k
	}
	return order
}

// distinct draws by keys u^(1/w), of which the largest win (Efraimidis and Spirakis 2006).
func (s WeightedSampler) distinct(r *rand.Rand) []int {
	keys := make([]float64, len(s.Weights))
	for i, w := range s.Weights {
		keys[i] = math.Inf(-1)
		if u := r.Float64(); w > 0 {
			keys[i] = math.Log(1-u) / w
		}
	}
	order := upTo(len(keys))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(keys[b], keys[a]) })
	return order[:s.Len()]
}

// SubsetSampler samples the indices of Index in random order.
type SubsetSampler struct{ Index []int }

// Len returns the number of indices.
func (s SubsetSampler) Len() int { return len(s.Index) }

// Indices returns the indices shuffled.
func (s SubsetSampler) Indices(r *rand.Rand) []int {
	order := slices.Clone(s.Index)
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// DistributedSampler gives process Rank of Replicas its share of N samples, as PyTorch's does: all shares
// are of one size, filled up with the first samples or, with DropLast, cut. Processes agree on the order
// when their Loaders have the same Seed.
type DistributedSampler struct {
	N, Replicas, Rank int
	Shuffle           bool
	DropLast          bool
}

// Len returns the size of a share.
func (s DistributedSampler) Len() int {
	if s.Replicas < 1 || s.Rank < 0 || s.Rank >= s.Replicas {
		engine.Fail("data.DistributedSampler", "rank %d of %d processes; want 0…replicas−1", s.Rank, s.Replicas)
	}
	if s.DropLast {
		return s.N / s.Replicas
	}
	return (s.N + s.Replicas - 1) / s.Replicas
}

// Indices returns the share of an epoch.
func (s DistributedSampler) Indices(r *rand.Rand) []int {
	n := s.Len()
	all := upTo(s.N)
	if s.Shuffle {
		all = r.Perm(s.N)
	}
	share := make([]int, n)
	for i := range share {
		share[i] = all[(s.Rank+i*s.Replicas)%s.N]
	}
	return share
}

// Batched groups the indices of a Sampler into batches of Size.
type Batched struct {
	Sampler  Sampler
	Size     int
	DropLast bool // leave out a last batch that is smaller
}

// Len returns the number of batches.
func (b Batched) Len() int {
	if b.Sampler == nil || b.Size < 1 {
		engine.Fail("data.Batched", "sampler %v, size %d; want a sampler and a size ≥ 1", b.Sampler, b.Size)
	}
	if b.DropLast {
		return b.Sampler.Len() / b.Size
	}
	return (b.Sampler.Len() + b.Size - 1) / b.Size
}

// Batches returns the batches of an epoch.
func (b Batched) Batches(r *rand.Rand) [][]int {
	order := b.Sampler.Indices(r)
	batches := make([][]int, b.Len())
	for i := range batches {
		batches[i] = order[i*b.Size : min((i+1)*b.Size, len(order))]
	}
	return batches
}

// ByLength makes batches of samples of similar length, so that little padding is needed: batches are in
// random order, samples are shuffled within groups of Groups batches before they are sorted.
type ByLength struct {
	Lengths []int // of every sample
	Size    int
	Groups  int // 0: 50
}

// Len returns the number of batches.
func (b ByLength) Len() int {
	if b.Size < 1 {
		engine.Fail("data.ByLength", "size %d; want ≥ 1", b.Size)
	}
	return (len(b.Lengths) + b.Size - 1) / b.Size
}

// Batches returns the batches of an epoch.
func (b ByLength) Batches(r *rand.Rand) [][]int {
	group := b.Size * max(b.Groups, 0)
	if group == 0 {
		group = 50 * b.Size
	}
	var batches [][]int
	for part := range slices.Chunk(r.Perm(len(b.Lengths)), group) {
		slices.SortStableFunc(part, func(i, j int) int { return cmp.Compare(b.Lengths[i], b.Lengths[j]) })
		batches = slices.AppendSeq(batches, slices.Chunk(part, b.Size))
	}
	r.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
	return batches[:b.Len()]
}

// checkBatches refuses batches that do not fit a data set of n samples.
func checkBatches(batches [][]int, want, n int) {
	if len(batches) != want {
		engine.Fail("data.Loader", "the sampler gave %d batches and says it has %d", len(batches), want)
	}
	for i, b := range batches {
		if len(b) == 0 {
			engine.Fail("data.Loader", "batch %d of the sampler is empty", i)
		}
		for _, k := range b {
			if k < 0 || k >= n {
				engine.Fail("data.Loader", "batch %d of the sampler has index %d; the data set has %d samples",
					i, k, n)
			}
		}
	}
}

// String describes the share.
func (s DistributedSampler) String() string {
	return fmt.Sprintf("share %d of %d of %d samples", s.Rank, s.Replicas, s.N)
}
