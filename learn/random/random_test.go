package random_test

import (
	"math"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/learn/random"
)

// The values are those of NumPy 2.4.6.
func TestNumbersAreNumPys(t *testing.T) {
	if got := random.New(0).Float64(); got != 0.5488135039273248 {
		t.Errorf("RandomState(0).random_sample() is %v", got)
	}
	if got := random.New(42).Permutation(10); !slices.Equal(got, []int{8, 1, 5, 0, 7, 2, 9, 4, 3, 6}) {
		t.Errorf("RandomState(42).permutation(10) is %v", got)
	}
	if got := random.New(0).Ints(10, 5); !slices.Equal(got, []int{5, 0, 3, 3, 7}) {
		t.Errorf("RandomState(0).randint(10, size=5) is %v", got)
	}
	r := random.New(0)
	for _, want := range []float64{1.764052345967664, 0.4001572083672233, 0.9787379841057392} {
		if got := r.Gauss(); math.Abs(got-want) > 1e-15 {
			t.Errorf("RandomState(0).randn: %v, want %v", got, want)
		}
	}
	r = random.New(1)
	if got := r.Gamma(2.5, 1); math.Abs(got-gamma25) > 1e-12 {
		t.Errorf("RandomState(1).gamma(2.5) is %v, want %v", got, gamma25)
	}
}

const gamma25 = 5.54497645355402
