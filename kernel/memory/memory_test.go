package memory_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/memory"
)

func TestResidentGrowsWithUse(t *testing.T) {
	before := memory.Resident(os.Getpid())
	block := make([]byte, 64<<20)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	after := memory.Resident(os.Getpid())
	if before <= 0 || after-before < 48<<20 || after > memory.Total() {
		t.Errorf("resident %d before and %d after using 64 MiB of %d", before, after, memory.Total())
	}
	if block[4096] != 1 {
		t.Fatal("the block was not kept")
	}
	if got := memory.Resident(-1); got != 0 {
		t.Errorf("a process that does not exist uses %d bytes", got)
	}
}

func TestExceededNamesTheLimit(t *testing.T) {
	if got := memory.Exceeded(3 << 29); !strings.Contains(got, "1.5 GiB") {
		t.Errorf("got %q", got)
	}
}
