package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/engine/roofline"
	"github.com/lathe-ml/lathe/viz"
)

func benchCommand() command {
	return command{
		name: "bench", args: "ops",
		short:   "measure each tensor operator against the peaks of this machine",
		example: "lathe bench ops -run 'MatMul|Softmax' -threads 1",
		run:     bench,
	}
}

// benchReport is what --json prints.
type benchReport struct {
	Peaks roofline.Peaks `json:"peaks"`
	Rows  []roofline.Row `json:"rows"`
}

func bench(ctx context.Context, e *env) error {
	only := e.flags.String("run", "", "measure the operators whose names match this regular `expression`")
	threads := e.flags.Int("threads", engine.Threads(), "`number` of threads")
	budget := e.flags.Duration("time", 20*time.Millisecond, "`time` for each operator")
	asJSON := e.flags.Bool("json", false, "print JSON instead of a table")
	page := e.flags.String("html", "", "write a page with a chart and the table to `FILE`")
	option := e.flags.String("echarts", "", "write the chart as an ECharts option to `FILE`")
	if err := e.parse(); err != nil {
		return err
	}
	if len(e.args) != 1 || e.args[0] != "ops" {
		return usagef("wants what to measure: ops")
	}
	match, err := regexp.Compile(*only)
	if err != nil {
		return usagef("--run: %v", err)
	}
	if most := 4 * runtime.NumCPU(); *threads < 1 || *threads > most {
		return usagef("--threads %d: want 1…%d", *threads, most)
	}
	if *budget <= 0 || *budget > time.Minute {
		return usagef("--time %v: want a time up to 1m, as in 50ms", *budget)
	}
	var defs []*op.Def
	for _, d := range op.Defs() {
		if match.MatchString(d.Name) {
			defs = append(defs, d)
		}
	}
	if len(defs) == 0 {
		return usagef("--run %s: no operator has such a name; lathe bench ops lists them", *only)
	}
	engine.SetThreads(*threads)
	defer engine.SetThreads(0)
	r, err := measure(ctx, e.stdout, defs, *threads, *budget, *asJSON)
	if err != nil {
		return err
	}
	return r.write(*page, *option)
}

// measure runs the operators and prints lines as they come, or JSON at the end.
func measure(
	ctx context.Context, out io.Writer, defs []*op.Def, threads int, budget time.Duration, asJSON bool,
) (benchReport, error) {
	r := benchReport{Peaks: roofline.Machine(threads)}
	if !asJSON {
		fmt.Fprintf(out, "%v\n\n%s\n", r.Peaks, roofline.Header)
	}
	for _, d := range defs {
		if ctx.Err() != nil {
			return r, fmt.Errorf("stopped before %s", d.Name)
		}
		row := roofline.Measure(r.Peaks, d, budget)
		r.Rows = append(r.Rows, row)
		if !asJSON {
			fmt.Fprintln(out, row)
		}
	}
	if !asJSON {
		return r, nil
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return r, enc.Encode(r)
}

// write writes the files that were asked for.
func (r benchReport) write(page, option string) error {
	if page != "" {
		if err := os.WriteFile(page, []byte(roofline.Page(r.Peaks, r.Rows)), 0o644); err != nil {
			return fmt.Errorf("cannot write the page: %w", err)
		}
	}
	if option == "" {
		return nil
	}
	o, err := r.chart().Option()
	if err == nil {
		err = os.WriteFile(option, append(o, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("cannot write the chart: %w", err)
	}
	return nil
}

// chart is the roofline: operations for each byte against rate, below what the machine can do.
func (r benchReport) chart() *viz.Chart {
	var c *viz.Chart // its first series is a line
	for _, s := range roofline.SeriesOf(r.Peaks, r.Rows) {
		switch {
		case s.Line && c == nil:
			c = viz.Line(s.Name, s.X, s.Y)
		case s.Line:
			c.Line(s.Name, s.X, s.Y)
		default:
			c.Scatter(s.Name, s.X, s.Y)
		}
	}
	return c.Title("Operators under the roofline").Subtitle(r.Peaks.String()).XLabel("operations per byte").
		YLabel("GFLOP/s").XLog().YLog().Height(520)
}
