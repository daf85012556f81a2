// Package display shows values beyond text: HTML, Markdown, images, JSON, charts.
//
//	display.Show("plain", display.Markdown("**bold**"), img)
//	h := display.New(display.Text("0 %"))
//	h.Update(display.Text("50 %"))
//	display.Clear(true)
//	// a type with a Display() display.Data method shows itself
//
// A kernel installs the Sink that sends what is shown to its client. Without a kernel the text form
// goes to standard output, so that compiled programs may use the package too. It draws nothing
// itself (see viz) and imports nothing of Lathe.
package display

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// Data holds representations of one value keyed by MIME type; a client draws the richest that it
// knows. Text types hold a string, binary types such as image/png a []byte, +json types any value
// that encoding/json accepts. Metadata is passed on unchanged.
type Data struct {
	MIME     map[string]any
	Metadata map[string]any
}

// Displayer is a value that knows how to show itself. The kernel uses it for the last value of a
// cell and for Show.
type Displayer interface {
	Display() Data
}

// Display returns d itself, so that a Data is a Displayer too.
func (d Data) Display() Data { return d }

// Sink receives what is shown. An empty id means that the output cannot be updated; update replaces
// the outputs shown earlier under id. The methods are called from any goroutine.
type Sink interface {
	Display(d Data, id string, update bool)
	Clear(wait bool)
}

var (
	sinkMu sync.RWMutex
	sink   Sink = console{}
)

// Install makes s the destination of everything shown and returns the one before it.
func Install(s Sink) Sink {
	sinkMu.Lock()
	defer sinkMu.Unlock()
	old := sink
	sink = s
	return old
}

// Installed says whether a kernel shows what is displayed; without one, text goes to standard output.
func Installed() bool {
	_, plain := current().(console)
	return !plain
}

func current() Sink {
	sinkMu.RLock()
	defer sinkMu.RUnlock()
	return sink
}

// Show displays each value in turn.
func Show(values ...any) {
	for _, v := range values {
		if h, ok := v.(*Handle); ok {
			h.show()
			continue
		}
		current().Display(Of(v), "", false)
	}
}

// Clear removes the outputs of the running cell: at once, or, with wait, when the next one arrives,
// which avoids flicker.
func Clear(wait bool) { current().Clear(wait) }

// Of returns the representations of v: its own if it is a Displayer, a PNG of an image, a table beside
// the fmt form of structs, slices of structs and maps, and the fmt form of anything else. Of a form
// longer than 20,000 characters plain text holds the beginning.
func Of(v any) Data {
	switch v := v.(type) {
	case nil:
		return Text("<nil>")
	case Displayer:
		return v.Display()
	case image.Image:
		return Image(v)
	case error:
		return Text(v.Error())
	}
	if endless(v) {
		return Text(fmt.Sprintf("a %T that contains itself, or nests deeper than %d levels", v, deepest))
	}
	return rich(v)
}

// Text is plain text.
func Text(s string) Data { return one("text/plain", s) }

// HTML is an HTML fragment. Clients sanitize it.
func HTML(s string) Data { return one("text/html", s) }

// Markdown is Markdown text.
func Markdown(s string) Data { return one("text/markdown", s) }

// SVG is an SVG document.
func SVG(s string) Data { return one("image/svg+xml", s) }

// PNG is an encoded PNG image.
func PNG(b []byte) Data { return one("image/png", b) }

// JSON is a value shown as a tree; encoding/json must accept it.
func JSON(v any) Data { return one("application/json", v) }

// Image is img encoded as PNG. An image without pixels becomes a text that says so.
func Image(img image.Image) Data {
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return Text("display.Image: " + err.Error())
	}
	d := PNG(buf.Bytes())
	b := img.Bounds()
	d.MIME["text/plain"] = fmt.Sprintf("image %d×%d", b.Dx(), b.Dy())
	return d
}

func one(mime string, v any) Data { return Data{MIME: map[string]any{mime: v}} }

// Handle is an output that can be replaced after it was shown. Its methods may be called from any
// goroutine.
type Handle struct {
	id   string
	mu   sync.Mutex
	last Data
}

var handles atomic.Int64

// New shows d and returns the handle that replaces it.
func New(d Data) *Handle {
	id := strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(handles.Add(1), 10)
	h := &Handle{id: id, last: d}
	h.show()
	return h
}

// Update replaces what h shows, wherever it is shown.
func (h *Handle) Update(d Data) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = d
	current().Display(d, h.id, true)
}

// ID is the display_id of the handle, unique within the process.
func (h *Handle) ID() string { return h.id }

// show shows the handle's output here; later updates reach every place where it was shown.
func (h *Handle) show() {
	h.mu.Lock()
	defer h.mu.Unlock()
	current().Display(h.last, h.id, false)
}

// console is the sink of a process without a kernel: text on standard output.
type console struct{}

func (console) Display(d Data, _ string, _ bool) {
	if s, ok := d.MIME["text/plain"].(string); ok {
		fmt.Println(s)
		return
	}
	fmt.Println(slices.Sorted(maps.Keys(d.MIME)))
}

func (console) Clear(bool) {}
