package export

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/view"
	"github.com/lathe-ml/lathe/kernel/display"
)

// String lists the files.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s as a graph of %d operators\n", r.name, len(r.Graph.Nodes))
	for _, f := range r.Files {
		fmt.Fprintf(&b, "%-5s  %s  %s  largest difference %.1e of the largest value\n", f.Format, f.Path, size(f.Bytes), f.Differs)
	}
	return b.String()
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// Display shows the graph with the list of files above it.
func (r *Report) Display() display.Data {
	d := r.Graph.Display()
	d.MIME["text/plain"] = r.String()
	if m, ok := d.MIME[view.Mime].(map[string]any); ok {
		m["title"] = r.name
		m["text"] = r.String()
	}
	return d
}

// Must returns r, or panics with err as tensor methods do: cells show that as one error.
//
//	export.Must(export.Module(net, "net", export.Options{}, x))
func Must(r *Report, err error) *Report {
	if err != nil {
		panic(&engine.Error{Where: "export", What: strings.TrimPrefix(err.Error(), "export: ")})
	}
	return r
}
