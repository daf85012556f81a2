package profile

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lathe-ml/lathe/kernel/display"
)

var columns = []string{"operator", "calls", "self ms", "self %", "total ms", "MiB made", "slowest ms", "of"}

// columns are those of the table: with the time on the device where something ran there.
func (r *Report) columns() []string {
	if r.onDevice() == 0 {
		return columns
	}
	return slices.Insert(slices.Clone(columns), 2, "device ms")
}

// onDevice is the time of all kernels on devices.
func (r *Report) onDevice() (sum time.Duration) {
	for i, d := range r.Device {
		if r.Events[i].Name != "Backward" { // whose operators are counted
			sum += d
		}
	}
	return sum
}

// cells returns a row of the table.
func (r *Report) cells(row Row) []string {
	c := row.cells(r.Took)
	if r.onDevice() == 0 {
		return c
	}
	return slices.Insert(c, 2, fmt.Sprintf("%.3f", row.Device.Seconds()*1e3))
}

// cells returns a row of the table; share is what the percentages are of.
func (r Row) cells(share time.Duration) []string {
	ms := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()*1e3) }
	return []string{
		r.Name, fmt.Sprint(r.Calls), ms(r.Self),
		fmt.Sprintf("%.1f", 100*r.Self.Seconds()/max(share.Seconds(), 1e-9)),
		ms(r.Total), fmt.Sprintf("%.1f", float64(r.Bytes)/(1<<20)), ms(r.Slowest), r.Shapes,
	}
}

// summary is the line below the table.
func (r *Report) summary() string {
	busy := time.Duration(0)
	for _, d := range r.Self {
		busy += d
	}
	s := fmt.Sprintf("%d operators in %.3f ms, %.1f %% of the time in them; peak memory %.1f MiB",
		len(r.Events), r.Took.Seconds()*1e3, 100*busy.Seconds()/max(r.Took.Seconds(), 1e-9),
		float64(r.Peak())/(1<<20))
	if d := r.onDevice(); d > 0 {
		s += fmt.Sprintf("; %.3f ms on devices", d.Seconds()*1e3)
	}
	return s
}

// String returns the table of Rows.
func (r *Report) String() string {
	var s strings.Builder
	w := tabwriter.NewWriter(&s, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(r.columns(), "\t"))
	for _, row := range r.Rows() {
		fmt.Fprintln(w, strings.Join(r.cells(row), "\t"))
	}
	w.Flush()
	return s.String() + r.summary() + "\n"
}

// Display shows the table in a cell.
func (r *Report) Display() display.Data {
	var s strings.Builder
	s.WriteString("<table><thead><tr>")
	for _, c := range r.columns() {
		s.WriteString("<th>" + html.EscapeString(c) + "</th>")
	}
	s.WriteString("</tr></thead><tbody>")
	for _, row := range r.Rows() {
		s.WriteString("<tr>")
		for _, c := range r.cells(row) {
			s.WriteString("<td>" + html.EscapeString(c) + "</td>")
		}
		s.WriteString("</tr>")
	}
	s.WriteString("</tbody></table><p>" + html.EscapeString(r.summary()) + "</p>")
	d := display.HTML(s.String())
	d.MIME["text/plain"] = r.String()
	return d
}

// traceEvent is an entry of Chrome's trace format; times are in microseconds.
type traceEvent struct {
	Name string         `json:"name"`
	Ph   string         `json:"ph"` // X: a duration; C: a counter
	TS   float64        `json:"ts"`
	Dur  float64        `json:"dur"`
	PID  int            `json:"pid"`
	TID  int            `json:"tid"`
	Args map[string]any `json:"args"`
}

// WriteChrome writes the timeline of operators and memory in the trace format of Chrome: one row for each
// goroutine, and the bytes in use as a counter.
func (r *Report) WriteChrome(w io.Writer) error {
	us := func(d time.Duration) float64 { return float64(d) / 1e3 }
	threads := map[uint64]int{}
	events := make([]traceEvent, 0, 2*len(r.Events))
	for _, e := range r.Events {
		if threads[e.Goroutine] == 0 {
			threads[e.Goroutine] = len(threads) + 1
		}
		events = append(events, traceEvent{
			e.Name, "X", us(e.Start.Sub(r.Start)), us(e.End.Sub(e.Start)), 1, threads[e.Goroutine],
			map[string]any{"operands": shapes(e), "bytes": e.Bytes},
		})
	}
	for _, s := range r.Memory() {
		events = append(events, traceEvent{"memory", "C", us(s.At), 0, 1, 0, map[string]any{"bytes": s.Allocated}})
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"traceEvents": events}); err != nil {
		return fmt.Errorf("profile.WriteChrome: %w", err)
	}
	return nil
}
