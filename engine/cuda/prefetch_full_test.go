//go:build cuda && full

package cuda

import (
	"os"
	"testing"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
)

// counted is a data set whose sample i is i and i.
type counted int

func (n counted) Len() int { return int(n) }
func (n counted) Item(i int) data.Sample {
	return data.Sample{X: eager.Full(float64(i), 300), Y: eager.New(i)}
}

// epoch reads all batches on d, works on them, and reports how many were not what they should be.
func epoch(t *testing.T, d *Device, workers int) (wrong int) {
	t.Helper()
	l := data.NewLoader(counted(40), data.LoaderOptions{BatchSize: 4, Workers: workers, Device: d})
	var sums []*eager.Tensor
	for _, b := range l.Batches() {
		if b.X.Device() == nil || b.Y.Device() == nil {
			t.Fatal("a batch is on the CPU")
		}
		x := b.X
		for range 3 { // work that reads the batch after others have come
			x = x.Mul(1).Add(0)
		}
		sums = append(sums, eager.Concat(0, x.Sum(1).Div(300), b.Y.To(eager.F32)))
		b.X.Release()
		b.Y.Release()
	}
	for k, s := range sums {
		for i, v := range s.Float32s() {
			if v != float32(4*k+i%4) {
				wrong++
			}
		}
	}
	return wrong
}

// Copies, or else the kernels, are done as late as the waits between the streams allow.
func TestBatchesArriveBeforeTheyAreRead(t *testing.T) {
	d := open(t)
	for _, late := range []string{"", "first", "others"} {
		for _, workers := range []int{0, 3} {
			t.Setenv("LATHE_EMULATE_LATE", late)
			for range 2 {
				if n := epoch(t, d, workers); n > 0 {
					t.Errorf("late %q, %d workers: %d values are wrong", late, workers, n)
				}
			}
		}
	}
	d.Synchronize()
}

// A wait that is missing shows: that the test above can fail.
func TestABatchThatIsReadTooEarlyIsWrong(t *testing.T) {
	if onGPU {
		t.Skip("a GPU may be in time")
	}
	d := open(t)
	t.Setenv("LATHE_EMULATE_LATE", "others")
	x, arrived := eager.Prefetch(eager.Ones(5000), d)
	early := x.Sum().Item()
	arrived()
	if late := x.Sum().Item(); early == 5000 || late != 5000 {
		t.Errorf("the sum is %v before the copy arrived, and %v after", early, late)
	}
}

// Pinned memory is read when the copy is made, not when it is asked for.
func TestMemoryThatACopyReadsIsNotWrittenTo(t *testing.T) {
	if onGPU {
		t.Skip("a GPU may be in time")
	}
	d := open(t)
	t.Setenv("LATHE_EMULATE_LATE", "others")
	var xs []*eager.Tensor
	var arrived []func()
	for i := range 2 * mostStages {
		x, there := eager.Prefetch(eager.Full(float64(i), 5000), d)
		xs, arrived = append(xs, x), append(arrived, there)
	}
	for i, x := range xs {
		arrived[i]()
		if s := x.Sum().Item(); s != float64(5000*i) {
			t.Errorf("copy %d has the sum %v, want %v", i, s, 5000*i)
		}
	}
}

func TestBatchesComeWithoutPinnedMemory(t *testing.T) {
	if onGPU {
		t.Skip("a GPU's driver pins memory")
	}
	if os.Getenv("LATHE_FAKE_DRIVER") == "" {
		again(t, t.Name(), "LATHE_FAKE_DRIVER=no pinned memory")
		return
	}
	t.Setenv("LATHE_EMULATE_LATE", "others")
	if n := epoch(t, open(t), 2); n > 0 {
		t.Errorf("%d values are wrong", n)
	}
}

func TestMemoryOfBatchesIsGivenBack(t *testing.T) {
	d := open(t)
	d.memory.collect()
	before := d.Memory().Allocated
	epoch(t, d, 2)
	l := data.NewLoader(counted(40), data.LoaderOptions{BatchSize: 4, Workers: 2, Device: d})
	for range l.Batches() {
		break // batches that were read ahead are left
	}
	for i := 0; d.Memory().Allocated > before && i < 50; i++ {
		d.memory.collect()
	}
	if after := d.Memory().Allocated; after > before {
		t.Errorf("%d bytes are still allocated, before it were %d", after, before)
	}
}
