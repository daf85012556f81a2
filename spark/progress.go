package spark

import (
	"fmt"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/kernel/display"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

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

func (b *bar) set(p *pb.ExecutePlanResponse_ExecutionProgress) {
	if b.off {
		return
	}
	stages, tasks, done, bytes := len(p.Stages), int64(0), int64(0), int64(0)
	for _, s := range p.Stages {
		tasks, done, bytes = tasks+s.NumTasks, done+s.NumCompletedTasks, bytes+s.InputBytesRead
	}
	if tasks == 0 || time.Since(b.began) < time.Second {
		return
	}
	const width = 30
	full := int(done * width / tasks)
	b.last = fmt.Sprintf("Spark %s%s %d of %d tasks, %d stages, %.1f MB read", strings.Repeat("█", full),
		strings.Repeat("░", width-full), done, tasks, stages, float64(bytes)/1e6)
	b.show("")
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
