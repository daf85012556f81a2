package exact_test

import (
	"fmt"
	"testing"
)

// BenchmarkCell measures what one iteration costs in a cell.
func BenchmarkCell(b *testing.B) {
	for _, c := range []struct{ name, setup, loop string }{
		{"empty loop", "", ""},
		{"sum", "s := 0", "s += i * 2"},
		{"axpy", "s, x := 0.0, 1.5", "s += x * 2.5"},
		{"index", "xs := []int{1, 2, 3}\ns := 0", "s += xs[i%3]"},
		{"call", "func f(a, b int) int { return a + b }", "f(i, 1)"},
		{"method", "type P struct{ x int }\nfunc (p *P) Add(n int) { p.x += n }\np := &P{}", "p.Add(i)"},
		{"interface", "type I interface{ Add(int) }\ntype P struct{ x int }\nfunc (p *P) Add(n int) { p.x += n }\nvar p I = &P{}", "p.Add(i)"},
		{"closure", "x := 0\nf := func(n int) { x += n }", "f(i)"},
		{"compiled call", "x := 0.0", "x = math.Sqrt(2)"},
		{"compiled method", "var b strings.Builder", "b.Len()"},
		{"compiled interface", "var e error = errors.New(\"a\")", "e.Error()"},
	} {
		for _, in := range []string{"cell", "func"} {
			b.Run(c.name+"/"+in, func(b *testing.B) {
				nb := newNotebook(b)
				if out := nb.Run(b, c.setup); out != "" {
					b.Fatal(out)
				}
				cell := fmt.Sprintf("for i := 0; i < %d; i++ { %s }", b.N, c.loop)
				if in == "func" {
					if c.name == "sum" || c.name == "axpy" || c.name == "index" {
						cell = map[string]string{"sum": "s := 0", "axpy": "s, x := 0.0, 1.5", "index": "xs, s := []int{1, 2, 3}, 0"}[c.name] + "; " + cell + "; _ = s"
					}
					cell = "func() { " + cell + " }()"
				}
				b.ResetTimer()
				if out := nb.Run(b, cell); out != "" {
					b.Fatal(out)
				}
			})
		}
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
