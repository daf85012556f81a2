//go:build full

package exact_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
)

// A process has room for so many methods of sessions, and other tests want theirs: each part has a process of its own.
func TestMoreSequencesOfCells(t *testing.T) {
	const first, all, part, variable = 1000, 2000, 500, "LATHE_SEQUENCES_FROM"
	if from := os.Getenv(variable); from != "" {
		seed, err := strconv.ParseUint(from, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		exectest.Sequences(t, start, seed, part, "")
		return
	}
	for seed := first; seed < first+all; seed += part {
		cmd := exec.Command(os.Args[0], "-test.run=^TestMoreSequencesOfCells$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, seed))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("sessions %d to %d: %v\n%s", seed, seed+part-1, err, out)
		}
	}
}
