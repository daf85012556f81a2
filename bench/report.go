package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// row is the result of one case.
type row struct {
	Name     string
	Work     float64    // floating-point operations per step; 0: not stated
	Min, P50 [2]float64 // milliseconds: ours, peer's
	Clean    [2]int
	Repeats  int

	ours, theirs []sample
}

func (r *row) summarise() {
	r.Repeats = len(r.ours)
	for side, samples := range [][]sample{r.ours, r.theirs} {
		var all, clean []float64
		for _, s := range samples {
			all = append(all, s.seconds*1e3)
			if s.clean {
				clean = append(clean, s.seconds*1e3)
			}
		}
		r.Clean[side] = len(clean)
		if len(clean) == 0 {
			clean = slices.Clone(all)
		}
		slices.Sort(clean)
		r.Min[side], r.P50[side] = slices.Min(all), clean[len(clean)/2]
	}
}

// String is the table line of the row.
func (r row) String() string {
	rate := ""
	if r.Work > 0 {
		rate = fmt.Sprintf("%.0f / %.0f", r.Work/r.Min[0]/1e6, r.Work/r.Min[1]/1e6)
	}
	return fmt.Sprintf("| %s | %.4f / %.4f | %.2f | %.4f / %.4f | %.2f | %s | %d, %d of %d |", r.Name,
		r.Min[0], r.Min[1], r.Min[1]/r.Min[0], r.P50[0], r.P50[1], r.P50[1]/r.P50[0], rate,
		r.Clean[0], r.Clean[1], r.Repeats)
}

type report struct {
	Peer    string
	Threads int
	CPU     string
	Rows    []row
}

func (r report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Lathe against %s, %d threads\n\n%s. Ratio = peer/ours: above 1, Lathe is faster.\n\n",
		r.Peer, r.Threads, r.CPU)
	b.WriteString("| case | min ms, ours / peer | ratio | median ms of clean repeats | ratio | GFLOP/s | clean |\n" +
		"|---|---|---|---|---|---|---|\n")
	for _, row := range r.Rows {
		fmt.Fprintln(&b, row)
	}
	return b.String()
}

// write writes the tables beside each other. Rows of an earlier run against the same peer that this one has not measured stay
// where they are, so that parts of a table can be measured again.
func (r report) write(out string) error {
	if out == "" {
		return nil
	}
	base := fmt.Sprintf("%s-%dt", out, r.Threads)
	var old report
	if b, err := os.ReadFile(base + ".json"); err == nil && json.Unmarshal(b, &old) == nil && old.Peer == r.Peer && old.CPU == r.CPU {
		fresh := r.Rows
		r.Rows = old.Rows
		for _, now := range fresh {
			if i := slices.IndexFunc(r.Rows, func(o row) bool { return o.Name == now.Name }); i >= 0 {
				r.Rows[i] = now
			} else {
				r.Rows = append(r.Rows, now)
			}
		}
	}
	j, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(base+".json", append(j, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(base+".md", []byte(r.markdown()), 0o644)
}

// cpuName returns the processor's model as Linux names it.
func cpuName() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for _, line := range strings.Split(string(info), "\n") {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimLeft(name, "\t :")
		}
	}
	return "processor not named"
}
