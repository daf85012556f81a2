package exact_test

import (
	"fmt"
	"testing"
)

// BenchmarkCell measures what one iteration costs in a cell.
func BenchmarkCell(b *testing.B) {
	for _, c := range []struct{ name, setup, loop, locals string }{
		{"empty loop", "", "", ""},
		{"sum", "s := 0", "s += i * 2", "s := 0; _ = s; "},
		{"axpy", "s, x := 0.0, 1.5", "s += x * 2.5", "s, x := 0.0, 1.5; _ = s; "},
		{"index", "xs := []int{1, 2, 3}\ns := 0", "s += xs[i%3]", "xs, s := []int{1, 2, 3}, 0; _ = s; "},
		{"call", "func f(a, b int) int { return a + b }", "f(i, 1)", ""},
		{"method", "type P struct{ x int }\nfunc (p *P) Add(n int) { p.x += n }\np := &P{}", "p.Add(i)", ""},
		{"interface", "type I interface{ Add(int) }\n" +
			"type P struct{ x int }\nfunc (p *P) Add(n int) { p.x += n }\nvar p I = &P{}", "p.Add(i)", ""},
		{"closure", "x := 0\nf := func(n int) { x += n }", "f(i)", ""},
		{"compiled call", "x := 0.0", "x = math.Sqrt(2)", ""},
		{"compiled method", "var b strings.Builder", "b.Len()", ""},
		{"compiled interface", "var e error = errors.New(\"a\")", "e.Error()", ""},
	} {
		for _, in := range []string{"cell", "func"} {
			b.Run(c.name+"/"+in, func(b *testing.B) {
				nb := newNotebook(b)
				if out := nb.Run(b, c.setup); out != "" {
					b.Fatal(out)
				}
				cell := fmt.Sprintf("for i := 0; i < %d; i++ { %s }", b.N, c.loop)
				if in == "func" {
					cell = "func() { " + c.locals + cell + " }()"
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

//go:noinline
func add(a, b int) int { return a + b }

type counter struct{ x int }

//go:noinline
func (c *counter) Add(n int) { c.x += n }

// BenchmarkNative measures the same iterations as the compiler translates them.
func BenchmarkNative(b *testing.B) {
	b.Run("sum", func(b *testing.B) {
		s := 0
		for i := 0; i < b.N; i++ {
			s += i * 2
		}
		sink = s
	})
	b.Run("call", func(b *testing.B) {
		for i := 0; i < b.N; i++ {
			sink = add(i, 1)
		}
	})
	b.Run("interface", func(b *testing.B) {
		var c interface{ Add(int) } = &counter{}
		for i := 0; i < b.N; i++ {
			c.Add(i)
		}
	})
}

var sink int
