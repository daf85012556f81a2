package kernel

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lathe-ml/lathe/internal/atomicfile"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/export"
)

// exportCells writes the executed cells as a Go program.
func (s *Server) exportCells(_ context.Context, file string) error {
	if file == "" {
		return errors.New("name a file, such as main.go")
	}
	s.mu.Lock()
	cells := slices.Clone(s.executed)
	s.mu.Unlock()
	if len(cells) == 0 {
		return errors.New("no cell was executed")
	}
	lib := check.Open(s.opts.Exports...)
	fresh := check.New(token.NewFileSet(), lib, check.Options{Prelude: s.opts.Prelude})
	text, err := export.Program(fresh, cells, export.Options{})
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(file, text)
}

// goroutines lists the goroutines that cells started, waits for them, or ends them.
func (s *Server) goroutines(ctx context.Context, what string) error {
	s.mu.Lock()
	x := s.exec
	s.mu.Unlock()
	switch what {
	case "":
		count := map[string]int{}
		for _, cell := range x.Goroutines() {
			count[cell]++
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		for _, cell := range slices.Sorted(maps.Keys(count)) {
			fmt.Fprintf(w, "%s\t%d running\n", cell, count[cell])
		}
		if len(count) == 0 {
			fmt.Fprintln(w, "no goroutine of a cell is running")
		}
		return w.Flush()
	case "wait":
		for len(x.Goroutines()) > 0 {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(5 * time.Millisecond):
			}
		}
		return nil
	case "end":
		x.EndGoroutines(errInterrupted)
		return nil
	}
	return fmt.Errorf("%s; want nothing, wait or end", strings.TrimSpace(what))
}
