package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/lathe-ml/lathe/web"
	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/webtest"
)

// dial opens a WebSocket and returns the status of a refusal.
func (b *bench) dial(path string, header http.Header) int {
	b.Helper()
	conn, response, err := websocket.DefaultDialer.Dial(strings.Replace(b.http.URL, "http", "ws", 1)+path, header)
	if err == nil {
		conn.Close()
		return http.StatusSwitchingProtocols
	}
	if !errors.Is(err, websocket.ErrBadHandshake) {
		b.Fatal(err)
	}
	return response.StatusCode
}

func TestForeignOriginsAndHostsAreRefused(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "")
	socket := "/api/notebooks/ws?path=x.ipynb&client=client-one"
	auth := "token " + token
	for _, tc := range []struct {
		origin string
		want   int
	}{
		{"http://evil.test", 403},
		{"null", 403},
		{"http://localhost:1", 403},
		{b.http.URL, 101},
		{"", 101},
	} {
		header := http.Header{"Authorization": {auth}}
		if tc.origin != "" {
			header.Set("Origin", tc.origin)
		}
		if got := b.dial(socket, header); got != tc.want {
			t.Errorf("socket with origin %q: %d, want %d", tc.origin, got, tc.want)
		}
	}
	for host, want := range map[string]int{
		"evil.test": 403, "evil.test:8888": 403, "localhost.evil.test": 403, "localhost:8888": 200,
		"127.0.0.1": 200, "[::1]:8888": 200, "10.1.2.3:80": 200,
	} {
		if got, _ := b.do("GET", "/api/status", "", "Host", host); got != want {
			t.Errorf("host %s: %d, want %d", host, got, want)
		}
	}
	if got, _ := b.do("POST", "/api/kernels", "{}", "Origin", "http://evil.test"); got != 403 {
		t.Errorf("POST from a foreign origin with the token: %d", got)
	}
}

func TestAnAllowedHostIsServed(t *testing.T) {
	b := serve(t, func(o *web.Options) { o.AllowHosts = []string{"lab.example"} })
	if got, _ := b.do("GET", "/api/status", "", "Host", "lab.example:443"); got != 200 {
		t.Errorf("allowed host: %d", got)
	}
}

// login returns the cookie that the token buys and the page's xsrf value.
func login(b *bench) (cookie, xsrf string) {
	b.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Get(b.http.URL + "/?token=" + token)
	if err != nil {
		b.Fatal(err)
	}
	r.Body.Close()
	if location := r.Header.Get("Location"); r.StatusCode != 302 || strings.Contains(location, "token") {
		b.Fatalf("login: %d to %q", r.StatusCode, location)
	}
	cookie = strings.Split(r.Header.Get("Set-Cookie"), ";")[0]
	_, body := b.do("GET", "/", "", "Authorization", "", "Cookie", cookie)
	_, rest, ok := strings.Cut(body, `&#34;xsrf&#34;:&#34;`)
	if !ok {
		b.Fatalf("no xsrf in the page: %s", body)
	}
	xsrf, _, _ = strings.Cut(rest, "&#34;")
	return cookie, xsrf
}

func TestWithoutTheTokenNothingIsServed(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "")
	for _, path := range []string{
		"/api/status", "/api/contents", "/api/contents/x.ipynb", "/api/kernels", "/api/sessions",
		"/api/kernelspecs", "/files/x.ipynb", "/api/notebooks/output?path=x.ipynb&cell=c0&index=0", "/api/me",
	} {
		for _, auth := range []string{"", "token wrong", "bearer ", "token"} {
			if got, _ := b.do("GET", path, "", "Authorization", auth); got != 403 {
				t.Errorf("%s with %q: %d", path, auth, got)
			}
		}
	}
	for _, path := range []string{"/api/notebooks/ws?path=x.ipynb&client=client-one", "/api/kernels/x/channels"} {
		if got := b.dial(path, nil); got != 403 {
			t.Errorf("%s: %d", path, got)
		}
	}
	if code, body := b.do("GET", "/", "", "Authorization", ""); code != 403 || !strings.Contains(body, "paste its token") {
		t.Errorf("page: %d", code)
	}
}

func TestACookieAloneChangesNothing(t *testing.T) {
	b := serve(t)
	cookie, xsrf := login(b)
	if !strings.HasPrefix(cookie, "lathe-") {
		t.Fatalf("cookie %q", cookie)
	}
	if got, _ := b.do("GET", "/api/status", "", "Authorization", "", "Cookie", cookie); got != 200 {
		t.Errorf("reading with the cookie: %d", got)
	}
	for _, header := range [][]string{
		{"Content-Type", "text/plain"}, {"X-XSRFToken", "wrong"}, {"X-XSRFToken", ""},
	} {
		h := append([]string{"Authorization", "", "Cookie", cookie}, header...)
		if got, _ := b.do("POST", "/api/kernels", "{}", h...); got != 403 {
			t.Errorf("POST with %v: %d", header, got)
		}
	}
	if got, _ := b.do("POST", "/api/kernels", "{}", "Authorization", "", "Cookie", cookie, "X-XSRFToken", xsrf); got != 201 {
		t.Errorf("POST with the page's xsrf value: %d", got)
	}
}

func TestAnOldCookieEndsWithItsToken(t *testing.T) {
	dir := t.TempDir()
	b := serveIn(t, dir)
	cookie, _ := login(b)
	rotated := serveIn(t, dir, func(o *web.Options) { o.Token = "another" })
	if got, _ := rotated.do("GET", "/api/status", "", "Authorization", "", "Cookie", cookie); got != 403 {
		t.Errorf("the old cookie after rotation: %d", got)
	}
}

func TestLoginGoesOnlyToPagesOfOurs(t *testing.T) {
	b := serve(t)
	for next, want := range map[string]string{
		"/tree/a?x=1":        "/tree/a?x=1",
		"/tree?token=leak":   "/tree",
		"//evil.test":        "/",
		"/\\evil.test":       "/",
		"http://evil.test/":  "/",
		"javascript:alert()": "/",
		"/a\r\nSet-Cookie:x": "/",
		"":                   "/",
	} {
		q := httptest.NewRequest("POST", "/login", strings.NewReader(url.Values{"token": {token}, "next": {next}}.Encode()))
		q.Host = "localhost"
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		b.srv.ServeHTTP(w, q)
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("next %q: %d to %q, want %q", next, w.Code, got, want)
		}
	}
	if code, body := b.do("POST", "/login", "token=wrong", "Content-Type", "application/x-www-form-urlencoded"); code != 403 || !strings.Contains(body, "not this server") {
		t.Errorf("wrong token: %d", code)
	}
}

func TestPagesCarryTheirPolicy(t *testing.T) {
	var logged bytes.Buffer
	b := serve(t, func(o *web.Options) { o.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
	b.cells("x.ipynb", "")
	os.WriteFile(filepath.Join(b.dir, "evil.html"), []byte("<script>1</script>"), 0o600)
	os.WriteFile(filepath.Join(b.dir, "evil.svg"), []byte("<svg><script>1</script></svg>"), 0o600)
	for path, want := range map[string]string{
		"/?token=" + token: "script-src 'self';", "/tree": "script-src 'self';", "/static/app.js": "script-src 'self';",
		"/sandbox": "sandbox allow-scripts; default-src 'none'", "/files/evil.html": "sandbox; default-src 'none'",
		"/files/evil.svg": "sandbox; default-src 'none'", "/nothing": "frame-ancestors 'none'",
	} {
		r, err := http.NewRequest("GET", b.http.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "token "+token)
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		h := response.Header
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, want) || strings.Contains(policy, "unsafe-eval") ||
			h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: policy %q, referrer %q", path, policy, h.Get("Referrer-Policy"))
		}
		script := strings.Split(strings.SplitAfter(policy+"script-src ;", "script-src")[1], ";")[0]
		if !strings.HasPrefix(policy, "sandbox") && strings.Contains(script, "unsafe-inline") {
			t.Errorf("%s allows inline script: %s", path, policy)
		}
		if strings.HasSuffix(path, ".html") && h.Get("Content-Disposition") != "attachment" {
			t.Errorf("%s is shown as a page of ours", path)
		}
	}
	if strings.Contains(logged.String(), token) {
		t.Errorf("the log has the token:\n%s", &logged)
	}
}

func TestThePageHasNoInlineScript(t *testing.T) {
	b := serve(t)
	cookie, _ := login(b)
	_, body := b.do("GET", "/notebooks/x.ipynb", "", "Cookie", cookie)
	if strings.Count(body, "<script") != 1 || !strings.Contains(body, `<script type="module" src="/static/app.js"></script>`) ||
		strings.Contains(body, token) {
		t.Errorf("page: %s", body)
	}
}

func TestPathsDoNotLeaveTheFolder(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "data")
	for _, d := range []string{dir, filepath.Join(parent, "data-secret")} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	os.WriteFile(filepath.Join(parent, "data-secret", "x.ipynb"), []byte("secret"), 0o600)
	os.WriteFile(filepath.Join(dir, ".hidden"), []byte("secret"), 0o600)
	os.Symlink(filepath.Join(parent, "data-secret"), filepath.Join(dir, "link"))
	os.Symlink(filepath.Join(parent, "data-secret", "x.ipynb"), filepath.Join(dir, "link.ipynb"))
	b := serveIn(t, dir)
	for _, path := range []string{
		"../data-secret/x.ipynb", "%2e%2e/data-secret/x.ipynb", "..%2fdata-secret/x.ipynb", "/etc/passwd",
		"x/../../data-secret/x.ipynb", "../data-secret", "a%00b", ".hidden", ".lathe/x", "link/x.ipynb",
		"link.ipynb", "..\\data-secret\\x.ipynb", "%5c..%5cx", "....//x",
	} {
		for _, base := range []string{"/api/contents/", "/files/"} {
			code, body := b.do("GET", base+path, "")
			if code != 404 || strings.Contains(body, "secret\"") {
				t.Errorf("%s%s: %d %.200s", base, path, code, body)
			}
		}
		if code, _ := b.do("PUT", "/api/contents/"+path, `{"type":"file","format":"text","content":"x"}`); code < 400 {
			t.Errorf("PUT %s: %d", path, code)
		}
		socket := "/api/notebooks/ws?client=client-one&path=" + strings.ReplaceAll(path, "\\", "%5c")
		if b.dial(socket, http.Header{"Authorization": {"token " + token}}) == 101 {
			p := b.open(strings.ReplaceAll(path, "\\", "%5c"), "")
			p.until("refusal", p.noted(api.Gone, ""))
		}
	}
	if data, _ := os.ReadFile(filepath.Join(parent, "data-secret", "x.ipynb")); string(data) != "secret" {
		t.Errorf("the file outside became %q", data)
	}
	if _, body := b.do("GET", "/api/contents/", ""); strings.Contains(body, "link") || strings.Contains(body, "hidden") {
		t.Errorf("listing: %s", body)
	}
	code, _ := b.do("PATCH", "/api/contents/x.ipynb", `{"path":"../data-secret/y.ipynb"}`)
	if code < 400 {
		t.Errorf("rename out of the folder: %d", code)
	}
}

func TestOversizedInputIsRefusedAndTheServerLives(t *testing.T) {
	b := serve(t)
	b.cells("x.ipynb", "")
	if code, _ := b.do("POST", "/api/sessions", `{"path":"`+strings.Repeat("x", 2<<20)+`"}`); code != 413 {
		t.Errorf("a session request of 2 MB: %d", code)
	}
	p := b.open("x.ipynb", "").ready()
	if err := p.conn.WriteMessage(websocket.TextMessage, make([]byte, 65<<20)); err == nil {
		for range p.frames { // closed by the server
		}
	}
	deep := strings.Repeat("[", 100000)
	q := b.open("x.ipynb", "").ready()
	q.send(`{"type":"op","op":` + deep)
	q.until("refusal", q.noted(api.Reject, "web:"))
	if code, _ := b.do("PUT", "/api/contents/d.ipynb", `{"type":"notebook","content":`+deep); code != 400 {
		t.Errorf("deep JSON: %d", code)
	}
	if code, _ := b.do("GET", "/api/status", ""); code != 200 {
		t.Errorf("the server after that: %d", code)
	}
}

func TestForgedChannelFramesCloseTheirConnectionOnly(t *testing.T) {
	b := serve(t)
	_, body := b.do("POST", "/api/kernels", "{}")
	var kernel api.Kernel
	if err := json.Unmarshal([]byte(body), &kernel); err != nil {
		t.Fatal(err)
	}
	for _, frame := range [][]byte{
		{},
		{1},
		bytes.Repeat([]byte{0xff}, 64),
		{0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff},
		{0, 0, 0, 2, 0, 0, 0, 12, 0, 0, 0, 4},
		{6, 0, 0, 0, 0, 0, 0, 0, 1},
	} {
		for _, protocol := range []string{"", "v1.kernel.websocket.jupyter.org"} {
			header := http.Header{"Authorization": {"token " + token}}
			if protocol != "" {
				header.Set("Sec-WebSocket-Protocol", protocol)
			}
			conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(b.http.URL, "http", "ws", 1)+"/api/kernels/"+kernel.ID+"/channels", header)
			if err != nil {
				t.Fatal(err)
			}
			conn.WriteMessage(websocket.BinaryMessage, frame)
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					break
				}
			}
		}
	}
	if code, _ := b.do("GET", "/api/kernels/"+kernel.ID, ""); code != 200 {
		t.Errorf("the kernel after that: %d", code)
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	if _, err := web.New(web.Options{Root: "/does/not/exist", Kernel: webtest.Start}); err == nil ||
		!strings.Contains(err.Error(), "/does/not/exist") {
		t.Errorf("missing folder: %v", err)
	}
	if _, err := web.New(web.Options{}); err == nil {
		t.Error("no kernel starter, no error")
	}
}
