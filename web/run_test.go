package web_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/web"
	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/notebook"
	"github.com/lathe-ml/lathe/web/webtest"
)

func TestACellRunsAndTheFileFollows(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print hello\nresult 42")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run","cells":["c0"]}`)
	p.until("done", p.saw(`"op":"done","cell":"c0","status":"ok"`))
	if got := p.streamed("c0"); got != "hello\n" {
		t.Errorf("stdout %q", got)
	}
	p.until("saved", p.noted(api.SaveNote, `"saved"`))
	p.until("the file has the result", func() bool {
		p.send(`{"type":"save"}`)
		time.Sleep(10 * time.Millisecond)
		return b.fileHas("x.ipynb", `"42"`) || fail(p)
	})
}

// fail lets until poll something that no frame announces.
func fail(p *page) bool {
	p.frames <- api.Frame{Type: "poll"}
	return false
}

func TestEditsThenRunUsesTheEditedSource(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print a")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"op","op":{"op":"edit","n":1,"cell":"c0","updates":[{"changes":[6,[1,"b"]]}]}}`)
	p.send(`{"type":"run","cells":["c0"]}`)
	p.until("done", p.saw(`"op":"done"`))
	if got := p.streamed("c0"); got != "b\n" {
		t.Errorf("stdout %q", got)
	}
}

func TestRunAllStopsAtAnError(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print a", "error boom", "print c")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run","stop":true}`)
	p.until("abort", p.saw(`"cell":"c2","status":"aborted"`))
	if !p.saw(`"cell":"c1","status":"error"`)() || p.streamed("c2") != "" {
		t.Errorf("events %v", p.events)
	}
	if !p.saw(`"lathe":{"cell":"c1","column":1,"line":1}`)() {
		t.Error("the error has no place")
	}
}

func TestInterruptEndsALoopAndTheQueue(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print in\nloop", "print never")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run","stop":true}`)
	p.until("started", p.saw(`in\n`))
	p.send(`{"type":"interrupt"}`)
	p.until("interrupted", p.saw(`"op":"done","cell":"c0","status":"error"`))
	p.until("aborted", p.saw(`"cell":"c1","status":"aborted"`))
	p.until("idle", p.saw(`"op":"kernel","status":"idle"`))
}

func TestADeadKernelSaysWhyAndRestarts(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print before\ndie used more than its memory limit", "print after")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run","cells":["c0","c1"]}`)
	p.until("dead", p.saw(`"op":"kernel","status":"dead","message":"used more than its memory limit"`))
	if !p.saw(`"cell":"c0","status":"lost"`)() || !p.saw(`"ename":"kernel died"`)() ||
		!p.saw(`"cell":"c1","status":"aborted"`)() {
		t.Errorf("events %v", p.events)
	}
	p.send(`{"type":"restart"}`)
	p.until("ready", func() bool {
		return strings.LastIndex(strings.Join(p.events, "\n"), `"status":"idle"`) >
			strings.LastIndex(strings.Join(p.events, "\n"), `"status":"dead"`)
	})
	p.send(`{"type":"run","cells":["c1"]}`)
	p.until("runs", p.saw(`"cell":"c1","status":"ok"`))
	if p.streamed("c1") != "after\n" {
		t.Errorf("stdout %q", p.streamed("c1"))
	}
}

func TestRestartAndRunAll(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "loop", "print two")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run","cells":["c0"]}`)
	p.until("runs", p.saw(`"op":"start","cell":"c0"`))
	p.send(`{"type":"op","op":{"op":"edit","n":1,"cell":"c0","updates":[{"changes":[[4,"print one"]]}]}}`)
	p.send(`{"type":"restart","cells":["c0","c1"]}`)
	p.until("done", p.saw(`"op":"done","cell":"c1","status":"ok"`))
	if p.streamed("c0") != "one\n" || p.streamed("c1") != "two\n" {
		t.Errorf("stdout %q %q", p.streamed("c0"), p.streamed("c1"))
	}
}

func TestAKernelThatDoesNotStartSaysSo(t *testing.T) {
	b := serve(t, func(o *web.Options) { o.Kernel = webtest.Refuse })
	b.cells("x.ipynb", "print a")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run"}`)
	p.until("message", p.saw("no memory for another kernel"))
	p.until("aborted", p.saw(`"status":"aborted"`))
}

func TestInputIsAskedAndAnswered(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "input name? ")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run"}`)
	p.until("prompt", p.noted(api.Input, "name?"))
	late := b.open("x.ipynb", "").ready()
	late.until("a page that comes later is asked too", late.noted(api.Input, "name?"))
	p.send(`{"type":"input","value":"Ada"}`)
	p.until("done", p.saw(`"op":"done"`))
	if got := p.streamed("c0"); got != "name?Ada\ngot Ada\n" {
		t.Errorf("stdout %q", got)
	}
}

func TestCompletionComesFromTheKernel(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print a")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"ask","id":1,"msg_type":"complete_request","content":{"code":"pri","cursor_pos":3}}`)
	p.until("no kernel, no answer", p.noted(api.Answer, `"status":"error"`))
	p.send(`{"type":"run"}`)
	p.until("done", p.saw(`"op":"done"`))
	p.send(`{"type":"ask","id":2,"msg_type":"complete_request","content":{"code":"pri","cursor_pos":3}}`)
	p.until("matches", p.noted(api.Answer, `"printer"`))
}

func TestReloadInTheMiddleLosesNoOutput(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "flood 20000\nsleep 50\nflood 20000")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run"}`)
	p.until("some output", p.saw(`line 100\n`))
	p.conn.Close()
	q := b.open("x.ipynb", fmt.Sprintf("&gen=%s&since=%d", p.gen, p.seq))
	q.seq = p.seq
	q.until("done", q.saw(`"op":"done"`))
	if !q.resumed {
		t.Error("the page got a snapshot instead of what it had missed")
	}
	var want strings.Builder
	for range 2 {
		for i := range 20000 {
			fmt.Fprintf(&want, "line %d\n", i)
		}
	}
	if got := p.streamed("c0") + q.streamed("c0"); got != want.String() {
		t.Errorf("%d bytes of output, want %d", len(got), want.Len())
	}
	fresh := b.open("x.ipynb", "").ready()
	if got := string(fresh.doc.Cells[0].Outputs[0].Text); got != want.String() {
		t.Errorf("a new page gets %d bytes, want %d", len(got), want.Len())
	}
}

func TestASlowPageNeverBlocksTheKernel(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "big 24")
	slow := b.open("x.ipynb", "").ready()
	slow.conn.UnderlyingConn().(interface{ SetReadBuffer(int) error }).SetReadBuffer(4096)
	p := b.open("x.ipynb", "&x=1").ready()
	go func() {
		for range slow.frames { // drained only by the test's end
			time.Sleep(time.Second)
		}
	}()
	p.send(`{"type":"run"}`)
	p.until("done", p.saw(`"op":"done","cell":"c0","status":"ok"`))
}

func TestAnHugeOutputIsCutInThePageAndWholeInTheFile(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "big 20")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run"}`)
	p.until("done", p.saw(`"op":"done"`))
	if n := len(p.streamed("c0")); n > web.PageLimit {
		t.Errorf("the page got %d bytes", n)
	}
	if !p.saw(`"kind":"truncated"`)() {
		t.Error("no notice")
	}
	fresh := b.open("x.ipynb", "").ready()
	o := fresh.doc.Cells[0].Outputs[0]
	if len(o.Text) != web.PageLimit || fmt.Sprint(o.Extra["truncated"]) != "20000000" {
		t.Errorf("snapshot: %d bytes, %v", len(o.Text), o.Extra)
	}
	code, body := b.do("GET", "/api/notebooks/output?path=x.ipynb&cell=c0&index=0", "")
	if code != 200 || len(body) != 20e6 {
		t.Errorf("download: %d, %d bytes", code, len(body))
	}
	b.srv.Close()
	nb, err := notebook.ReadFile(filepath.Join(b.dir, "x.ipynb"))
	if err != nil || len(nb.Cells[0].Outputs[0].Text) != 20e6 {
		t.Errorf("file: %v", err)
	}
}

func TestALiveChartIsFoldedAndForwarded(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "chart 12")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run"}`)
	p.until("done", p.saw(`"op":"done"`))
	if !p.saw(`"kind":"append"`)() {
		t.Error("no frame reached the page")
	}
	fresh := b.open("x.ipynb", "").ready()
	data, err := json.Marshal(fresh.doc.Cells[0].Outputs[0].Data[notebook.ChartMIME])
	if err != nil {
		t.Fatal(err)
	}
	var chart struct {
		Option struct {
			Title  struct{ Text, Subtext string }
			Series []struct{ Data [][2]float64 }
		}
	}
	if err := json.Unmarshal(data, &chart); err != nil {
		t.Fatal(err)
	}
	if n := len(chart.Option.Series[0].Data); n != 12 || chart.Option.Title.Subtext != "step 12" {
		t.Errorf("%d points, title %+v", n, chart.Option.Title)
	}
}

func TestAnOperationSentTwiceIsAppliedOnce(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "")
	p := b.open("x.ipynb", "").ready()
	edit := `{"type":"op","op":{"op":"edit","n":7,"cell":"c0","updates":[{"changes":[[0,"x"]]}]}}`
	p.send(edit)
	p.until("applied", p.saw(`"op":"edit"`))
	p.conn.Close()
	q := b.open("x.ipynb", "").ready()
	q.send(edit)
	q.send(`{"type":"op","op":{"op":"edit","n":8,"cell":"c0","version":1,"updates":[{"changes":[1,[0,"y"]]}]}}`)
	q.until("the next one", q.saw(`"n":8`))
	if r := b.open("x.ipynb", "").ready(); r.doc.Cells[0].Source != "xy" {
		t.Errorf("source %q", r.doc.Cells[0].Source)
	}
}

func TestAStaleEditIsRejectedAsStale(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"op","op":{"op":"edit","n":1,"cell":"c0","version":9,"updates":[{"changes":[[0,"x"]]}]}}`)
	p.until("rejection", p.noted(api.Reject, `"stale":true`))
	p.send(`{"type":"op","op":{"op":"start","n":2,"cell":"c0"}}`)
	p.until("only people's operations", p.noted(api.Reject, "want an editing operation"))
}

func TestABrokenNotebookOpensWithItsPosition(t *testing.T) {
	b := serve(t)
	if err := os.WriteFile(filepath.Join(b.dir, "bad.ipynb"), []byte("{\n  oops"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := b.open("bad.ipynb", "")
	p.until("refusal", p.noted(api.Gone, "line 2 column 3"))
	if !b.fileHas("bad.ipynb", "oops") {
		t.Error("the file was touched")
	}
}

func TestAFileChangedOnDiskIsFollowedOrAConflict(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "one")
	p := b.open("x.ipynb", "").ready()
	b.cells("x.ipynb", "two")
	p.until("the page follows", func() bool { return p.doc.Cells[0].Source == "two" })
	p.send(`{"type":"op","op":{"op":"edit","n":1,"cell":"c0","updates":[{"changes":[[3,"mine"]]}]}}`)
	p.until("applied", p.saw(`"op":"edit"`))
	b.cells("x.ipynb", "three")
	p.until("conflict", p.noted(api.SaveNote, `"conflict"`))
	p.send(`{"type":"overwrite"}`)
	p.until("resolved", p.noted(api.SaveNote, `"saved"`))
	p.until("file", func() bool { return b.fileHas("x.ipynb", "mine") || fail(p) })
}

func TestAFolderThatCannotBeWrittenIsSaidAndRetried(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print a")
	blocker := filepath.Join(b.dir, ".lathe") // no folder can be made here, not even by root
	if err := os.WriteFile(blocker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := b.open("x.ipynb", "").ready()
	p.until("warning", p.noted(api.SaveNote, "kept in memory"))
	p.send(`{"type":"run"}`)
	p.until("it works nevertheless", p.saw(`"op":"done"`))
	if err := os.Remove(blocker); err != nil {
		t.Fatal(err)
	}
	p.notes = nil
	p.until("saved once there is room", p.noted(api.SaveNote, `"saved"`))
}
