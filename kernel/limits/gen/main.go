// Command gen writes docs/limits.md. Text after the end of the first section is kept: other
// sections may stand there, each under a heading "## …".
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/lathe-ml/lathe/kernel/limits"
)

func main() {
	rest := ""
	if old, err := os.ReadFile(os.Args[1]); err == nil {
		if parts := strings.SplitN(string(old), "\n## ", 3); len(parts) == 3 {
			rest = "\n## " + parts[2]
		}
	}
	if err := os.WriteFile(os.Args[1], []byte(limits.Markdown()+rest), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
