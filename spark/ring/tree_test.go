package ring

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func TestSmallTensorsHaveTheSameSumsWhateverTheNumberOfRanks(t *testing.T) {
	for n := 2; n <= 9; n++ {
		got := make([][]float32, n)
		want := make([]float64, 6)
		values := make([][]float32, n)
		for rank := range n {
			g := rand.New(rand.NewPCG(uint64(rank), uint64(n)))
			for i := range want {
				values[rank] = append(values[rank], g.Float32()-0.5)
				want[i] += float64(values[rank][i])
			}
		}
		errs := together(t, n, plain, func(r *Ring) error {
			x, y := eager.FromFloat32s(values[r.Rank][:2], 2), eager.FromFloat32s(values[r.Rank][2:], 2, 2)
			y = y.Transpose(0, 1) // not row-major
			for range 3 {         // calls follow each other without waiting
				if err := r.Barrier(); err != nil {
					return err
				}
			}
			if err := r.AllReduce(x, y); err != nil {
				return err
			}
			got[r.Rank] = append(x.Storage().F32(), y.Transpose(0, 1).Contiguous().Storage().F32()...)
			mean := eager.Full(float64(r.Rank), 1)
			if err := r.AllMean(mean); err != nil {
				return err
			}
			if d := mean.Item() - float64(n-1)/2; d > 1e-6 || d < -1e-6 { // the factor 1/n is rounded
				return fmt.Errorf("the mean of 0 … %d is off by %g", n-1, d)
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("%d ranks: %v", n, err)
		}
		for i := range want {
			if d := float64(got[0][i]) - want[i]; d > 1e-5 || d < -1e-5 { // float32 sums of 9 numbers below 1
				t.Errorf("%d ranks: element %d is %g, want %g", n, i, got[0][i], want[i])
			}
			for rank := range n {
				if got[rank][i] != got[0][i] {
					t.Errorf("%d ranks: element %d is %g in rank %d and %g in rank 0", n, i, got[rank][i], rank, got[0][i])
				}
			}
		}
	}
}

func TestARankThatCallsAnotherThingIsToldInATreeOfAnySize(t *testing.T) {
	for n := 2; n <= 5; n++ {
		errs := together(t, n, plain, func(r *Ring) error {
			if r.Rank == n-1 {
				return r.Broadcast(eager.Zeros(100_000))
			}
			return r.AllReduce(eager.Zeros(1))
		})
		if err := errs[n-1]; err == nil || !strings.Contains(err.Error(), "calls another function") {
			t.Errorf("%d ranks: the last one hears %v", n, err)
		}
		for rank, err := range errs {
			if err == nil {
				t.Errorf("%d ranks: rank %d has not noticed", n, rank)
			}
		}
	}
}

// BenchmarkSmallSums sums 1 KB over ranks of one process by both ways.
func BenchmarkSmallSums(b *testing.B) {
	for _, n := range []int{2, 4, 8} {
		for name, sum := range map[string]func(r *Ring, m []byte) error{
			"ring": func(r *Ring, m []byte) error { return r.sum(engine.F32, m) },
			"tree": func(r *Ring, m []byte) error { return r.meet(1, engine.F32, m) },
		} {
			b.Run(fmt.Sprint(name, n), func(b *testing.B) {
				errs := together(b, n, plain, func(r *Ring) error {
					m := make([]byte, 1<<10)
					for range b.N {
						if err := sum(r, m); err != nil {
							return err
						}
					}
					return nil
				})
				if err := errors.Join(errs...); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
