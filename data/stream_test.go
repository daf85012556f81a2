package data

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// counter streams 0 … n−1; fail panics at that number.
type counter struct {
	n, fail int
}

func (c counter) Samples(part, parts int) iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		for i := part; i < c.n; i += parts {
			if i == c.fail && i > 0 {
				engine.Fail("log", "line %d is broken", i)
			}
			if !yield(Sample{X: eager.New(i)}) {
				return
			}
		}
	}
}

func streamEpoch(l *StreamLoader) [][]int {
	var out [][]int
	for _, b := range l.Batches() {
		out = append(out, b.X.Ints())
	}
	return out
}

func TestStreamGivesEverySampleOnce(t *testing.T) {
	for workers := range 4 {
		for _, buffer := range []int{0, 7, 1000} {
			l := NewStreamLoader(counter{n: 50}, StreamOptions{BatchSize: 4, Workers: workers, Buffer: buffer, Seed: 5})
			first, second := streamEpoch(l), streamEpoch(l)
			if buffer > 0 && fmt.Sprint(first) == fmt.Sprint(second) {
				t.Errorf("workers %d, buffer %d: two epochs have one order", workers, buffer)
			}
			again := NewStreamLoader(counter{n: 50}, StreamOptions{BatchSize: 4, Workers: workers, Buffer: buffer, Seed: 5})
			if fmt.Sprint(streamEpoch(again)) != fmt.Sprint(first) {
				t.Errorf("workers %d, buffer %d: the order is not the seed's", workers, buffer)
			}
			flat := slices.Concat(first...)
			if buffer == 0 && workers == 0 && !slices.IsSorted(flat) {
				t.Errorf("order %v", flat)
			}
			slices.Sort(flat)
			if !slices.Equal(flat, upTo(50)) {
				t.Errorf("workers %d, buffer %d: samples %v", workers, buffer, flat)
			}
		}
	}
}

func TestStreamContinuesWhereItWasSaved(t *testing.T) {
	for _, workers := range []int{0, 2} {
		build := func() *StreamLoader {
			return NewStreamLoader(counter{n: 40}, StreamOptions{BatchSize: 3, Workers: workers, Buffer: 6})
		}
		l := build()
		streamEpoch(l)
		var want [][]int
		var saved []byte
		for i, b := range l.Batches() {
			if i == 4 {
				saved, _ = l.MarshalText()
			} else if i > 4 {
				want = append(want, b.X.Ints())
			}
		}
		r := build()
		if err := r.UnmarshalText(saved); err != nil {
			t.Fatal(err)
		}
		if got := streamEpoch(r); fmt.Sprint(got) != fmt.Sprint(want) || len(want) == 0 {
			t.Errorf("workers %d: %v, want %v", workers, got, want)
		}
	}
	if err := NewStreamLoader(counter{}).UnmarshalText([]byte("stream x")); err == nil {
		t.Error("a broken state is accepted")
	}
}

func TestErrorOfAStreamReachesTheLoop(t *testing.T) {
	for _, workers := range []int{0, 3} {
		l := NewStreamLoader(counter{n: 40, fail: 20}, StreamOptions{BatchSize: 3, Workers: workers})
		if err := engine.Catch(func() { streamEpoch(l) }); err == nil || err.Error() != "log: line 20 is broken" {
			t.Errorf("workers %d: error %v", workers, err)
		}
	}
}

func TestAbandonedStreamLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		for range NewStreamLoader(counter{n: 1000}, StreamOptions{Workers: 3}).Batches() {
			break
		}
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 500 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestSamplersChooseWhatTheySay(t *testing.T) {
	r := func() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }
	sorted := func(v []int) []int {
		v = slices.Clone(v)
		slices.Sort(v)
		return v
	}
	if got := (RandomSampler{N: 10}).Indices(r()); !slices.Equal(sorted(got), upTo(10)) || slices.IsSorted(got) {
		t.Errorf("random %v", got)
	}
	if got := (RandomSampler{N: 4, Samples: 10}).Indices(r()); len(got) != 10 || len(slices.Compact(sorted(got))) != 4 {
		t.Errorf("random beyond its size %v", got)
	}
	if got := (SubsetSampler{[]int{3, 5, 8}}).Indices(r()); !slices.Equal(sorted(got), []int{3, 5, 8}) {
		t.Errorf("subset %v", got)
	}
	counts := make([]int, 3)
	for _, i := range (WeightedSampler{Weights: []float64{1, 0, 3}, Samples: 4000}).Indices(r()) {
		counts[i]++
	}
	if counts[1] != 0 || counts[2] < 2800 || counts[2] > 3200 {
		t.Errorf("weights 1, 0, 3 give %v", counts)
	}
	got := (WeightedSampler{Weights: []float64{1, 0, 3, 1}, Samples: 3, NoReplacement: true}).Indices(r())
	if !slices.Equal(sorted(got), []int{0, 2, 3}) {
		t.Errorf("without replacement %v", got)
	}
	var all []int
	for rank := range 3 {
		all = append(all, DistributedSampler{N: 10, Replicas: 3, Rank: rank, Shuffle: true}.Indices(r())...)
	}
	if len(all) != 12 || len(slices.Compact(sorted(all))) != 10 {
		t.Errorf("shares %v", all)
	}
	lengths := make([]int, 64)
	for i := range lengths {
		lengths[i] = i * 7 % 64
	}
	spread := 0
	for _, b := range (ByLength{Lengths: lengths, Size: 8, Groups: 8}).Batches(r()) {
		lo, hi := lengths[b[0]], lengths[b[0]]
		for _, k := range b {
			lo, hi = min(lo, lengths[k]), max(hi, lengths[k])
		}
		spread = max(spread, hi-lo)
	}
	if spread > 7 {
		t.Errorf("lengths in a batch differ by %d", spread)
	}
}

func TestLoadersTakeSamplersAndCollate(t *testing.T) {
	ds := numbers{n: 20}
	sum := func(samples []Sample) Sample {
		s := 0.0
		for _, x := range samples {
			s += x.X.Item()
		}
		return Sample{X: eager.New(s)}
	}
	for workers := range 3 {
		l := NewLoader(ds, LoaderOptions{BatchSize: 5, Sampler: SubsetSampler{upTo(10)}, Workers: workers, Collate: sum})
		total, n := 0.0, 0
		for b := l.Epoch(); b.Next(); n++ {
			total += b.X.Item()
		}
		if n != 2 || l.Len() != 2 || total != 45 {
			t.Errorf("workers %d: %d batches with sum %v", workers, n, total)
		}
	}
	for want, o := range map[string]LoaderOptions{
		"data.NewLoader: Batches, Sampler and Shuffle each choose the order; want one of them": {
			Shuffle: true, Sampler: Sequential{3},
		},
		"data.Loader: batch 1 of the sampler has index 20; the data set has 20 samples": {
			BatchSize: 16, Sampler: Sequential{24},
		},
		"data.WeightedSampler: weight 0 is -1; want finite numbers ≥ 0": {Sampler: WeightedSampler{Weights: []float64{-1}}},
	} {
		err := engine.Catch(func() { NewLoader(ds, o).Epoch() })
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestChainGivesOneStreamAfterTheOther(t *testing.T) {
	l := NewStreamLoader(Chain(counter{n: 3}, counter{n: 2}), StreamOptions{BatchSize: 4})
	if got := fmt.Sprint(streamEpoch(l)); got != "[[0 1 2 0] [1]]" {
		t.Errorf("batches are %s", got)
	}
}

func TestZipPairsDataSets(t *testing.T) {
	a, b := eager.Arange(0, 6, 1).Reshape(3, 2), eager.New([]int{7, 8, 9})
	z := Zip(NewTensorDataset(a, nil), NewTensorDataset(b, nil))
	if s := z.Item(1); z.Len() != 3 || s.X.At(0) != 2 || s.Y.Item() != 8 {
		t.Errorf("sample 1 of %d is %v", z.Len(), s)
	}
}
