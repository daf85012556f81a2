package kernel

import (
	"fmt"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lathe-ml/lathe/kernel/memory"
)

// Parts of the memory limit at which the kernel acts.
const (
	softShare = 0.80 // the garbage collector works harder
	stopShare = 0.90 // the running cell is interrupted
)

// stackLimit is the size of all stacks at which the running cell is interrupted: only runaway
// recursion gets there.
const stackLimit = 512 << 20

// watch looks at the memory of the process until it ends. A cell that comes near the limit is
// interrupted; a process above the limit is ended.
func (s *Server) watch() {
	limit := s.opts.MemoryLimit
	if limit > 0 {
		debug.SetMemoryLimit(int64(float64(limit) * softShare))
	}
	debug.SetMaxStack(4 * stackLimit)
	stacks := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	for range time.Tick(10 * time.Millisecond) {
		metrics.Read(stacks)
		if stacks[0].Value.Uint64() > stackLimit {
			s.interrupt(errDeep)
		}
		if limit <= 0 {
			continue
		}
		switch used := memory.Resident(os.Getpid()); {
		case used > limit:
			s.die(memory.Exceeded(limit))
		case float64(used) > stopShare*float64(limit):
			s.interrupt(fmt.Errorf("stopped at %s of memory, close to the kernel's limit of %s",
				memory.Size(used), memory.Size(limit)))
		}
	}
}

var errDeep = fmt.Errorf("the recursion is too deep: the stacks reached %s", memory.Size(stackLimit))

// die ends the process at once and leaves the reason for the host.
func (s *Server) die(reason string) {
	if s.opts.Crash != nil {
		fmt.Fprintf(s.opts.Crash, "%s%s\n", memory.ReasonMark, reason)
	}
	fmt.Fprintln(s.out.stderr, reason)
	if err := unix.Kill(os.Getpid(), unix.SIGKILL); err != nil {
		panic(reason)
	}
	select {}
}
