package jit

import (
	"fmt"
	"sort"
	"strings"
)

// Explain says what became of the calls of f: its segments, what they are computed by, and why.
func Explain(f *Func) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%d calls: %d segments by programs (%d compared with eager mode, %d differed), %d operator by "+
		"operator\n", f.stats.calls, f.stats.programs, f.stats.verified, f.stats.differed, f.stats.interpreted)
	if f.off != "" {
		fmt.Fprintf(&b, "runs eagerly now: %s\n", f.off)
	}
	segs := make([]*segment, 0, len(f.segments))
	for _, s := range f.segments {
		segs = append(segs, s)
	}
	sort.Slice(segs, func(i, j int) bool { return segs[i].seen > segs[j].seen })
	for i, s := range segs {
		fmt.Fprintf(&b, "segment %d, met %d times: %s\n", i, s.seen, s.describe())
	}
	return b.String()
}

func (s *segment) describe() string {
	switch {
	case s.program != nil:
		p := s.program
		return fmt.Sprintf("a program of %d kernel calls for %d operators, %d inputs, %d changed in place, %d kept, "+
			"%d bytes of scratch memory", p.exec.Steps(), len(p.l.g.Nodes), len(p.l.inputs), len(p.l.states),
			len(p.l.outputs), p.exec.ArenaBytes())
	case s.why != "":
		return "operator by operator: " + s.why
	}
	return "not met often enough for a program"
}
