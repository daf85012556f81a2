package kernel

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/kernel/jupyter"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// padded is the code of a magic's line at the line that it stands on.
func padded(m magic) string { return strings.Repeat("\n", m.line-1) + m.args }

// page answers NAME?: with a payload for the pager of a Jupyter client, otherwise as output.
func (s *Server) page(name string) *wire.Error {
	s.mu.Lock()
	text, doc := s.session.Describe(name, len(name))
	s.mu.Unlock()
	if text == "" {
		why := fmt.Sprintf("%s is unknown", name)
		return &wire.Error{Name: "magic", Value: why, Traceback: []string{red + bold + why + plain}}
	}
	code := "```go\n" + text + "\n```"
	if doc != "" {
		text, code = text+"\n\n"+doc, code+"\n\n"+doc
	}
	if _, ok := s.conn.(*jupyter.Link); !ok {
		display.Show(display.Data{MIME: wire.MIME{"text/plain": text, "text/markdown": code}})
		return nil
	}
	s.payload = append(s.payload, map[string]any{
		"source": "page", "start": 0, "data": wire.MIME{"text/plain": text, "text/markdown": code},
	})
	return nil
}

// timed runs code and prints the time it took, without that of its check and lowering.
func (s *Server) timed(ctx context.Context, name, code string) ([]any, *wire.Error) {
	before := processorTime()
	values, fail, took := s.evaluate(ctx, name, code)
	if fail == nil {
		fmt.Printf("wall %s, processors %s\n", short(took), short(processorTime()-before))
	}
	return values, fail
}

// processorTime is the time that all threads of the process have run.
func processorTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d >= time.Microsecond:
		return d.Round(10 * time.Nanosecond).String()
	}
	return d.String()
}

const (
	timeitSpan = 200 * time.Millisecond // of one repeat
	timeitRuns = 7
	timeitMost = 10_000_000
)

// timeit runs a line of code in a loop, repeatedly, and prints the time of one pass. -n N sets the
// passes of a repeat, -r R the repeats.
func (s *Server) timeit(ctx context.Context, name string, m magic) *wire.Error {
	n, repeats, code, err := timeitArgs(m.args)
	if err != nil {
		return s.magicError(name, m, err)
	}
	line := magic{line: m.line}
	once := func(n int) (time.Duration, *wire.Error) {
		line.args = fmt.Sprintf("for range %d { %s }", n, code)
		if n == 1 {
			line.args = code + ";" // also takes an expression
		}
		_, fail, took := s.evaluate(ctx, name, padded(line))
		return took, fail
	}
	if _, fail := once(1); fail != nil {
		return fail
	}
	if !s.checks(name, "for range 2 { "+code+" }") {
		code = "_ = " + code // an expression that is no statement
	}
	if n == 0 {
		for n = 1; n < timeitMost; n *= 10 {
			took, fail := once(max(n, 2))
			if fail != nil {
				return fail
			}
			if took > timeitSpan/10 {
				n = max(1, int(float64(max(n, 2))*float64(timeitSpan)/float64(took)))
				break
			}
		}
	}
	var each []time.Duration
	for range repeats {
		took, fail := once(max(n, 2))
		if fail != nil {
			return fail
		}
		each = append(each, took/time.Duration(max(n, 2)))
	}
	slices.Sort(each)
	fmt.Printf("%s (minimum %s, maximum %s; %d repeats of %d)\n", short(each[len(each)/2]),
		short(each[0]), short(each[len(each)-1]), repeats, max(n, 2))
	return nil
}

// checks reports whether code is right Go in the session.
func (s *Server) checks(name, code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.session.Check(name, code)
	return err == nil
}

func timeitArgs(args string) (n, repeats int, code string, err error) {
	repeats = timeitRuns
	f := strings.Fields(args)
	for len(f) >= 2 && (f[0] == "-n" || f[0] == "-r") {
		v, err := strconv.Atoi(f[1])
		if err != nil || v < 1 {
			return 0, 0, "", fmt.Errorf("%s %s; want a positive number", f[0], f[1])
		}
		if f[0] == "-n" {
			n = v
		} else {
			repeats = v
		}
		args = strings.TrimSpace(args)[len(f[0]):]
		args = strings.TrimSpace(args)[len(f[1]):]
		f = f[2:]
	}
	if code = strings.TrimSpace(args); code == "" {
		return 0, 0, "", fmt.Errorf("no code to run; as in %%timeit x.MatMul(y)")
	}
	return n, repeats, code, nil
}
