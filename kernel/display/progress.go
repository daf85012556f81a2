package display

import (
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Progress is a bar that shows how far a loop is, its rate and the time that is left. Its methods
// may be called from any goroutine. What it shows changes ten times a second at most, and once more
// when the cell ends.
type Progress struct {
	total int
	label string
	began time.Time
	now   func() time.Time

	mu     sync.Mutex
	done   int
	handle *Handle
	shown  time.Time
}

const (
	progressEvery = 100 * time.Millisecond
	progressWidth = 30 // characters of the bar
)

// NewProgress returns a bar of total steps. A total of 0 or less is one that is not known: the bar
// then counts. It shows itself with the first step.
//
//	p := display.NewProgress(len(files), "reading")
//	for _, f := range files { read(f); p.Add(1) }
func NewProgress(total int, label string) *Progress {
	return &Progress{total: total, label: label, began: time.Now(), now: time.Now}
}

// Range counts from 0 to n−1 and shows a bar meanwhile, as tqdm does.
//
//	for epoch := range display.Range(20, "epoch") { train(epoch) }
func Range(n int, label string) iter.Seq[int] {
	return func(yield func(int) bool) {
		p := NewProgress(n, label)
		for i := range n {
			if !yield(i) {
				return
			}
			p.Add(1)
		}
	}
}

// Add notes n more steps.
func (p *Progress) Add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(p.done + n)
}

// Set notes that n steps are done in all.
func (p *Progress) Set(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(n)
}

func (p *Progress) set(n int) {
	p.done = n
	now := p.now()
	switch {
	case p.handle == nil:
		p.handle = New(Text(p.line(now)))
		AtEnd(p.finish)
	case now.Sub(p.shown) < progressEvery && n != p.total:
		return
	default:
		p.handle.Update(Text(p.line(now)))
	}
	p.shown = now
}

// finish shows the last state.
func (p *Progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.handle.Update(Text(p.line(p.now())))
}

// String returns the bar in one line.
func (p *Progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.line(p.now())
}

func (p *Progress) line(now time.Time) string {
	spent := now.Sub(p.began)
	var b strings.Builder
	if p.label != "" {
		b.WriteString(p.label + "  ")
	}
	rate := 0.0
	if spent > 0 {
		rate = float64(p.done) / spent.Seconds()
	}
	if p.total <= 0 {
		fmt.Fprintf(&b, "%d  %s  %s", p.done, clock(spent), speed(rate))
		return b.String()
	}
	part := min(max(float64(p.done)/float64(p.total), 0), 1)
	fmt.Fprintf(&b, "%3.0f %% %s %d/%d  %s", 100*part, bar(part), p.done, p.total, clock(spent))
	if p.done < p.total && rate > 0 {
		left := time.Duration(float64(p.total-p.done) / rate * float64(time.Second))
		fmt.Fprintf(&b, " (%s left)", clock(left))
	}
	fmt.Fprintf(&b, "  %s", speed(rate))
	return b.String()
}

// bar draws a part of 1 with eighths of a character.
func bar(part float64) string {
	eighths := int(part*progressWidth*8 + 0.5)
	s := strings.Repeat("█", eighths/8)
	if r := eighths % 8; r > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[r-1])
	}
	return s + strings.Repeat("░", progressWidth-utf8.RuneCountInString(s))
}

func clock(d time.Duration) string {
	s := int(d.Seconds() + 0.5)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// speed is a rate in steps per second, or its inverse when that is below one.
func speed(rate float64) string {
	if rate > 0 && rate < 1 {
		return fmt.Sprintf("%.3g s each", 1/rate)
	}
	return fmt.Sprintf("%.3g/s", rate)
}
