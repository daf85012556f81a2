package serve

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// stats count what a model did.
type stats struct {
	requests, rows, batches, failures, refused, late atomic.Int64
	computing, waiting                               atomic.Int64 // nanoseconds, summed
}

func (s *stats) batch(all []*request, took time.Duration, err error) {
	s.batches.Add(1)
	s.requests.Add(int64(len(all)))
	s.computing.Add(int64(took))
	for _, r := range all {
		s.rows.Add(int64(r.rows))
		s.waiting.Add(int64(time.Since(r.from) - took))
	}
	if err != nil {
		s.failures.Add(int64(len(all)))
	}
}

// metrics writes counters in Prometheus' text format.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	add := func(name, help, kind string, value func(b *batcher) float64) {
		fmt.Fprintf(&b, "# HELP lathe_%s %s\n# TYPE lathe_%s %s\n", name, help, name, kind)
		for _, n := range s.names {
			fmt.Fprintf(&b, "lathe_%s{model=%q} %v\n", name, n, value(s.byName[n]))
		}
	}
	count := func(f func(s *stats) *atomic.Int64, unit float64) func(b *batcher) float64 {
		return func(b *batcher) float64 { return float64(f(&b.stats).Load()) * unit }
	}
	add("requests_total", "Requests that were computed.", "counter",
		count(func(s *stats) *atomic.Int64 { return &s.requests }, 1))
	add("rows_total", "Rows of those requests.", "counter", count(func(s *stats) *atomic.Int64 { return &s.rows }, 1))
	add("batches_total", "Runs of the model.", "counter", count(func(s *stats) *atomic.Int64 { return &s.batches }, 1))
	add("failures_total", "Requests whose computation failed.", "counter",
		count(func(s *stats) *atomic.Int64 { return &s.failures }, 1))
	add("refused_total", "Requests that found the queue full or the server closing.", "counter",
		count(func(s *stats) *atomic.Int64 { return &s.refused }, 1))
	add("late_total", "Requests whose deadline passed or whose caller went.", "counter",
		count(func(s *stats) *atomic.Int64 { return &s.late }, 1))
	add("compute_seconds_total", "Time of the runs.", "counter",
		count(func(s *stats) *atomic.Int64 { return &s.computing }, 1e-9))
	add("wait_seconds_total", "Time of requests outside the runs.", "counter",
		count(func(s *stats) *atomic.Int64 { return &s.waiting }, 1e-9))
	add("queue", "Requests that wait.", "gauge", func(b *batcher) float64 { return float64(len(b.queue)) })
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write([]byte(b.String()))
}
