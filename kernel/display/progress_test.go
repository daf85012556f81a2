package display

import (
	"strings"
	"testing"
	"time"
)

// bars is a Sink that keeps what is shown.
type bars struct{ shown, updated []string }

func (r *bars) Display(d Data, _ string, update bool) {
	s, _ := d.MIME["text/plain"].(string)
	if update {
		r.updated = append(r.updated, s)
		return
	}
	r.shown = append(r.shown, s)
}

func (r *bars) Clear(bool) {}

func TestProgressSaysHowFarAndHowLong(t *testing.T) {
	at := time.Unix(1000, 0)
	p := &Progress{total: 200, label: "epoch", began: at, now: func() time.Time { return at.Add(10 * time.Second) }}
	p.done = 50
	if got, want := p.String(), "epoch   25 % ███████▌░░░░░░░░░░░░░░░░░░░░░░ 50/200  0:10 (0:30 left)  5/s"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	p.total = 0
	if got, want := p.String(), "epoch  50  0:10  5/s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.done, p.total = 5, 4000
	if got := p.String(); !strings.Contains(got, "(2:13:10 left)  2 s each") {
		t.Errorf("got %q", got)
	}
}

func TestProgressUpdatesOneOutputAndShowsTheEnd(t *testing.T) {
	r := &bars{}
	defer Install(Install(r))
	sum := 0
	for i := range Range(1000, "") {
		sum += i
	}
	End()
	if sum != 499500 || len(r.shown) != 1 {
		t.Fatalf("sum %d, %d outputs", sum, len(r.shown))
	}
	if n := len(r.updated); n < 1 || n > 50 || !strings.Contains(r.updated[n-1], "100 % "+strings.Repeat("█", progressWidth)+" 1000/1000") {
		t.Errorf("%d updates, the last %q", n, r.updated)
	}
	for range Range(10, "left early") {
		break
	}
	End()
}
