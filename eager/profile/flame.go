package profile

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/kernel/display"
)

// frame is an operator, as it runs inside others of one path, with all its calls together.
type frame struct {
	name   string
	total  time.Duration
	calls  int
	inside []*frame
	at     map[string]*frame
}

func (f *frame) child(name string) *frame {
	c := f.at[name]
	if c == nil {
		c = &frame{name: name, at: map[string]*frame{}}
		f.at[name], f.inside = c, append(f.inside, c)
	}
	return c
}

// frames is the tree of operators inside operators, those with the most time first. The root is the whole
// measurement.
func (r *Report) frames() *frame {
	root := &frame{name: "all", total: r.Took, calls: 1, at: map[string]*frame{}}
	type open struct {
		end time.Time
		f   *frame
	}
	stacks := map[uint64][]open{}
	for _, e := range r.Events {
		s := stacks[e.Goroutine]
		for len(s) > 0 && !s[len(s)-1].end.After(e.Start) {
			s = s[:len(s)-1]
		}
		in := root
		if len(s) > 0 {
			in = s[len(s)-1].f
		}
		f := in.child(e.Name)
		f.total += e.End.Sub(e.Start)
		f.calls++
		stacks[e.Goroutine] = append(s, open{e.End, f})
	}
	root.sort()
	return root
}

func (f *frame) sort() {
	slices.SortStableFunc(f.inside, func(a, b *frame) int { return cmp.Compare(b.total, a.total) })
	sum := time.Duration(0)
	for _, c := range f.inside {
		c.sort()
		sum += c.total
	}
	f.total = max(f.total, sum) // several goroutines at once
}

func (f *frame) depth() int {
	d := 0
	for _, c := range f.inside {
		d = max(d, c.depth())
	}
	return d + 1
}

const flameWidth, flameRow = 960.0, 20

// Flame shows where time goes as nested bars: as wide as the time of an operator, those inside it below.
// Calls of one operator at one place are one bar; the time between operators is the part that stays free.
func (r *Report) Flame() display.Data {
	root := r.frames()
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="100%%" viewBox="0 0 %g %d" font-family="sans-serif" font-size="11">`,
		flameWidth, root.depth()*flameRow)
	root.draw(&s, 0, 0, flameWidth/max(root.total.Seconds(), 1e-9), root.total)
	s.WriteString("</svg>")
	d := display.HTML(s.String())
	d.MIME["text/plain"] = r.String()
	return d
}

// draw writes the bar of f at x in row y, and what is inside; bars narrower than half a unit are left out.
func (f *frame) draw(s *strings.Builder, x float64, y int, perSecond float64, whole time.Duration) {
	width := f.total.Seconds() * perSecond
	if width < 0.5 {
		return
	}
	name := html.EscapeString(f.name)
	fmt.Fprintf(s, `<g><title>%s: %d calls, %.3f ms, %.1f %%</title><rect x="%.2f" y="%d" width="%.2f" height="%d" fill="%s"/>`,
		name, f.calls, f.total.Seconds()*1e3, 100*f.total.Seconds()/max(whole.Seconds(), 1e-9), x, y*flameRow,
		max(width-0.5, 0.5), flameRow-1, colour(f.name))
	if fits := int(width / 7); fits >= 3 {
		label := []rune(f.name)
		fmt.Fprintf(s, `<text x="%.2f" y="%d">%s</text>`, x+3, y*flameRow+14,
			html.EscapeString(string(label[:min(fits, len(label))])))
	}
	s.WriteString("</g>")
	for _, c := range f.inside {
		c.draw(s, x, y+1, perSecond, whole)
		x += c.total.Seconds() * perSecond
	}
}

// colour is a warm colour that belongs to a name.
func colour(name string) string {
	h := fnv.New32a()
	h.Write([]byte(name))
	return fmt.Sprintf("hsl(%d 75%% 70%%)", h.Sum32()%60)
}
