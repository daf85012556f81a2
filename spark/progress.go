package spark

import (
	"fmt"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/kernel/display"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Progress is how far a running query is.
type Progress struct {
	Stages      int // that the server has begun, or knows of
	Tasks, Done int // in these stages, all and those that have ended
	Running     int // tasks at this moment
	InputBytes  int64
}

func progressOf(p *pb.ExecutePlanResponse_ExecutionProgress) Progress {
	out := Progress{Stages: len(p.Stages), Running: int(p.NumInflightTasks)}
	for _, s := range p.Stages {
		out.Tasks += int(s.NumTasks)
		out.Done += int(min(s.NumCompletedTasks, s.NumTasks)) // failed ones and their repetitions count there, too
		out.InputBytes += s.InputBytesRead
	}
	return out
}

// bar shows how far a query is, once it has run for a second, in notebooks.
type bar struct {
	off    bool
	began  time.Time
	handle *display.Handle
	last   string
}

func newBar(s *Session) *bar {
	return &bar{off: s.opt.Quiet || !display.Installed(), began: time.Now()}
}

func (b *bar) set(p Progress) {
	if b.off || p.Tasks == 0 || time.Since(b.began) < time.Second {
		return
	}
	b.last = p.text()
	b.show("")
}

func (p Progress) text() string {
	const width = 30
	full := p.Done * width / p.Tasks
	return fmt.Sprintf("Spark %s%s %d of %d tasks, %d stages, %.1f MB read", strings.Repeat("█", full),
		strings.Repeat("░", width-full), p.Done, p.Tasks, p.Stages, float64(p.InputBytes)/1e6)
}

func (b *bar) show(tail string) {
	d := display.Text(fmt.Sprintf("%s, %.0f s%s", b.last, time.Since(b.began).Seconds(), tail))
	if b.handle == nil {
		b.handle = display.New(d)
		return
	}
	b.handle.Update(d)
}

func (b *bar) end() {
	if b.handle != nil {
		b.show(", ended")
	}
}
