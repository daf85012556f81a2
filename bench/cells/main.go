// Command cells measures what an iteration and a call cost in cells: in both executors of the kernel, in
// the interpreter yaegi as it is, and compiled.
//
//	go run ./bench/cells          # iterations and calls
//	go run ./bench/cells -steps   # steps of training
//
// It prints a table of nanoseconds or milliseconds, the best of several rounds that take turns.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"

	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols"
)

// row is a loop body inside a function, and the same compiled.
type row struct {
	name, setup, locals, body string
	native                    func(n int)
}

type point struct{ x int }

//go:noinline
func (p *point) add(n int) { p.x += n }

type adder interface{ add(n int) }

//go:noinline
func plus(a, b int) int { return a + b }

var (
	intSink   int
	floatSink float64
)

var rows = []row{
	{"empty loop", "", "", "", func(n int) {
		for i := 0; i < n; i++ {
		}
	}},
	{"s += i*2", "", "s := 0; _ = s", "s += i * 2", func(n int) {
		s := 0
		for i := 0; i < n; i++ {
			s += i * 2
		}
		intSink = s
	}},
	{"float s += x*2.5", "", "s, x := 0.0, 1.5; _ = s", "s += x * 2.5", func(n int) {
		s, x := 0.0, 1.5
		for i := 0; i < n; i++ {
			s += x * 2.5
		}
		floatSink = s
	}},
	{"s += xs[i%3]", "", "xs, s := []int{1, 2, 3}, 0; _ = s", "s += xs[i%3]", func(n int) {
		xs, s := []int{1, 2, 3}, 0
		for i := 0; i < n; i++ {
			s += xs[i%3]
		}
		intSink = s
	}},
	{"function call", "func plus(a, b int) int { return a + b }", "s := 0; _ = s", "s = plus(s, i)", func(n int) {
		s := 0
		for i := 0; i < n; i++ {
			s = plus(s, i)
		}
		intSink = s
	}},
	{
		"method call", "type point struct{ x int }\nfunc (p *point) add(n int) { p.x += n }", "p := &point{}", "p.add(i)",
		func(n int) {
			p := &point{}
			for i := 0; i < n; i++ {
				p.add(i)
			}
			intSink = p.x
		},
	},
	{
		"interface call", "type point2 struct{ x int }\nfunc (p *point2) add(n int) { p.x += n }\ntype adder interface{ add(n int) }",
		"var a adder = &point2{}", "a.add(i)",
		func(n int) {
			var a adder = &point{}
			for i := 0; i < n; i++ {
				a.add(i)
			}
		},
	},
	{"closure call", "", "x := 0; f := func(n int) { x += n }", "f(i)", func(n int) {
		x := 0
		f := func(n int) { x += n }
		for i := 0; i < n; i++ {
			f(i)
		}
		intSink = x
	}},
	{"compiled call, math.Cbrt", "", "x := 0.0; _ = x", "x = math.Cbrt(2)", func(n int) {
		x := 0.0
		for i := 0; i < n; i++ {
			x = math.Cbrt(2)
		}
		floatSink = x
	}},
}

// side runs setup, and a loop of n iterations.
type side struct {
	name string
	do   func(code string) error
}

func executor(name string) (side, error) {
	lib := check.Open(symbols.Exports()...)
	x, err := kernel.NewExecutor(name, kernel.ExecutorOptions{Symbols: symbols.Packages(), Library: lib})
	if err != nil {
		return side{}, err
	}
	s := check.New(x.FileSet(), lib, check.Options{Prelude: symbols.Prelude(), Has: x.Has})
	cell := 0
	return side{name, func(code string) error {
		cell++
		p, err := s.Check(fmt.Sprint("cell ", cell), code)
		if err != nil {
			return err
		}
		run, err := x.Prepare(p)
		if err != nil {
			return err
		}
		s.Commit(p)
		if out := run(context.Background()); out.Err != nil {
			return fmt.Errorf("%s", out.Err.Msg)
		}
		return nil
	}}, nil
}

func raw() (side, error) {
	in := interp.New(interp.Options{})
	if err := in.Use(stdlib.Symbols); err != nil {
		return side{}, err
	}
	if _, err := in.Eval(`import "math"`); err != nil {
		return side{}, err
	}
	return side{"raw yaegi", func(code string) error {
		_, err := in.Eval(code)
		return err
	}}, nil
}

func main() {
	log.SetFlags(0)
	training := flag.Bool("steps", false, "steps of training instead of iterations and calls")
	flag.Parse()
	table := calls
	if *training {
		table = steps
	}
	if err := table(); err != nil {
		log.Fatalf("cells: %v", err)
	}
}

func calls() error {
	var sides []side
	for _, start := range []func() (side, error){
		func() (side, error) { return executor("exact") }, func() (side, error) { return executor("yaegi") }, raw,
	} {
		s, err := start()
		if err != nil {
			return err
		}
		sides = append(sides, s)
	}
	fmt.Println("| ns per iteration | exact | yaegi, lowered | raw yaegi | compiled | exact/compiled | raw yaegi/exact |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for i, r := range rows {
		best := []float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}
		for k, s := range sides {
			loop := fmt.Sprintf("func loop%d(n int) { %s; for i := 0; i < n; i++ { %s } }", i, r.locals, r.body)
			loop = strings.Replace(loop, "{ ;", "{ ", 1)
			for _, code := range []string{r.setup, loop} {
				if code == "" {
					continue
				}
				if err := s.do(code); err != nil {
					return fmt.Errorf("%s: %s: %w", r.name, sides[k].name, err)
				}
			}
		}
		const n = 100_000
		for range 5 {
			for k, s := range sides {
				began := time.Now()
				if err := s.do(fmt.Sprintf("loop%d(%d)", i, n)); err != nil {
					return fmt.Errorf("%s: %s: %w", r.name, s.name, err)
				}
				best[k] = min(best[k], float64(time.Since(began).Nanoseconds())/n)
			}
			began := time.Now()
			r.native(100 * n)
			best[3] = min(best[3], float64(time.Since(began).Nanoseconds())/(100*n))
		}
		fmt.Printf("| %s | %.1f | %.0f | %.0f | %.2f | %.0f | %.0f |\n", r.name, best[0], best[1], best[2], best[3],
			best[0]/best[3], best[2]/best[0])
	}
	runtime.KeepAlive([]any{intSink, floatSink})
	return nil
}
