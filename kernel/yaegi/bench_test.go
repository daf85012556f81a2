package yaegi_test

import (
	"fmt"
	"testing"
)

// BenchmarkCell measures what one iteration costs in a cell, polls and positions included.
func BenchmarkCell(b *testing.B) {
	for _, c := range []struct{ name, setup, loop string }{
		{"empty loop", "", ""},
		{"sum", "s := 0", "s += i * 2"},
		{"index", "xs := []int{1, 2, 3}\ns := 0", "s += xs[i%3]"},
		{"call", "func f(a, b int) int { return a + b }", "f(i, 1)"},
		{"method", "type P struct{ x int }\nfunc (p *P) Add(n int) { p.x += n }\np := &P{}", "p.Add(i)"},
		{"compiled call", "x := 0.0", "x = math.Sqrt(2)"},
	} {
		b.Run(c.name, func(b *testing.B) {
			nb := newNotebook(b)
			if out := nb.Run(b, c.setup); out != "" {
				b.Fatal(out)
			}
			cell := fmt.Sprintf("for i := 0; i < %d; i++ { %s }", b.N, c.loop)
			b.ResetTimer()
			if out := nb.Run(b, cell); out != "" {
				b.Fatal(out)
			}
		})
	}
}

// BenchmarkOnePlusOne measures a cell from its text to its value.
func BenchmarkOnePlusOne(b *testing.B) {
	nb := newNotebook(b)
	for b.Loop() {
		if out := nb.Run(b, "1 + 1"); out != "=> 2\n" {
			b.Fatal(out)
		}
	}
}

// BenchmarkNew measures the start of an executor.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		newNotebook(b)
	}
}
