package main

import (
	"context"
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/spark/gang"
)

// line fits seconds = α + β·bytes by least squares of relative errors.
func line(x, y []float64) (alpha, beta float64) {
	var s, sx, sxx, sy, sxy float64
	for i := range x {
		w := 1 / (y[i] * y[i])
		s, sx, sxx, sy, sxy = s+w, sx+w*x[i], sxx+w*x[i]*x[i], sy+w*y[i], sxy+w*x[i]*y[i]
	}
	beta = (s*sxy - sx*sy) / (s*sxx - sx*sx)
	return (sy - beta*sx) / s, beta
}

// scale measures the ring between two processes and predicts it for more. One all-reduce of n bytes over p
// ranks is 2(p−1) messages of n/p bytes one after the other, and log₂ p that compare what ranks call:
// T(p, n) = (2(p−1) + log₂ p)·α + 2(p−1)/p·n·β. On two ranks this is 3α + nβ, which gives both. What is small
// travels in those that compare, and is left out.
func scale(ctx context.Context) error {
	out, err := gang.Job{Task: "ring", Workers: 2, Output: "-"}.Local(ctx)
	if err != nil {
		return err
	}
	t, err := gang.TableOf(out)
	if err != nil {
		return err
	}
	var x, y []float64
	for i, n := range t.Column("bytes").Ints {
		if n < 1<<16 {
			continue
		}
		x, y = append(x, float64(n)), append(y, t.Column("seconds").Floats[i])
	}
	alpha, beta := line(x, y)
	alpha /= 3
	fmt.Printf("measured on loopback: α = %.0f µs, β = %.2f ns/byte (%.2f GB/s)\n\n", alpha*1e6, beta*1e9, 1/beta/1e9)
	for _, c := range []struct {
		name        string
		bytes, step float64 // of gradients, seconds of computing
		alpha, beta float64
	}{
		{"small CNN, 0.9 MB, 20 ms a step, this loopback", 0.9e6, 0.02, alpha, beta},
		{"ResNet-50, 102 MB, 4 s a step on a CPU, 10 Gbit/s", 102e6, 4, max(alpha, 50e-6), 8 / 10e9},
		{"ResNet-50, 102 MB, 0.2 s a step on a GPU, 10 Gbit/s", 102e6, 0.2, max(alpha, 50e-6), 8 / 10e9},
		{"ResNet-50, 102 MB, 0.2 s a step on a GPU, 100 Gbit/s", 102e6, 0.2, max(alpha, 50e-6), 8 / 100e9},
	} {
		fmt.Printf("| %s |", c.name)
		for _, p := range []float64{2, 8, 64, 256, 1024} {
			reduce := (2*(p-1)+math.Log2(p))*c.alpha + 2*(p-1)/p*c.bytes*c.beta
			fmt.Printf(" %.0f (%.0f %%) |", p*c.step/(c.step+reduce), 100*c.step/(c.step+reduce))
		}
		fmt.Println()
	}
	return nil
}
