package kernel

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// saveNames writes the executed cells that declare names, the last one of each name, in their order.
func (s *Server) saveNames(file string, names []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := map[int]bool{}
	for _, n := range names {
		declares, err := regexp.Compile(`(?m)^(func|type|var|const)\s+(\([^)]*\)\s*)?` + n + `\b|^` + n + `\b[^=\n]*:=`)
		if err != nil {
			return fmt.Errorf("%q is no name", n)
		}
		at := -1
		for i, c := range s.executed {
			if declares.MatchString(c.Text) {
				at = i
			}
		}
		if at < 0 {
			return fmt.Errorf("no executed cell declares %s at the start of a line", n)
		}
		wanted[at] = true
	}
	var b strings.Builder
	for i, c := range s.executed {
		if wanted[i] {
			fmt.Fprintf(&b, "// %s\n%s\n\n", c.Name, strings.TrimSpace(c.Text))
		}
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}
