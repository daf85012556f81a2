package golang

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// A list of known failures has a program and why it fails on each line. A reason that starts with slow
// belongs to a program that a fast machine ends in time: it may pass.

// Failure is a program that does not print what it prints compiled.
type Failure struct{ Program, Why string }

// slow is how reasons start that depend on the machine.
const slow = "slow: "

func knownFile(executor string) string { return "failing-" + executor + ".tsv" }

// Known reads the list of an executor.
func Known(refs fs.FS, executor string) ([]Failure, error) {
	b, err := fs.ReadFile(refs, knownFile(executor))
	if err != nil {
		return nil, err
	}
	var list []Failure
	for line := range strings.Lines(string(b)) {
		name, why, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			return nil, fmt.Errorf("%s: line %q; want a program, a tab and a reason", knownFile(executor), line)
		}
		list = append(list, Failure{name, why})
	}
	return list, nil
}

// Slow returns the programs of a list whose reason starts with slow.
func Slow(known []Failure) map[string]bool {
	out := map[string]bool{}
	for _, f := range known {
		if strings.HasPrefix(f.Why, "slow") {
			out[f.Program] = true
		}
	}
	return out
}

// Compare prints where failed differs from the list of known failures and reports whether it is the
// same.
func Compare(failed, known []Failure, w io.Writer) bool {
	same := true
	has := func(list []Failure, name string) bool {
		return slices.ContainsFunc(list, func(f Failure) bool { return f.Program == name })
	}
	for _, f := range failed {
		if !has(known, f.Program) {
			fmt.Fprintf(w, "%s is not a known failure: %s\n", f.Program, f.Why)
			same = false
		}
	}
	for _, f := range known {
		if !has(failed, f.Program) && !strings.HasPrefix(f.Why, slow) {
			fmt.Fprintf(w, "%s passes; take it off the list of known failures (-update)\n", f.Program)
			same = false
		}
	}
	return same
}

var (
	addresses = regexp.MustCompile(`0x[0-9a-f]+|goroutine \d+`)
	exits     = regexp.MustCompile(`^exit status \d+: `)
)

// List writes failures as a list of known ones.
func List(failed []Failure) []byte {
	var b bytes.Buffer
	for _, f := range failed {
		why := addresses.ReplaceAllString(exits.ReplaceAllString(f.Why, ""), "…")
		if strings.HasPrefix(why, "no end within") {
			why = slow + why
		}
		why = strings.Join(strings.Fields(why), " ")
		fmt.Fprintf(&b, "%s\t%.160s\n", f.Program, strings.ToValidUTF8(why, ""))
	}
	return b.Bytes()
}
