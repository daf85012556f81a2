package roofline

import (
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// Cache sizes where the system does not tell.
const (
	usualL2 = 1 << 20
	usualL3 = 32 << 20
)

// Machine measures the peaks of this machine with a number of threads, in about a second.
func Machine(threads int) Peaks {
	l2, l3 := cacheSize(2, usualL2), cacheSize(3, usualL3)
	p := Peaks{Threads: threads, Kernels: cpu.Level()}
	p.F32, p.F64 = multiplyAdds(threads)
	p.Levels = []Level{
		{"L2", l2 * threads, bandwidth(threads, l2/2)},
		{"L3", l3, bandwidth(threads, max(2*l2, l3/2/threads))},
		{"memory", 0, bandwidth(threads, 4*l3/threads)},
	}
	return p
}

// cacheSize reads the size of a cache of the first CPU.
func cacheSize(level, usual int) int {
	for i := range 8 {
		dir := "/sys/devices/system/cpu/cpu0/cache/index" + strconv.Itoa(i) + "/"
		kind, err := os.ReadFile(dir + "level")
		if err != nil {
			break
		}
		text, err := os.ReadFile(dir + "size")
		if strings.TrimSpace(string(kind)) != strconv.Itoa(level) || err != nil {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(string(text)), "K"))
		if err == nil {
			return n << 10
		}
	}
	return usual
}

// together runs f(i, rounds) in every thread at once and returns the rounds in a second of all threads, at
// best.
func together(threads int, f func(thread, rounds int)) float64 {
	rounds, best := 1, 0.0
	for start := time.Now(); time.Since(start) < 150*time.Millisecond; {
		var wg sync.WaitGroup
		t := time.Now()
		for i := 1; i < threads; i++ {
			wg.Go(func() { f(i, rounds) })
		}
		f(0, rounds)
		wg.Wait()
		took := time.Since(t)
		if took < 5*time.Millisecond { // the start of the threads would count
			rounds *= 2
			continue
		}
		best = math.Max(best, float64(threads*rounds)/took.Seconds())
	}
	return best
}

// bandwidth returns the GB/s of z = x + y where a thread's arrays have the given bytes together.
func bandwidth(threads, bytes int) float64 {
	n := bytes / 12
	arrays := make([][3][]float32, threads)
	for i := range arrays {
		for k := range arrays[i] {
			b := engine.NewBuffer(4 * n)
			defer b.Release()
			arrays[i][k] = b.F32(0, n)
			clear(arrays[i][k])
		}
	}
	return 12e-9 * float64(n) * together(threads, func(thread, rounds int) {
		a := &arrays[thread]
		for range rounds {
			cpu.Add.F32(a[0], a[1], a[2])
		}
	})
}

// multiplyAdds returns the GFLOP/s of multiply-adds in F32 and F64: of instructions where there are routines
// for them, else of a matrix product.
func multiplyAdds(threads int) (f32, f64 float64) {
	if s, d, per := routines(); s != nil {
		return 1e-9 * 2 * per * together(threads, func(_, rounds int) { s(rounds) }),
			1e-9 * per * together(threads, func(_, rounds int) { d(rounds) })
	}
	return product(engine.F32), product(engine.F64)
}

// product is the GFLOP/s of a matrix product of 512 rows and columns.
func product(t engine.DType) float64 {
	s := engine.Shape{512, 512}
	x, y, z := engine.Zeros(t, s), engine.Zeros(t, s), engine.NewArray(t, s)
	seconds := fastest(func() {
		if err := cpu.MatMul(z, x, y, cpu.Epilogue{}); err != nil {
			panic(err)
		}
	}, 200*time.Millisecond)
	return 2e-9 * 512 * 512 * 512 / seconds
}
