package kernel

import (
	"strings"
	"testing"
)

func TestMagicsAreTheTopOfACell(t *testing.T) {
	for code, want := range map[string]string{
		"x := 1":                          "",
		"%time f()":                       "%time(f())1",
		"\n// first\n!ls -l\n%cd /tmp\nx": "!(ls -l)3 %cd(/tmp)4",
		"%%time\nfor range 3 {\n}":        "%time()1",
		"x := 7\n%env":                    "",
	} {
		list, rest := splitMagics(code)
		var got []string
		for _, m := range list {
			got = append(got, m.name+"("+m.args+")"+string(rune('0'+m.line)))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: magics %q, want %q", code, g, want)
		}
		if strings.Count(rest, "\n") != strings.Count(code, "\n") {
			t.Errorf("%q: the code lost lines: %q", code, rest)
		}
		if len(list) > 0 && strings.HasPrefix(strings.TrimSpace(rest), "%") {
			t.Errorf("%q: %q is left", code, rest)
		}
	}
}

func TestTimeitTakesItsOptionsInAnyOrder(t *testing.T) {
	n, r, code, err := timeitArgs("-r 3 -n 10 f(-1)")
	if n != 10 || r != 3 || code != "f(-1)" || err != nil {
		t.Errorf("got %d, %d, %q, %v", n, r, code, err)
	}
	for _, bad := range []string{"", "-n 0 f()", "-n x f()", "-r 3 "} {
		if _, _, _, err := timeitArgs(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
