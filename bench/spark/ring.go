package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/spark/gang"
)

// ringSizes are the bytes that are summed at once.
var ringSizes = []int{4 << 10, 64 << 10, 1 << 20, 8 << 20, 64 << 20}

var _ = gang.Register("ring", func(w *gang.Worker) error {
	for _, n := range ringSizes {
		x := eager.Ones(n / 4)
		reps := max(20, min(2000, (256<<20)/n))
		best := time.Hour
		for i := range 6 {
			if err := w.Barrier(); err != nil {
				return err
			}
			began := time.Now()
			for range reps / 5 {
				if err := w.AllReduce(x); err != nil {
					return err
				}
			}
			if d := time.Since(began) / time.Duration(reps/5); i > 0 {
				best = min(best, d)
			}
		}
		if w.Rank == 0 {
			if err := w.EmitRow([]string{"bytes", "seconds"}, n, best.Seconds()); err != nil {
				return err
			}
		}
	}
	return nil
})

// ring compares all-reduce of two processes with that of gloo.
func ring(ctx context.Context, python string) error {
	times := map[bool]map[int]float64{false: {}, true: {}}
	for _, tls := range []bool{false, true} {
		out, err := gang.Job{Task: "ring", Workers: 2, Output: "-", TLS: tls}.Local(ctx)
		if err != nil {
			return err
		}
		t, err := gang.TableOf(out)
		if err != nil {
			return err
		}
		for i, n := range t.Column("bytes").Ints {
			times[tls][int(n)] = t.Column("seconds").Floats[i]
		}
	}
	gloo := map[string]float64{}
	if python != "" {
		args := []string{"bench/spark/peer_gloo.py"}
		for _, n := range ringSizes {
			args = append(args, strconv.Itoa(n))
		}
		c := exec.CommandContext(ctx, python, args...)
		c.Stderr = os.Stderr
		text, err := c.Output()
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &gloo); err != nil {
			return err
		}
	}
	fmt.Println("| bytes | ring | ring, TLS | gloo | ring / gloo |\n|---|---|---|---|---|")
	for _, n := range ringSizes {
		a, b, g := times[false][n], times[true][n], gloo[strconv.Itoa(n)]
		fmt.Printf("| %d | %.0f µs, %.2f GB/s | %.0f µs | %.0f µs, %.2f GB/s | %.2f |\n", n, a*1e6, float64(n)/a/1e9, b*1e6,
			g*1e6, float64(n)/g/1e9, g/a)
	}
	return nil
}
