//go:build full

package gang

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/spark"
)

// cutter passes connections on, until it is told to cut them.
type cutter struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func newCutter(t *testing.T, target string) *cutter {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: ln}
	t.Cleanup(func() {
		ln.Close()
		c.cut()
	})
	go func() {
		for {
			a, err := ln.Accept()
			if err != nil {
				return
			}
			b, err := net.Dial("tcp", target)
			if err != nil {
				a.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, a, b)
			c.mu.Unlock()
			for _, p := range [][2]net.Conn{{a, b}, {b, a}} {
				go func() {
					_, _ = io.Copy(p[0], p[1])
					p[0].Close()
					p[1].Close()
				}()
			}
		}
	}()
	return c
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.conns {
		x.Close()
	}
	c.conns = nil
}

// markOf reads a mark of fitTask, -1 without one.
func markOf(file string) int {
	b, err := os.ReadFile(file)
	if err != nil {
		return -1
	}
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return -1 // it is being written
	}
	return n
}

// TestFaultsAtRandomMomentsChangeNothing kills rank 0, rank 1, an executor, or the connection of the driver at
// a random step. LATHE_FAULTS is how often, 3 without it; LATHE_SEED the seed.
func TestFaultsAtRandomMomentsChangeNothing(t *testing.T) {
	runs, seed := 3, uint64(time.Now().UnixNano())
	for name, set := range map[string]func(n int){
		"LATHE_FAULTS": func(n int) { runs = n }, "LATHE_SEED": func(n int) { seed = uint64(n) },
	} {
		if v := os.Getenv(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				t.Fatal(err)
			}
			set(n)
		}
	}
	t.Logf("LATHE_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	faults := []string{"executor", "rank 0", "connection", "rank 1"}
	offset := random.IntN(len(faults))
	for i := range runs {
		fault, step := faults[(i+offset)%len(faults)], 2+random.IntN(30) // half of the steps are left for a slow machine
		t.Run(fmt.Sprintf("%d %s at step %d", i, fault, step), func(t *testing.T) { faultyRun(t, fault, step) })
	}
}

func faultyRun(t *testing.T, fault string, step int) {
	session(t) // the cluster
	target, rest, _ := strings.Cut(strings.TrimPrefix(cluster.Address, "sc://"), "/")
	c := newCutter(t, target)
	s, err := spark.Connect("sc://" + c.Addr().String() + "/" + rest)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s = s.WithContext(ctx)
	defer s.Close()
	marks := t.TempDir()
	type result struct {
		d   *spark.DataFrame
		err error
	}
	done := make(chan result, 1)
	go func() {
		d, err := Job{
			Task: "fit", Args: []string{"60", "", marks}, Workers: 2, Input: trainingRows(s), Output: fitOutput,
			Checkpoint: filepath.Join(marks, "checkpoints"), Timeout: 20 * time.Second,
		}.Run(s)
		done <- result{d, err}
	}()
	for markOf(filepath.Join(marks, "step-0-0")) < step || markOf(filepath.Join(marks, "step-0-1")) < 0 {
		select {
		case r := <-done:
			t.Fatalf("the job ended before step %d: %v", step, r.err)
		case <-time.After(2 * time.Millisecond):
		}
	}
	rank := 0
	if fault == "rank 1" {
		rank = 1
	}
	pid := markOf(filepath.Join(marks, fmt.Sprintf("pid-0-%d", rank)))
	switch fault {
	case "connection":
		c.cut()
	case "executor":
		pid = parentOf(t, pid)
		fallthrough
	default:
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	r := <-done
	if r.err != nil {
		t.Fatal(r.err)
	}
	rows := checkFit(t, r.d)
	wantAttempt := int64(1)
	if fault == "connection" {
		wantAttempt = 0
		if s.Reattached() == 0 {
			t.Error("the connection was not cut")
		}
	}
	if got := rows[0].Get("attempt"); got != wantAttempt {
		t.Errorf("the result is of attempt %v; want %d", got, wantAttempt)
	}
	checkMarks(t, marks)
}

// checkMarks wants one end of each rank and no worker that still runs.
func checkMarks(t *testing.T, marks string) {
	t.Helper()
	if ends, err := filepath.Glob(filepath.Join(marks, "end-*")); err != nil || len(ends) != 2 {
		t.Errorf("trainings that came to their end: %v (%v); want one of each rank", ends, err)
	}
	pids, err := filepath.Glob(filepath.Join(marks, "pid-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range pids {
		for deadline := time.Now().Add(30 * time.Second); alive(markOf(file)); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("worker %s still runs", filepath.Base(file))
			}
		}
	}
}
