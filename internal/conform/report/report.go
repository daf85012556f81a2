// Package report counts and prints what a suite of reference results finds.
//
//	r := report.New("torch", os.Stdout)
//	r.Pass("add")
//	r.Fail("mul", "mul#3", "element 2 is 1, want 2")
//	r.Skip("svd", "svd#1", "operator")
//	r.Summary() // the last line: torch: 1 passed, 1 failed
//
// It knows no format and runs nothing.
package report

import (
	"fmt"
	"io"
	"sort"
	"strings"
)

// Report collects the outcome of each case of one suite.
type Report struct {
	suite   string
	w       io.Writer
	passed  map[string]int
	failed  map[string]int
	skipped map[string]int

	// Verbose prints a line about each case that is not supported.
	Verbose bool
}

// New returns an empty Report that prints to w.
func New(suite string, w io.Writer) *Report {
	return &Report{
		suite: suite, w: w, passed: map[string]int{}, failed: map[string]int{},
		skipped: map[string]int{},
	}
}

// Pass counts a case of group that agrees.
func (r *Report) Pass(group string) { r.passed[group]++ }

// Fail counts a case that does not agree and prints a line about it.
func (r *Report) Fail(group, id, why string) {
	r.failed[group]++
	fmt.Fprintf(r.w, "%s: %s\n", id, strings.ReplaceAll(strings.TrimSpace(why), "\n", "; "))
}

// Skip counts a case of group that this version does not support yet.
func (r *Report) Skip(group, id, why string) {
	r.skipped[group]++
	if r.Verbose {
		fmt.Fprintf(r.w, "not supported yet: %s: %s\n", id, why)
	}
}

// Failed returns the number of cases that do not agree.
func (r *Report) Failed() int { return total(r.failed) }

// Passed returns how many cases of each group agree. The caller must not change it.
func (r *Report) Passed() map[string]int { return r.passed }

// Summary prints what is not supported yet, by group, and then the counts.
func (r *Report) Summary() {
	if n := total(r.skipped); n > 0 {
		fmt.Fprintf(r.w, "%s: not supported yet: %d cases (%s)\n", r.suite, n, list(r.skipped))
	}
	fmt.Fprintf(r.w, "%s: %d passed, %d failed\n", r.suite, total(r.passed), total(r.failed))
}

func total(m map[string]int) int {
	n := 0
	for _, k := range m {
		n += k
	}
	return n
}

// list is "svd 10, fft 3", most cases first.
func list(m map[string]int) string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i], names[j]
		return m[a] > m[b] || m[a] == m[b] && a < b
	})
	for i, n := range names {
		names[i] = fmt.Sprintf("%s %d", n, m[n])
	}
	return strings.Join(names, ", ")
}
