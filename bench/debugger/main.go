// Command debugger times what the debugger costs cells, without a peer:
//
//	go run ./bench/debugger > bench/results-debugger.md
//
// It is no part of command bench, whose process holds what a compiled program holds and no more: the
// garbage collector marks the tables of the whole kernel for a millisecond.
package main

import (
	"fmt"
	"log"
	"slices"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/debugger"
	"github.com/lathe-ml/lathe/debugger/local"
	"github.com/lathe-ml/lathe/debugger/tensor"
)

func main() {
	log.SetFlags(0)
	if err := reportDebugger(); err != nil {
		log.Fatal("bench/debugger: ", err)
	}
}

// debugSetup declares what the cells of debugCases use.
const debugSetup = `type Net struct {
	nn.Base
	a, b *nn.Linear
}
func (m *Net) Forward(x *t.Tensor) *t.Tensor {
	h := m.a.Forward(x).ReLU()
	return m.b.Forward(h)
}
net := &Net{a: nn.NewLinear(784, 128), b: nn.NewLinear(128, 10)}
net.Add("a", net.a)
net.Add("b", net.b)
opt := optim.NewAdam(net.Params())
x, y := t.Randn(64, 784), t.Zeros(64).To(t.I64)
func lossOf(x, y *t.Tensor) *t.Tensor {
	logits := net.Forward(x)
	return nn.CrossEntropy(logits, y)
}
func step() {
	opt.ZeroGrad()
	loss := lossOf(x, y)
	loss.Backward()
	opt.Step()
}
func add(a, b int) int { return a + b }
type took struct{ seconds float64 }
var cost took;`

// debugCases are cells that take some time; N is replaced by a count. Each measures itself.
var debugCases = []struct {
	name, cell string
	n          int
}{
	{"training step of a perceptron, batch 64", "for range N { step() }", 100},
	{"loop of one statement", "s := 0\nfor i := range N { s += i }", 200_000},
	{"call of a function of two numbers", "s := 0\nfor i := range N { s = add(s, i) }", 50_000},
}

// reportDebugger measures what the debugger costs and writes a table.
func reportDebugger() error {
	fmt.Println("# What the debugger costs")
	fmt.Println("\nTimes of one iteration. *plain*: no debugger; *detached*: one was attached and has gone;")
	fmt.Println("*attached*: one is attached, without breakpoints. Rounds take turns; the best of each counts.")
	fmt.Println("`go run ./bench/debugger > bench/results-debugger.md`")
	for _, executor := range []string{"exact", "yaegi"} {
		fmt.Printf("\n## %s\n\n| cell | plain | detached | attached | attached ÷ plain |\n|---|---|---|---|---|\n", executor)
		if err := debugTable(executor); err != nil {
			return err
		}
		if err := pauseLatency(executor); err != nil {
			return err
		}
	}
	return nil
}

// debugModes are how a cell runs.
var debugModes = []string{"plain", "detached", "attached"}

func debugTable(executor string) error {
	sessions := map[string]*local.Session{}
	for _, mode := range debugModes {
		s, err := local.New(executor, tensor.New(), nil)
		if err != nil {
			return err
		}
		if _, err := s.Run(debugSetup); err != nil {
			return err
		}
		if mode == "detached" {
			if err := s.Target.Attach(s); err != nil {
				return err
			}
			if err := s.Target.Detach(s); err != nil {
				return err
			}
		}
		sessions[mode] = s
	}
	for _, c := range debugCases {
		best := map[string]time.Duration{}
		for range 7 {
			for _, mode := range debugModes {
				d, err := timeCell(sessions[mode], mode == "attached", c.cell, c.n)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", c.name, mode, err)
				}
				if best[mode] == 0 || d < best[mode] {
					best[mode] = d
				}
			}
		}
		fmt.Printf("| %s | %v | %v | %v | %.2f |\n", c.name, best["plain"], best["detached"], best["attached"],
			float64(best["attached"])/float64(best["plain"]))
	}
	return nil
}

// timeCell returns the time of one iteration. Operators are inspected while any session is attached, so
// the session that measures is attached only meanwhile.
func timeCell(s *local.Session, attach bool, cell string, n int) (time.Duration, error) {
	text := "func() {\nbegan := time.Now()\n" + strings.ReplaceAll(cell, "N", fmt.Sprint(n)) +
		"\ncost.seconds = time.Since(began).Seconds()\n}()\ncost.seconds"
	if attach {
		if err := s.Target.Attach(s); err != nil {
			return 0, err
		}
	}
	out, err := s.Run(text)
	if attach && err == nil {
		err = s.Target.Detach(s)
	}
	if err != nil {
		return 0, err
	}
	if out.Err != nil {
		return 0, out.Err
	}
	return time.Duration(out.Values[0].(float64) / float64(n) * 1e9), nil
}

// pauseLatency measures from the request to the stop in a tight loop.
func pauseLatency(executor string) error {
	s, err := local.New(executor, nil, nil)
	if err != nil {
		return err
	}
	if err := s.Target.Attach(s); err != nil {
		return err
	}
	stops := make(chan debugger.Event, 1)
	defer s.Target.Listen(func(e debugger.Event) {
		if e.Kind == "stopped" {
			stops <- e
		}
	})()
	if _, err := s.Run("on := true;"); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		_, err := s.Run("n := 0\nfor on { n++ }")
		ended <- err
	}()
	var took []time.Duration
	for i := range 51 {
		time.Sleep(5 * time.Millisecond)
		began := time.Now()
		s.Target.Pause()
		e := <-stops
		took = append(took, time.Since(began))
		if i == 50 {
			frames, _, err := s.Target.Stack(e.Thread, 0, 1)
			if err != nil {
				return err
			}
			if _, err := s.Target.Evaluate(frames[0].ID, "on = false"); err != nil {
				return err
			}
		}
		if err := s.Target.Resume(e.Thread, "continue"); err != nil {
			return err
		}
	}
	slices.Sort(took)
	fmt.Printf("\nPause of `for on { n++ }`, from the request to the stop: median %v, longest of %d %v.\n",
		took[len(took)/2], len(took), took[len(took)-1])
	return <-ended
}
