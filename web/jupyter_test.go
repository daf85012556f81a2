package web_test

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/lathe-ml/lathe/web"
	"github.com/lathe-ml/lathe/web/api"
)

// get decodes a JSON answer, which must have the status.
func get[T any](b *bench, method, path, body string, status int) (v T) {
	b.Helper()
	code, text := b.do(method, path, body)
	if code != status {
		b.Fatalf("%s %s: %d %.300s, want %d", method, path, code, text, status)
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			b.Fatalf("%s %s: %v in %.300s", method, path, err, text)
		}
	}
	return v
}

func TestContentsAreCreatedReadWrittenRenamedDeleted(t *testing.T) {
	b := serve(t)
	dir := get[api.Contents](b, "POST", "/api/contents", `{"type":"directory"}`, 201)
	if dir.Path != "Untitled Folder" || dir.Type != api.Directory {
		t.Errorf("folder %+v", dir)
	}
	nb := get[api.Contents](b, "POST", "/api/contents/Untitled%20Folder", `{"type":"notebook"}`, 201)
	again := get[api.Contents](b, "POST", "/api/contents/Untitled%20Folder", `{"type":"notebook"}`, 201)
	if nb.Path != "Untitled Folder/Untitled.ipynb" || again.Name != "Untitled1.ipynb" {
		t.Errorf("notebooks %q, %q", nb.Path, again.Name)
	}
	put := `{"type":"notebook","format":"json","content":{"cells":[{"cell_type":"raw","id":"r","metadata":{},"source":"é"}],"metadata":{},"nbformat":4,"nbformat_minor":5}}`
	get[api.Contents](b, "PUT", "/api/contents/a%20b.ipynb", put, 201)
	get[api.Contents](b, "PUT", "/api/contents/a%20b.ipynb", put, 200)
	read := get[api.Contents](b, "GET", "/api/contents/a%20b.ipynb", "", 200)
	if read.Type != api.Notebook || *read.Format != "json" || !strings.Contains(string(read.Content), "é") {
		t.Errorf("read %+v %s", read, read.Content)
	}
	moved := get[api.Contents](b, "PATCH", "/api/contents/a%20b.ipynb", `{"path":"c.ipynb"}`, 200)
	if moved.Path != "c.ipynb" {
		t.Errorf("moved to %q", moved.Path)
	}
	get[api.Problem](b, "PATCH", "/api/contents/c.ipynb", `{"path":"Untitled Folder/Untitled.ipynb"}`, 409)
	copied := get[api.Contents](b, "POST", "/api/contents", `{"copy_from":"c.ipynb"}`, 201)
	if copied.Path != "c-Copy1.ipynb" {
		t.Errorf("copied to %q", copied.Path)
	}
	get[api.Problem](b, "DELETE", "/api/contents/Untitled%20Folder", "", 400)
	get[struct{}](b, "DELETE", "/api/contents/c.ipynb", "", 204)
	get[api.Problem](b, "GET", "/api/contents/c.ipynb", "", 404)
	root := get[api.Contents](b, "GET", "/api/contents", "", 200)
	if n := len(root.Entries()); n != 2 {
		t.Errorf("%d entries: %s", n, root.Content)
	}
}

func TestFilesTravelAsTextOrBase64(t *testing.T) {
	b := serve(t)
	get[api.Contents](b, "PUT", "/api/contents/t.txt", `{"type":"file","format":"text","content":"héllo"}`, 201)
	get[api.Contents](b, "PUT", "/api/contents/b.bin", `{"type":"file","format":"base64","content":"/wD+"}`, 201)
	text := get[api.Contents](b, "GET", "/api/contents/t.txt", "", 200)
	if string(text.Content) != `"héllo"` || *text.Format != "text" || *text.Mimetype != "text/plain" {
		t.Errorf("text %+v %s", text, text.Content)
	}
	bin := get[api.Contents](b, "GET", "/api/contents/b.bin", "", 200)
	if string(bin.Content) != `"/wD+"` || *bin.Format != "base64" {
		t.Errorf("binary %+v %s", bin, bin.Content)
	}
	get[api.Problem](b, "GET", "/api/contents/b.bin?format=text", "", 400)
	if none := get[api.Contents](b, "GET", "/api/contents/t.txt?content=0", "", 200); string(none.Content) != "null" {
		t.Errorf("content=0 gave %s", none.Content)
	}
}

func TestACheckpointBringsTheNotebookBack(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "one")
	p := b.open("x.ipynb", "").ready()
	made := get[api.Checkpoint](b, "POST", "/api/contents/x.ipynb/checkpoints", "", 201)
	p.send(`{"type":"op","op":{"op":"edit","n":1,"cell":"c0","updates":[{"changes":[[3,"two"]]}]}}`)
	p.until("edited", p.saw(`"op":"edit"`))
	if list := get[[]api.Checkpoint](b, "GET", "/api/contents/x.ipynb/checkpoints", "", 200); len(list) != 1 {
		t.Errorf("checkpoints %v", list)
	}
	get[struct{}](b, "POST", "/api/contents/x.ipynb/checkpoints/"+made.ID, "", 204)
	p.until("restored in the page", func() bool {
		return p.doc.Cells[0].Source == "one" && p.gen != "" && p.noted(api.SaveNote, "unsaved")()
	})
	get[struct{}](b, "DELETE", "/api/contents/x.ipynb/checkpoints/"+made.ID, "", 204)
}

func TestAnOpenNotebookFollowsRenameAndDelete(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print a")
	p := b.open("x.ipynb", "").ready()
	get[api.Contents](b, "PATCH", "/api/contents/x.ipynb", `{"path":"y.ipynb"}`, 200)
	p.until("renamed", p.noted(api.Renamed, "y.ipynb"))
	p.send(`{"type":"run"}`)
	p.until("still runs", p.saw(`"op":"done","cell":"c0","status":"ok"`))
	get[struct{}](b, "DELETE", "/api/contents/y.ipynb", "", 204)
	p.until("gone", p.noted(api.Gone, "deleted"))
}

func TestServerAnswersWhatClientsAskFirst(t *testing.T) {
	b := serve(t, func(o *web.Options) { o.BaseURL = "/a%40b/" })
	specs := get[api.Specs](b, "GET", "/a%40b/api/kernelspecs", "", 200)
	if specs.Default != "lathe" || specs.Specs["lathe"].Spec.Language != "go" {
		t.Errorf("specs %+v", specs)
	}
	version := get[map[string]string](b, "GET", "/a@b/api", "", 200)
	if version["version"] == "" {
		t.Errorf("version %v", version)
	}
	get[api.Problem](b, "GET", "/api", "", 404)
	get[api.Problem](b, "POST", "/a@b/api/kernels", `{"name":"python3"}`, 400)
	get[api.Problem](b, "GET", "/a@b/api/kernels/none", "", 404)
	if code, body := b.do("GET", "/a@b/static/app.js", ""); code != 200 || len(body) < 1000 {
		t.Errorf("bundle: %d, %d bytes", code, len(body))
	}
}

const executeA = `{"channel":"shell","header":{"msg_id":"m1","session":"s1","username":"u","date":"2024-01-01T00:00:00Z",
"msg_type":"execute_request","version":"5.3"},"parent_header":{},"metadata":{},"content":{"code":"print a"}}`

// jupyter opens a channels socket.
func (b *bench) jupyter(id, protocol string) *websocket.Conn {
	b.Helper()
	header := http.Header{"Authorization": {"token " + token}}
	if protocol != "" {
		header.Set("Sec-WebSocket-Protocol", protocol)
	}
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(b.http.URL, "http", "ws", 1)+"/api/kernels/"+id+"/channels?session_id=s1", header)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}

func TestAJupyterClientRunsCodeOverChannels(t *testing.T) {
	b := serve(t)
	kernel := get[api.Kernel](b, "POST", "/api/kernels", `{"name":"lathe"}`, 201)
	conn := b.jupyter(kernel.ID, "")
	if err := conn.WriteMessage(websocket.TextMessage, []byte(executeA)); err != nil {
		t.Fatal(err)
	}
	types := []string{}
	for len(types) == 0 || types[len(types)-1] != "idle" {
		var m struct {
			Channel string
			Header  struct {
				Type string `json:"msg_type"`
			}
			Parent struct {
				ID string `json:"msg_id"`
			} `json:"parent_header"`
			Content map[string]any
			Buffers []any
		}
		if err := conn.ReadJSON(&m); err != nil {
			t.Fatal(err)
		}
		if m.Parent.ID != "m1" {
			continue // the state of the process itself
		}
		name := m.Header.Type
		if name == "status" {
			name, _ = m.Content["execution_state"].(string)
		}
		types = append(types, name)
	}
	if got := strings.Join(types, " "); got != "busy execute_input stream execute_reply idle" {
		t.Errorf("messages: %s", got)
	}
	get[struct{}](b, "POST", "/api/kernels/"+kernel.ID+"/interrupt", "", 204)
	if after := get[api.Kernel](b, "POST", "/api/kernels/"+kernel.ID+"/restart", "", 200); after.State != "idle" {
		t.Errorf("after restart: %+v", after)
	}
	get[struct{}](b, "DELETE", "/api/kernels/"+kernel.ID, "", 204)
	get[api.Problem](b, "GET", "/api/kernels/"+kernel.ID, "", 404)
}

func TestTheV1ProtocolIsSpoken(t *testing.T) {
	b := serve(t)
	kernel := get[api.Kernel](b, "POST", "/api/kernels", "", 201)
	conn := b.jupyter(kernel.ID, "v1.kernel.websocket.jupyter.org")
	if conn.Subprotocol() == "" {
		t.Fatal("the subprotocol was not accepted")
	}
	parts := []string{
		"shell", `{"msg_id":"m1","session":"s1","msg_type":"execute_request","version":"5.3"}`, "{}", "{}",
		`{"code":"print a"}`,
	}
	frame := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)+1))
	offset := 8 * (len(parts) + 2)
	for _, p := range append(parts, "") {
		frame = binary.LittleEndian.AppendUint64(frame, uint64(offset))
		offset += len(p)
	}
	frame = append(frame, strings.Join(parts, "")...)
	if err := conn.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		t.Fatal(err)
	}
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if kind != websocket.BinaryMessage {
			t.Fatalf("frame of kind %d", kind)
		}
		n := binary.LittleEndian.Uint64(data)
		if last := binary.LittleEndian.Uint64(data[8*n:]); last != uint64(len(data)) {
			t.Fatalf("%d offsets, the last %d of %d bytes", n, last, len(data))
		}
		if strings.Contains(string(data), `"text":"a\n"`) {
			return
		}
	}
}

func TestASessionSharesTheKernelOfThePage(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "print a")
	p := b.open("x.ipynb", "").ready()
	p.send(`{"type":"run"}`)
	p.until("done", p.saw(`"op":"done"`))
	list := get[[]api.Session](b, "GET", "/api/sessions", "", 200)
	if len(list) != 1 || list[0].Path != "x.ipynb" {
		t.Fatalf("sessions %+v", list)
	}
	same := get[api.Session](b, "POST", "/api/sessions", `{"path":"x.ipynb","type":"notebook","kernel":{"name":"lathe"}}`, 201)
	if same.Kernel.ID != list[0].Kernel.ID {
		t.Error("a second kernel was started for an open notebook")
	}
	conn := b.jupyter(same.Kernel.ID, "")
	p.send(`{"type":"run"}`)
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), `"execute_input"`) {
			break
		}
	}
	get[struct{}](b, "DELETE", "/api/sessions/"+same.ID, "", 204)
	p.until("the page knows", p.saw(`"op":"kernel","status":"none"`))
	other := get[api.Session](b, "POST", "/api/sessions", `{"path":"other.ipynb","type":"notebook","kernel":{"name":"lathe"}}`, 201)
	get[api.Session](b, "GET", "/api/sessions/"+other.ID, "", 200)
	if status := get[api.Status](b, "GET", "/api/status", "", 200); status.Kernels != 1 {
		t.Errorf("status %+v", status)
	}
}
