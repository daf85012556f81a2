package gang

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// bind keeps this process to threads processors: those of the place-th worker of this host.
func bind(place, threads int) error {
	var may, mine unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		return fmt.Errorf("the processors of this host: %w", err)
	}
	if have, want := may.Count(), (place+1)*threads; want > have {
		return fmt.Errorf("worker %d of this host wants processors %d to %d of %d; set Job.Bind off, or fewer threads",
			place, place*threads, want-1, have)
	}
	for cpu, at := 0, 0; at < (place+1)*threads; cpu++ {
		if may.IsSet(cpu) {
			if at >= place*threads {
				mine.Set(cpu)
			}
			at++
		}
	}
	// each thread by itself; later ones inherit it of those that start them
	for bound := map[string]bool{}; ; {
		all, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		found := len(bound)
		for _, t := range all {
			if id, err := strconv.Atoi(t.Name()); err == nil && !bound[t.Name()] {
				bound[t.Name()] = true
				if err := unix.SchedSetaffinity(id, &mine); err != nil && err != unix.ESRCH { // it may have ended
					return fmt.Errorf("thread %d: %w", id, err)
				}
			}
		}
		if len(bound) == found {
			return nil
		}
	}
}
