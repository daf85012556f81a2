package host_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/kernel/host"
)

func TestMagicsRunBeforeTheCell(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	for _, c := range []struct{ code, want string }{
		{"%env LATHE_MAGIC=7\nos.Getenv(\"LATHE_MAGIC\")", "result: 7\n"},
		{"!echo from a shell", "stdout: from a shell\n"},
		{"!exit 3", "error: magic: !: exit 3: exit status 3 (line 1 of id)\n"},
		{"x := 1\n%who", "error: compile error: cell 4 line 2: expected statement, found '%' (line 2 of id)\n"},
		{"%time\n!echo first\nx := 2\nx", "stdout: first\nwall "},
		{"%who", "stdout: x  var  int\n"},
		{"%bogus", "error: magic: %bogus is unknown; there are "},
		{"%timeit -n 3 -r 2 x+1", "stdout: "},
		{"%reset\nx", "error: compile error: cell 9 line 2: x is unknown"},
	} {
		if got := run(t, k, c.code); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q\ngot  %q\nwant %q", c.code, got, c.want)
		}
	}
}

// Methods of a session's values run after the cell too; what they throw must not vanish.
func TestAPanicWhileAResultIsShownIsSaid(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	got := run(t, k, "type Bad struct{}\nfunc (Bad) String() string { panic(\"in String\") }\nBad{}")
	if !strings.Contains(got, "in String") {
		t.Errorf("got %q", got)
	}
	if got := run(t, k, "1 + 1"); got != "result: 2\n" {
		t.Errorf("afterwards: %q", got)
	}
}

func TestCellsAreExportedAsAProgram(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	run(t, k, "x := 20")
	run(t, k, "nope") // is not part of it
	run(t, k, "x + 1")
	if got := run(t, k, "%export"); !strings.Contains(got, "name a file") {
		t.Errorf("got %q", got)
	}
	file := t.TempDir() + "/main.go"
	if got := run(t, k, "%export "+file); got != "" {
		t.Errorf("got %q", got)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "fmt.Println(x + 1)") || strings.Contains(string(text), "nope") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestGoroutinesOfCellsAreListedWaitedForAndEnded(t *testing.T) {
	t.Parallel()
	for _, executor := range []string{"exact", "yaegi"} {
		k := start(t, host.Options{Command: []string{"--executor", executor}})
		for _, c := range []struct{ code, want string }{
			{"%goroutines", "stdout: no goroutine of a cell is running\n"},
			{"c := make(chan int)\ngo func() { <-c }()", ""},
			{"go func() { for { } }()", ""},
			{"%goroutines", "stdout: cell 2  1 running\ncell 3  1 running\n"},
			{"close(c)", ""},
			{"%goroutines", "stdout: cell 3  1 running\n"},
			{"%goroutines end", ""},
			{"%goroutines wait", ""},
			{"%goroutines", "stdout: no goroutine of a cell is running\n"},
			{"%goroutines sleep", "error: magic: %goroutines: sleep; want nothing, wait or end (line 1 of id)\n"},
			{"1 + 1", "result: 2\n"},
		} {
			got := run(t, k, c.code)
			for end := time.Now().Add(time.Minute); c.code == "%goroutines" && got != c.want && time.Now().Before(end); {
				got = run(t, k, c.code) // a goroutine ends when it comes to it
			}
			if got != c.want {
				t.Errorf("%s: %q\ngot  %q\nwant %q", executor, c.code, got, c.want)
			}
		}
	}
}

func TestShellCommandsCanBeRefused(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{Command: []string{"--no-shell"}})
	if got := run(t, k, "!echo x"); !strings.Contains(got, "commands of the shell are off") {
		t.Errorf("got %q", got)
	}
}
