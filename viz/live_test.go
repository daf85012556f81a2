package viz

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/kernel/display"
)

// page is a display sink that folds frames into the chart as the server and the page do.
type page struct {
	mu      sync.Mutex
	option  map[string]any
	height  float64
	updates int
	frames  int
}

func (p *page) Clear(bool) {}

func (p *page) Display(d display.Data, _ string, update bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if update {
		p.updates++
	}
	var m map[string]map[string]any
	delete(d.MIME, "text/plain")
	b, err := json.Marshal(d.MIME)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		panic(err)
	}
	if full := m[chartMIME]; full != nil {
		p.option, p.height = full["option"].(map[string]any), full["height"].(float64)
		return
	}
	p.frames++
	frame := m[appendMIME]
	for _, a := range frame["append"].([]any) {
		part := a.(map[string]any)
		s := p.series(int(part["series"].(float64)))
		s["data"] = append(s["data"].([]any), part["data"].([]any)...)
	}
	title := frame["set"].(map[string]any)["title"].(map[string]any)
	p.option["title"].(map[string]any)["subtext"] = title["subtext"]
}

func (p *page) series(i int) map[string]any {
	return p.option["series"].([]any)[i].(map[string]any)
}

// points returns the points of the curve of the given name.
func (p *page) points(name string) []any {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.option["series"].([]any) {
		if s := p.series(i); s["name"] == name {
			return slices.Clone(s["data"].([]any))
		}
	}
	return nil
}

func (p *page) status() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.option["title"].(map[string]any)["subtext"].(string)
}

func open(t *testing.T) *page {
	p := &page{}
	old := display.Install(p)
	t.Cleanup(func() { display.Install(old) })
	return p
}

func ExampleLive() {
	d := Live("training", LiveOptions{Every: time.Hour})
	for step := range 3 {
		d.Add("loss/train", step, 1/float64(step+1))
	}
	d.Close()
	// Output:
	// training: 00:00
	// training: 00:00 · loss/train 1
	// training: step 2 · 00:00 · loss/train 0.3333
}

func TestPageHasEveryPointInTheEnd(t *testing.T) {
	p := open(t)
	d := Live("t", LiveOptions{Every: time.Millisecond})
	for i := range 500 {
		d.Add("loss/train", i, float64(i))
		if i%10 == 0 {
			d.Add("loss/val", i, float64(-i))
			d.Add("accuracy", i, 0.5)
		}
		if i%100 == 0 {
			time.Sleep(2 * time.Millisecond)
		}
	}
	d.Progress(500, 500)
	d.Close()
	if a, b, c := len(p.points("loss/train")), len(p.points("loss/val")), len(p.points("accuracy")); a != 500 ||
		b != 50 || c != 50 {
		t.Errorf("%d, %d and %d points", a, b, c)
	}
	for i, v := range p.points("loss/train") {
		if fmt.Sprint(v) != fmt.Sprintf("[%d %d]", i, i) {
			t.Fatalf("point %d is %v", i, v)
		}
	}
	if p.frames == 0 {
		t.Error("every update drew everything anew")
	}
	if !strings.HasPrefix(p.status(), "step 500/500") || strings.Contains(p.status(), "ETA") {
		t.Errorf("status %q", p.status())
	}
}

func TestTimerSendsWhatThrottlingHeldBack(t *testing.T) {
	p := open(t)
	d := Live("t", LiveOptions{Every: 20 * time.Millisecond})
	for i := range 100 {
		d.Add("a", i, 1)
	}
	for i := 0; len(p.points("a")) < 100; i++ {
		if i == 500 {
			t.Fatalf("%d points without Close", len(p.points("a")))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestUpdatesAreThrottled(t *testing.T) {
	p := open(t)
	d := Live("t", LiveOptions{Every: time.Hour})
	for i := range 1000 {
		d.Add("a", i, 1)
	}
	if p.updates != 1 {
		t.Errorf("%d updates, want the first only", p.updates)
	}
	d.Close()
	if p.updates != 2 || len(p.points("a")) != 1000 {
		t.Errorf("%d updates and %d points after Close", p.updates, len(p.points("a")))
	}
}

func TestLongCurvesAreThinned(t *testing.T) {
	p := open(t)
	d := Live("t", LiveOptions{Every: time.Nanosecond})
	for i := range 3 * maxPoints {
		d.Add("a", i, math.Sin(float64(i)/1000))
	}
	d.Close()
	got := p.points("a")
	if len(got) > maxPoints || len(got) < maxPoints/4 {
		t.Errorf("%d points", len(got))
	}
	if last := got[len(got)-1]; fmt.Sprint(last.([]any)[0]) != fmt.Sprint(3*maxPoints-1) {
		t.Errorf("last point %v", last)
	}
}

func TestSmoothedCurveIsTheCorrectedMovingAverage(t *testing.T) {
	p := open(t)
	d := Live("t", LiveOptions{Smooth: 0.5, Every: time.Hour})
	for i := range smoothFrom - 1 {
		d.Add("a", i, 3)
		d.Add("epoch", i/2, 1)
	}
	d.Add("b", 0, 1)
	d.Flush()
	if p.points("a (smooth)") != nil {
		t.Error("a short curve was smoothed")
	}
	for i, v := range []float64{math.NaN(), 7, 1} {
		d.Add("a", smoothFrom+i, v)
	}
	d.Close()
	got := p.points("a (smooth)")
	// the weights of the past make 3 → (3 + 7)/2 = 5 → (5 + 1)/2 = 3, but for 2^-20 of bias
	if len(got) != smoothFrom+1 || fmt.Sprint(got[0]) != "[0 3]" {
		t.Fatalf("smoothed %v", got)
	}
	for i, want := range []float64{5, 3} {
		y := got[smoothFrom-1+i].([]any)[1].(float64)
		if math.Abs(y-want) > 1e-4 {
			t.Errorf("smoothed value %d is %v, want %v", i, y, want)
		}
	}
	if raw := fmt.Sprint(p.points("a")[smoothFrom-1:]); raw != "[[20 <nil>] [21 7] [22 1]]" {
		t.Errorf("raw %s", raw)
	}
}

func TestGroupsBecomePanels(t *testing.T) {
	p := open(t)
	d := Live("t", LiveOptions{Log: []string{"loss"}, Columns: 2, Height: 100, System: true})
	d.Add("loss/train", 1, 1)
	d.Add("loss/val", 1, 1)
	d.Add("accuracy", 1, 1)
	d.Epoch(2, 3)
	d.Progress(50, 100)
	d.Close()
	y := p.option["yAxis"].([]any)
	var axes []string
	for _, a := range y {
		axes = append(axes, fmt.Sprint(a.(map[string]any)["name"], " ", a.(map[string]any)["type"]))
	}
	if got := strings.Join(axes, ", "); got != "loss log, memory value, accuracy value" {
		t.Errorf("axes %s", got)
	}
	if p.series(2)["yAxisIndex"] != nil || p.series(3)["yAxisIndex"] != 2.0 || p.height != headline+200 {
		t.Errorf("series %v, %v; height %v", p.series(2)["yAxisIndex"], p.series(3)["yAxisIndex"], p.height)
	}
	if !strings.HasPrefix(p.status(), "epoch 2/3 · step 50/100 · 00:0") {
		t.Errorf("status %q", p.status())
	}
}

func TestRemainingTimeFollowsProgress(t *testing.T) {
	d := &Dashboard{start: time.Now().Add(-90 * time.Minute), step: [2]int{60, 80}}
	if s := d.status(); s != "step 60/80 · 1:30:00 · ETA 30:00" {
		t.Errorf("status %q", s)
	}
}

func TestDashboardIsSafeForGoroutines(t *testing.T) {
	p := open(t)
	d := Live("t", LiveOptions{Every: time.Microsecond})
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := range 200 {
				d.Add(fmt.Sprintf("g/%d", k), i, 1)
			}
		})
	}
	wg.Wait()
	d.Close()
	for k := range 4 {
		if n := len(p.points(fmt.Sprintf("g/%d", k))); n != 200 {
			t.Errorf("curve %d has %d points", k, n)
		}
	}
}

func TestSmoothingWeightIsChecked(t *testing.T) {
	if engine.Catch(func() { Live("t", LiveOptions{Smooth: 1}) }) == nil {
		t.Error("Smooth 1 was accepted")
	}
}

// gpu is a device that has a load and runs nothing.
type gpu struct{ op.Device }

func (gpu) String() string { return "gpu:0" }
func (gpu) Usage() (engine.Usage, error) {
	return engine.Usage{Busy: 0.25, Used: 3 << 20, Total: 8 << 20}, nil
}

func TestTheLoadOfDevicesIsDrawn(t *testing.T) {
	op.RegisterDevices("gpu", func(int) (op.Device, error) { return gpu{}, nil })
	if _, err := op.OpenDevice("gpu", 0); err != nil {
		t.Fatal(err)
	}
	p := open(t)
	d := Live("t", LiveOptions{System: true})
	d.Add("loss", 7, 1)
	d.Close()
	for name, want := range map[string]string{"GPU memory in MiB/gpu:0": "[[7 3]]", "GPU busy in %/gpu:0": "[[7 25]]"} {
		if got := fmt.Sprint(p.points(name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
