package codegen

import (
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// TestMachineCodeSurvivesTheRuntime calls machine code from several goroutines while others collect garbage,
// dump stacks, grow stacks and interrupt the process, and checks every result. LATHE_STRESS names a longer
// time for each level than the default, such as 6m.
func TestMachineCodeSurvivesTheRuntime(t *testing.T) {
	eachLevel(t, func(t *testing.T, _ *rand.Rand) { stress(t) })
}

func stress(t *testing.T) {
	length := 300 * time.Millisecond
	if s := os.Getenv("LATHE_STRESS"); s != "" {
		var err error
		if length, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	var stop atomic.Bool
	var calls, wrong atomic.Int64
	var wg sync.WaitGroup
	start := func(f func(r *rand.Rand)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
			for !stop.Load() {
				f(r)
			}
		}()
	}
	for range 4 {
		start(func(r *rand.Rand) {
			if !stressOnce(r) {
				wrong.Add(1)
			}
			calls.Add(1)
		})
	}
	start(func(*rand.Rand) { runtime.GC() })
	start(func(*rand.Rand) { runtime.Stack(make([]byte, 1<<16), true) })
	start(func(r *rand.Rand) { grow(r.IntN(2000)) })
	start(func(*rand.Rand) { interruptSelf(); time.Sleep(50 * time.Microsecond) })
	time.Sleep(length)
	stop.Store(true)
	wg.Wait()
	t.Logf("%d calls, %d wrong", calls.Load(), wrong.Load())
	if wrong.Load() > 0 || calls.Load() == 0 {
		t.Errorf("%d of %d calls gave wrong results", wrong.Load(), calls.Load())
	}
}

func grow(n int) (sum int) {
	var pad [64]int
	if n > 0 {
		pad[n%64] = grow(n - 1)
	}
	return pad[n%64] + 1
}

// stressCode is max(2x, 2x, …) + y, whose terms are all computed before the first maximum.
var stressCode = func() []Ins {
	const terms = 26
	var code []Ins
	for range terms {
		code = append(code, Ins{Def: op.Add, A: 0, B: 0})
	}
	sum := 2
	for k := 1; k < terms; k++ {
		code = append(code, Ins{Def: op.Maximum, A: sum, B: 2 + k})
		sum = 2 + len(code) - 1
	}
	return append(code, Ins{Def: op.Add, A: sum, B: 1})
}()

// stressOnce computes 2x + y in fresh memory and reports whether it is right. 26 more values are alive at once, for
// which AVX2 has no registers.
func stressOnce(r *rand.Rand) bool {
	n := 1 + r.IntN(1<<(4+r.IntN(13)))
	l := &Loop{DType: engine.F32, Inputs: 2, Code: stressCode, Outputs: []int{2 + len(stressCode) - 1}}
	x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], y[i] = float32(i), 1
	}
	shape := engine.Shape{n}
	for range 8 {
		l.Run([]engine.Array{engine.Of(shape, z)}, []engine.Array{engine.Of(shape, x), engine.Of(shape, y)})
	}
	for i := range z {
		if z[i] != 2*float32(i)+1 {
			return false
		}
	}
	return true
}
