package jit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/jit/graph"
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
	for i, s := range f.ordered() {
		fmt.Fprintf(&b, "segment %d, met %d times: %s\n", i, s.seen, s.describe())
		m := s.family
		if what := m.specialised(s); what != "" {
			fmt.Fprintf(&b, "  one of %d shapes of its sequence of operators (%d forgotten), for %s\n", len(m.shapes), m.dropped, what)
		}
	}
	return b.String()
}

// ordered returns the segments, those that were met most often first. f.mu is held.
func (f *Func) ordered() []*segment {
	keys := slices.SortedFunc(maps.Keys(f.segments), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.segments[b].seen, f.segments[a].seen), cmp.Compare(a, b))
	})
	segs := make([]*segment, len(keys))
	for i, k := range keys {
		segs[i] = f.segments[k]
	}
	return segs
}

func (s *segment) describe() string {
	switch {
	case s.program != nil:
		p := s.program
		text := fmt.Sprintf("a program of %d kernel calls for %d operators, %d inputs, %d changed in place, %d kept, "+
			"%d bytes of scratch memory", p.exec.Steps(), len(p.l.g.Nodes), len(p.l.inputs), len(p.l.states),
			len(p.l.outputs), p.exec.ArenaBytes())
		if p.dev != nil {
			text += fmt.Sprintf(", on %v", p.dev)
		}
		if p.again > 0 {
			text += fmt.Sprintf(", %d operators applied again to save memory", p.again)
		}
		if how := p.exec.Replay(); how != "" {
			text += ", " + how
		}
		return text + p.loops()
	case s.why != "":
		return "operator by operator: " + s.why
	}
	return "not met often enough for a program"
}

// loops says what runs the chains of elementwise operators of p on the CPU: machine code, or the interpreter and
// why.
func (p *program) loops() string {
	coded, why := 0, map[string]int{}
	for i := range p.g.Nodes {
		a, ok := p.g.Nodes[i].Attrs.(graph.FusedAttrs)
		switch {
		case !ok || p.dev != nil:
		case a.Loop.Interpreted() == "":
			coded++
		default:
			why[a.Loop.Interpreted()]++
		}
	}
	text := ""
	if coded > 0 {
		text = fmt.Sprintf(", %d loops in machine code", coded)
	}
	for _, reason := range slices.Sorted(maps.Keys(why)) {
		text += fmt.Sprintf(", %d loops interpreted tile by tile: %s", why[reason], reason)
	}
	return text
}
