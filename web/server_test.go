package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/lathe-ml/lathe/web"
	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/notebook"
	"github.com/lathe-ml/lathe/web/webtest"
)

const token = "secret-token-of-the-tests"

// bench is a server over a temporary folder.
type bench struct {
	*testing.T
	dir  string
	http *httptest.Server
	srv  *web.Server
}

func serve(t *testing.T, edit ...func(*web.Options)) *bench {
	t.Helper()
	return serveIn(t, t.TempDir(), edit...)
}

func serveIn(t *testing.T, dir string, edit ...func(*web.Options)) *bench {
	t.Helper()
	o := web.Options{Root: dir, Token: token, Kernel: webtest.Start}
	for _, f := range edit {
		f(&o)
	}
	srv, err := web.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, dir: dir, srv: srv, http: httptest.NewServer(srv)}
	t.Cleanup(func() { b.http.Close(); srv.Close() })
	return b
}

// cells writes a notebook whose code cells, c0, c1 …, hold the sources.
func (b *bench) cells(name string, sources ...string) {
	b.Helper()
	nb := notebook.New()
	for i, s := range sources {
		nb.Cells = append(nb.Cells, &notebook.Cell{
			ID: "c" + string(rune('0'+i)), Type: notebook.Code, Source: s,
		})
	}
	if err := nb.WriteFile(filepath.Join(b.dir, name)); err != nil {
		b.Fatal(err)
	}
}

// do sends a request with the token unless the headers carry something else.
func (b *bench) do(method, path, body string, headers ...string) (int, string) {
	b.Helper()
	q, err := http.NewRequestWithContext(context.Background(), method, b.http.URL+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	q.Header.Set("Authorization", "token "+token)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			q.Host = headers[i+1]
		} else {
			q.Header.Set(headers[i], headers[i+1])
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	r, err := client.Do(q)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	return r.StatusCode, string(data)
}

// page is a client of the document socket that keeps what a browser would keep.
type page struct {
	*bench
	conn   *websocket.Conn
	frames chan api.Frame
	doc    struct {
		Cells  []*notebook.Cell `json:"cells"`
		Kernel struct{ Status, Message string }
		States map[string]struct{ Status string }
	}
	gen     string
	seq     int64
	events  []string // raw
	notes   []api.Frame
	resumed bool
}

func (b *bench) open(name, query string) *page {
	b.Helper()
	url := strings.Replace(b.http.URL, "http", "ws", 1) + "/api/notebooks/ws?path=" + name +
		"&client=client-one" + query
	conn, _, err := websocket.DefaultDialer.Dial(url, http.Header{"Authorization": {"token " + token}})
	if err != nil {
		b.Fatal(err)
	}
	p := &page{bench: b, conn: conn, frames: make(chan api.Frame, 10000)}
	b.Cleanup(func() { conn.Close() })
	go func() {
		defer close(p.frames)
		for {
			var f api.Frame
			if conn.ReadJSON(&f) != nil {
				return
			}
			p.frames <- f
		}
	}()
	return p
}

func (p *page) send(format string) {
	p.Helper()
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(format)); err != nil {
		p.Fatal(err)
	}
}

// until reads frames until ok holds; the tests' only clock is how long a broken test hangs.
func (p *page) until(what string, ok func() bool) {
	p.Helper()
	limit := time.After(2 * time.Minute)
	for !ok() {
		select {
		case f, open := <-p.frames:
			if !open {
				p.Fatalf("the connection closed before: %s", what)
			}
			p.take(f)
		case <-limit:
			p.Fatalf("never came: %s\nlast events %.3000v", what, tail(p.events, 8))
		}
	}
}

func tail(list []string, n int) []string { return list[max(0, len(list)-n):] }

func (p *page) take(f api.Frame) {
	switch f.Type {
	case api.Snapshot:
		p.gen, p.seq = f.Gen, f.Seq
		if err := json.Unmarshal(f.Document, &p.doc); err != nil {
			p.Fatal(err)
		}
	case api.Resume:
		p.gen, p.resumed = f.Gen, true
	case api.Events:
		for _, e := range f.Events {
			p.events = append(p.events, string(e))
			var seq struct{ Seq int64 }
			json.Unmarshal(e, &seq)
			if seq.Seq <= p.seq {
				p.Errorf("event %d after %d", seq.Seq, p.seq)
			}
			p.seq = seq.Seq
		}
	default:
		p.notes = append(p.notes, f)
	}
}

func (p *page) saw(part string) func() bool {
	return func() bool { return strings.Contains(strings.Join(p.events, "\n"), part) }
}

func (p *page) noted(kind, part string) func() bool {
	return func() bool {
		for _, f := range p.notes {
			if data, _ := json.Marshal(f); f.Type == kind && bytes.Contains(data, []byte(part)) {
				return true
			}
		}
		return false
	}
}

func (p *page) ready() *page {
	p.Helper()
	p.until("snapshot", func() bool { return p.gen != "" })
	return p
}

// streamed joins the stdout of a cell from all events.
func (p *page) streamed(cell string) string {
	var text strings.Builder
	for _, e := range p.events {
		var op struct {
			Op, Cell string
			Change   struct{ Output struct{ Text string } }
		}
		json.Unmarshal([]byte(e), &op)
		if op.Op == "output" && op.Cell == cell {
			text.WriteString(op.Change.Output.Text)
		}
	}
	return text.String()
}

func (b *bench) fileHas(name, part string) bool {
	data, err := os.ReadFile(filepath.Join(b.dir, name))
	return err == nil && strings.Contains(string(data), part)
}
