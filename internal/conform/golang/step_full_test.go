//go:build full

package golang

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// quick is how long a program may take that is stepped through.
const quick = 2 * time.Second

// stepped is how many programs are taken.
const stepped = 100

// A program under the debugger, stopped at each of its statements, prints what it prints otherwise.
func TestProgramsThatAreSteppedPrintTheSame(t *testing.T) {
	for _, executor := range []string{"exact", "yaegi"} {
		t.Run(executor, func(t *testing.T) {
			refs := os.DirFS("../testdata/golang")
			failing, err := Known(refs, executor)
			if err != nil {
				t.Fatal(err)
			}
			known := map[string]bool{}
			for _, f := range failing {
				known[f.Program] = true
			}
			list, err := programs(refs, "")
			if err != nil {
				t.Fatal(err)
			}
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(8, 1))
			rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			ran, silent := 0, 0
			for _, p := range list {
				if ran == stepped {
					break
				}
				if known[p.name] {
					continue
				}
				if run(self, p, Options{Executor: executor, Timeout: quick}) != "" {
					continue // it takes too long for a walk
				}
				ran++
				why := run(self, p, Options{Executor: executor + Stepped, Timeout: 2 * time.Minute})
				if why != "" {
					t.Errorf("%s: %s", p.name, why)
				}
				if p.want == "" {
					silent++
				}
			}
			t.Logf("%d programs, %d of them print nothing", ran, silent)
		})
	}
}
