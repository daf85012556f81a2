package viz

import (
	"fmt"
	"maps"
	"math"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/kernel/display"
)

// LiveOptions are the options of Live; the zero value is the default.
type LiveOptions struct {
	Smooth  float64       // also draw curves of 20 points and more smoothed: weight of the past, 0…1; 0: not
	Log     []string      // groups whose y axis is logarithmic
	Columns int           // charts side by side; 0: 2
	Height  int           // of a row of charts in pixels; 0: 260
	System  bool          // also draw the memory of the process, and load and memory of the GPUs that it has opened
	Every   time.Duration // least time between updates of the page; 0: 100 ms
}

// Dashboard is a cell output that draws scalars while the cell runs. The part of a name before the last
// "/" is its group: "loss/train" and "loss/val" are two curves of the chart "loss".
//
// Its methods may be called from any goroutine; mu guards the fields. Add sends at most one update in
// Every; a timer started by Add sends what is left over, so that the output is always complete in the end.
type Dashboard struct {
	title string
	o     LiveOptions

	mu      sync.Mutex
	handle  *display.Handle
	start   time.Time
	sent    time.Time // of the last update
	timer   *time.Timer
	groups  []string
	curves  []*curve
	redraw  bool // curves were added or thinned: send everything
	dirty   bool
	closed  bool
	ending  bool // settle is registered for the end of the cell
	epoch   [2]int
	step    [2]int
	sampled time.Time // of the last look at the system
}

// curve is one line of a dashboard.
type curve struct {
	name   string
	group  int
	all    []point // what the page has after the next update
	fresh  int     // points at the end of all that the page does not have
	lost   string  // "NaN since step 21" while the values cannot be drawn
	smooth *curve  // the smoothed twin
	mean   float64 // of the smoothed twin: the moving average …
	weight float64 // … and the weight of the past in it, which corrects its start at 0
}

// Live shows an empty dashboard and returns it:
//
//	d := viz.Live("training")
//	for step := 0; step < steps; step++ {
//		d.Add("loss/train", step, loss)
//		d.Progress(step+1, steps)
//	}
//	d.Close()
func Live(title string, o ...LiveOptions) *Dashboard {
	d := &Dashboard{title: title, start: time.Now()}
	if len(o) > 0 {
		d.o = o[0]
	}
	if d.o.Smooth < 0 || d.o.Smooth >= 1 {
		engine.Fail("viz.Live", "Smooth is %v; want 0 ≤ Smooth < 1", d.o.Smooth)
	}
	if d.o.Columns <= 0 {
		d.o.Columns = 2
	}
	if d.o.Height <= 0 {
		d.o.Height = 260
	}
	if d.o.Every <= 0 {
		d.o.Every = 100 * time.Millisecond
	}
	d.handle = display.New(d.full(false))
	return d
}

// Add appends the value of a scalar at a step. NaN and Inf become gaps, and the
// status line says since which step. The page follows within Every.
func (d *Dashboard) Add(name string, step int, value float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.append(name, point{float64(step), value})
	if d.o.System && time.Since(d.sampled) >= time.Second {
		d.sampled = time.Now()
		d.system(float64(step))
	}
	d.step[0] = max(d.step[0], step)
	d.changed()
}

// system adds what the machine does at a step; d.mu is held.
func (d *Dashboard) system(step float64) {
	d.append("memory/MiB", point{step, memory() / (1 << 20)})
	usage := eager.DeviceUsage()
	for _, name := range slices.Sorted(maps.Keys(usage)) {
		d.append("GPU memory in MiB/"+name, point{step, float64(usage[name].Used) / (1 << 20)})
		d.append("GPU busy in %/"+name, point{step, 100 * usage[name].Busy})
	}
}

// Epoch says which epoch runs, from 1, and of how many (0: unknown).
func (d *Dashboard) Epoch(epoch, of int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.epoch = [2]int{epoch, of}
	d.changed()
}

// Progress says how many steps are done and of how many: the basis of the remaining time.
func (d *Dashboard) Progress(done, of int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.step = [2]int{done, of}
	d.changed()
}

// Flush brings the page up to date now.
func (d *Dashboard) Flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.flush()
}

// settle leaves the whole dashboard, with its static image, where the cell ends.
func (d *Dashboard) settle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ending = false
	d.flush()
	d.handle.Update(d.full(true))
}

// Close brings the page up to date and ends the status line with the time taken. What is added later is
// still shown.
func (d *Dashboard) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed, d.dirty = true, true
	d.flush()
}

// Display returns the dashboard as it is now, for a cell that ends with it.
func (d *Dashboard) Display() display.Data {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.full(true)
}

// smoothFrom is the number of points from which a curve is smoothed: not for one value an epoch.
const smoothFrom = 20

// append adds a point to a curve and its smoothed twin; d.mu is held.
func (d *Dashboard) append(name string, p point) {
	c := d.curve(name)
	switch gap := math.IsNaN(p.y) || math.IsInf(p.y, 0); {
	case !gap:
		c.lost = ""
	case c.lost == "":
		c.lost = fmt.Sprintf("%v since step %.0f", p.y, p.x)
	}
	c.push(d, p)
	switch {
	case c.smooth != nil:
		c.smooth.average(d, p)
	case d.o.Smooth > 0 && len(c.all) >= smoothFrom:
		c.smooth = &curve{name: name + " (smooth)", group: c.group, weight: 1}
		d.curves, d.redraw = append(d.curves, c.smooth), true
		for _, q := range c.all {
			c.smooth.average(d, q)
		}
	}
}

// average adds the moving average up to p to a smoothed twin.
func (c *curve) average(d *Dashboard, p point) {
	if math.IsNaN(p.y) || math.IsInf(p.y, 0) {
		return
	}
	w := d.o.Smooth
	c.mean = w*c.mean + (1-w)*p.y
	c.weight *= w
	c.push(d, point{p.x, c.mean / (1 - c.weight)})
}

func (c *curve) push(d *Dashboard, p point) {
	c.all = append(c.all, p)
	c.fresh++
	if len(c.all) > maxPoints {
		c.all = lttb(c.all, maxPoints/2)
		d.redraw = true
	}
}

func (d *Dashboard) curve(name string) *curve {
	for _, c := range d.curves {
		if c.name == name {
			return c
		}
	}
	c := &curve{name: name, group: d.group(name)}
	d.curves = append(d.curves, c)
	d.redraw = true
	return c
}

func (d *Dashboard) group(name string) int {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[:i]
	}
	for i, g := range d.groups {
		if g == name {
			return i
		}
	}
	d.groups = append(d.groups, name)
	return len(d.groups) - 1
}

// changed sends an update now, or leaves it to the timer when the last one is too recent; d.mu is held.
func (d *Dashboard) changed() {
	d.dirty = true
	if !d.ending {
		d.ending = true
		display.AtEnd(d.settle)
	}
	if d.closed || time.Since(d.sent) >= d.o.Every {
		d.flush()
		return
	}
	if d.timer == nil {
		d.timer = time.AfterFunc(d.o.Every-time.Since(d.sent), func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.flush()
		})
	}
}

// flush sends what the page does not have; d.mu is held.
func (d *Dashboard) flush() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if !d.dirty {
		return
	}
	if d.redraw {
		d.handle.Update(d.full(false))
	} else {
		d.handle.Update(d.frame())
	}
	for _, c := range d.curves {
		c.fresh = 0
	}
	d.dirty, d.redraw, d.sent = false, false, time.Now()
}

// frame holds the new points only.
func (d *Dashboard) frame() display.Data {
	parts := []any{}
	for i, c := range d.curves {
		if c.fresh > 0 {
			parts = append(parts, map[string]any{"series": i, "data": pairs(c.all[len(c.all)-c.fresh:])})
		}
	}
	return display.Data{MIME: map[string]any{
		appendMIME: map[string]any{
			"append": parts,
			"set":    map[string]any{"title": map[string]any{"subtext": d.status()}},
		},
		"text/plain": d.line(),
	}}
}

// status is the line under the title: epoch, step, time taken and time left.
func (d *Dashboard) status() string {
	var parts []string
	of := func(what string, n [2]int) {
		switch {
		case n[1] > 0:
			parts = append(parts, fmt.Sprintf("%s %d/%d", what, n[0], n[1]))
		case n[0] > 0:
			parts = append(parts, fmt.Sprintf("%s %d", what, n[0]))
		}
	}
	of("epoch", d.epoch)
	of("step", d.step)
	taken := time.Since(d.start)
	parts = append(parts, clock(taken))
	if done, all := d.step[0], d.step[1]; !d.closed && done > 0 && done < all {
		parts = append(parts, "ETA "+clock(taken*time.Duration(all-done)/time.Duration(done)))
	}
	for _, c := range d.curves {
		if c.lost != "" {
			parts = append(parts, c.name+" is "+c.lost)
		}
	}
	return strings.Join(parts, " · ")
}

func clock(t time.Duration) string {
	s := int(t.Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// memory returns the bytes that the process has from the system.
func memory() float64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(s)
	return float64(s[0].Value.Uint64())
}
