package host_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/kernel/host"
)

func kernelFor(b *testing.B) *host.Kernel {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	k, err := host.Start(context.Background(), host.Options{Command: []string{exe, "kernel"}})
	if err != nil {
		b.Fatal(err)
	}
	return k
}

func execute(b *testing.B, k *host.Kernel, code string) {
	if _, err := k.Execute(context.Background(), code, "c", nil); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRoundTrip measures 1+1 from request to idle.
func BenchmarkRoundTrip(b *testing.B) {
	k := kernelFor(b)
	defer k.Kill()
	for b.Loop() {
		execute(b, k, "1+1")
	}
}

// BenchmarkLaunch measures from the start of the process to the first result.
func BenchmarkLaunch(b *testing.B) {
	for b.Loop() {
		k := kernelFor(b)
		execute(b, k, "1+1")
		k.Kill()
		<-k.Done()
	}
}

// BenchmarkInterrupt measures from the interrupt of a busy loop to idle.
func BenchmarkInterrupt(b *testing.B) {
	k := kernelFor(b)
	defer k.Kill()
	var total time.Duration
	for b.Loop() {
		began := make(chan time.Time, 1)
		time.AfterFunc(20*time.Millisecond, func() {
			began <- time.Now()
			_ = k.Interrupt() // the loop would not end, which the caller sees
		})
		execute(b, k, "n := 0\nfor { n++ }")
		total += time.Since(<-began)
	}
	b.ReportMetric(float64(total.Microseconds())/float64(b.N), "µs/interrupt")
}
