package exact_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestDbg(t *testing.T) {
	nb := newNotebook(t)
	b, _ := os.ReadFile("/tmp/e/cells.txt")
	for _, c := range strings.Split(string(b), "\n---\n") {
		fmt.Println(nb.Run(t, c))
	}
}
