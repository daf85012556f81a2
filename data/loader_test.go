package data

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// numbers is the data set of n scalars 0 … n−1; Item calls see.
type numbers struct {
	n   int
	see func(i int)
}

func (d numbers) Len() int { return d.n }

func (d numbers) Item(i int) Sample {
	if d.see != nil {
		d.see(i)
	}
	return Sample{X: eager.New(i)}
}

// epoch returns the items of an epoch, batch by batch.
func epoch(l *Loader) [][]int {
	var out [][]int
	for b := l.Epoch(); b.Next(); {
		out = append(out, b.X.Ints())
	}
	return out
}

func TestEveryItemComesOnceInEveryConfiguration(t *testing.T) {
	for _, ds := range []Dataset{
		numbers{n: 23},
		NewTensorDataset(eager.Arange(0, 23, 1), nil),
		NewSubset(numbers{n: 40}, upTo(23)), Concat(numbers{n: 23}, numbers{}),
	} {
		for workers := range 4 {
			for _, shuffle := range []bool{false, true} {
				l := NewLoader(ds, LoaderOptions{BatchSize: 5, Shuffle: shuffle, Workers: workers})
				got := epoch(l)
				if len(got) != 5 || l.Len() != 5 || len(got[4]) != 3 {
					t.Fatalf("%T workers %d: batches %v", ds, workers, got)
				}
				flat := slices.Concat(got...)
				if !shuffle && !slices.Equal(flat, upTo(23)) {
					t.Errorf("%T workers %d: order %v", ds, workers, flat)
				}
				slices.Sort(flat)
				if !slices.Equal(flat, upTo(23)) {
					t.Errorf("%T workers %d: items %v", ds, workers, flat)
				}
			}
		}
	}
}

func TestOrderDependsOnSeedAndEpochOnly(t *testing.T) {
	run := func(workers int) string {
		l := NewLoader(numbers{n: 50}, LoaderOptions{Shuffle: true, Seed: 7, Workers: workers})
		return fmt.Sprint(epoch(l), epoch(l))
	}
	l := NewLoader(numbers{n: 50}, LoaderOptions{Shuffle: true, Seed: 7})
	if a, b := epoch(l), epoch(l); fmt.Sprint(a) == fmt.Sprint(b) {
		t.Error("two epochs have the same order")
	}
	if run(0) != run(3) {
		t.Error("the order depends on the workers")
	}
}

func TestOrderWithoutASeedFollowsTheDefaultStream(t *testing.T) {
	run := func(seed uint64) string {
		eager.Seed(seed)
		return fmt.Sprint(epoch(NewLoader(numbers{n: 50}, LoaderOptions{Shuffle: true})))
	}
	one, two := run(1), run(2)
	if one != run(1) || one == two {
		t.Error("t.Seed does not decide the order")
	}
}

func TestDropLastLeavesOutTheRest(t *testing.T) {
	got := epoch(NewLoader(numbers{n: 11}, LoaderOptions{BatchSize: 4, DropLast: true}))
	if fmt.Sprint(got) != "[[0 1 2 3] [4 5 6 7]]" {
		t.Errorf("batches %v", got)
	}
}

func TestRangeOverBatchesMayStopEarly(t *testing.T) {
	n := 0
	for i, b := range NewLoader(numbers{n: 100}, LoaderOptions{BatchSize: 10}).Batches() {
		if i != n || b.X.Ints()[0] != 10*i {
			t.Fatalf("batch %d is %v", i, b.X)
		}
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d batches", n)
	}
}

func TestAbandonedEpochLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		l := NewLoader(numbers{n: 1000}, LoaderOptions{BatchSize: 10, Workers: 3})
		b := l.Epoch()
		b.Next()
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 500 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestWorkersReadAtTheSameTimeWithinTheirNumber(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	count := func(d int) {
		mu.Lock()
		defer mu.Unlock()
		now += d
		most = max(most, now)
	}
	meet := make(chan struct{}) // two items meet here, so the test hangs unless two are read at once
	see := func(i int) {
		count(1)
		if i < 2 {
			select {
			case meet <- struct{}{}:
			case <-meet:
			}
		}
		count(-1)
	}
	l := NewLoader(numbers{64, see}, LoaderOptions{BatchSize: 1, Workers: 2, Prefetch: 6})
	if got := epoch(l); len(got) != 64 {
		t.Errorf("%d batches", len(got))
	}
	if most != 2 {
		t.Errorf("%d items were read at once, want 2", most)
	}
}

func TestPanicOfAnItemReachesNext(t *testing.T) {
	fail := func(what any) func(int) {
		return func(i int) {
			if i == 7 {
				if what == nil {
					runtime.Goexit()
				}
				panic(what)
			}
		}
	}
	for _, c := range []struct {
		what any
		want string
	}{
		{&engine.Error{Where: "png", What: "truncated"}, "png: truncated (sample 7)"},
		{errors.New("boom"), "data.Loader: reading sample 7: boom"},
		{nil, "data.Loader: reading batch 1: the goroutine ended"},
	} {
		l := NewLoader(numbers{20, fail(c.what)}, LoaderOptions{BatchSize: 5, Workers: 2})
		err := engine.Catch(func() { epoch(l) })
		if err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

func TestItemsOfDifferentShapesAreNamed(t *testing.T) {
	ds := Map(numbers{n: 3}, func(s Sample) Sample {
		return Sample{X: eager.Zeros(s.X.Ints()[0]+1, 2)}
	})
	err := engine.Catch(func() { Collect(ds) })
	want := "data.Batch: X of item 1 is f32[2 2] and that of item 0 f32[1 2]; want one shape for all items"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestSplitPartsAreDisjointAndComplete(t *testing.T) {
	parts := Split(numbers{n: 30}, []int{10, -1, 5}, 3)
	var all []int
	for i, want := range []int{10, 15, 5} {
		if parts[i].Len() != want {
			t.Errorf("part %d has %d items, want %d", i, parts[i].Len(), want)
		}
		all = append(all, Collect(parts[i]).X.Ints()...)
	}
	if slices.IsSorted(all) {
		t.Error("the split is not random")
	}
	slices.Sort(all)
	if !slices.Equal(all, upTo(30)) {
		t.Errorf("items %v", all)
	}
	again := Split(numbers{n: 30}, []int{10, -1, 5}, 3)
	if !slices.Equal(again[0].Index, parts[0].Index) {
		t.Error("the same seed gave another split")
	}
	for _, sizes := range [][]int{{10}, {20, 20}, {-1, -1}, {40, -1}, {-2, 32}} {
		if engine.Catch(func() { Split(numbers{n: 30}, sizes, 3) }) == nil {
			t.Errorf("sizes %v were accepted", sizes)
		}
	}
}

func TestConcatAndMapKeepOrder(t *testing.T) {
	ten := func(s Sample) Sample { return Sample{X: s.X.Mul(10)} }
	ds := Concat(numbers{n: 2}, numbers{n: 0}, Map(numbers{n: 3}, ten))
	if got := Collect(ds).X.Ints(); !slices.Equal(got, []int{0, 1, 0, 10, 20}) {
		t.Errorf("items %v", got)
	}
}
