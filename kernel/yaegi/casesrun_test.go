package yaegi_test

import (
	"strings"
	"testing"
)

type tc struct{ name, src, want string }

func TestCases(t *testing.T) {
	for _, c := range cases {
		if strings.Contains(c.name, "runaway") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			nb := newNotebook(t)
			out := ""
			for _, cell := range strings.Split(c.src, "\n----\n") {
				out += nb.run(t, cell)
			}
			if strings.TrimSpace(out) != strings.TrimSpace(c.want) {
				t.Errorf("%s\nGOT  %q\nWANT %q", c.src, out, c.want)
			}
		})
	}
}
