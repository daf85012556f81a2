package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/web/notebook"
	"github.com/lathe-ml/lathe/web/ui"
)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /tree", s.page)
	mux.HandleFunc("GET /tree/{path...}", s.page)
	mux.HandleFunc("GET /notebooks/{path...}", s.page)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /static/{name...}", s.static)
	mux.HandleFunc("GET /sandbox", s.sandbox)
	mux.HandleFunc("GET /api", s.version0)
	mux.HandleFunc("GET /api/{$}", s.version0)
	mux.HandleFunc("GET /api/status", s.private(s.status))
	mux.HandleFunc("GET /api/me", s.private(s.me))
	mux.HandleFunc("GET /api/kernelspecs", s.private(s.listSpecs))
	mux.HandleFunc("GET /api/kernels", s.private(s.listKernels))
	mux.HandleFunc("POST /api/kernels", s.private(s.postKernel))
	mux.HandleFunc("GET /api/kernels/{id}", s.private(s.withKernel(s.getKernel)))
	mux.HandleFunc("DELETE /api/kernels/{id}", s.private(s.withKernel(s.deleteKernel)))
	mux.HandleFunc("POST /api/kernels/{id}/interrupt", s.private(s.withKernel(s.interruptKernel)))
	mux.HandleFunc("POST /api/kernels/{id}/restart", s.private(s.withKernel(s.restartKernel)))
	mux.HandleFunc("GET /api/kernels/{id}/channels", s.private(s.serveChannels))
	mux.HandleFunc("GET /api/sessions", s.private(s.listSessions))
	mux.HandleFunc("POST /api/sessions", s.private(s.postSession))
	mux.HandleFunc("GET /api/sessions/{id}", s.private(s.withSession(s.getSession)))
	mux.HandleFunc("DELETE /api/sessions/{id}", s.private(s.withSession(s.deleteKernel)))
	mux.HandleFunc("GET /api/notebooks/ws", s.private(s.serveDocument))
	mux.HandleFunc("GET /api/notebooks/output", s.private(s.serveOutput))
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		rest, ok := strings.CutPrefix(q.URL.Path, s.base)
		if !ok {
			if q.URL.Path+"/" == s.base {
				http.Redirect(w, q, s.base, http.StatusFound)
				return
			}
			s.fail(w, http.StatusNotFound, errors.New("everything is served below "+s.base))
			return
		}
		if file, ok := strings.CutPrefix(rest, "api/contents"); ok && (file == "" || file[0] == '/') {
			s.private(func(w http.ResponseWriter, q *http.Request) {
				s.serveContents(w, q, file)
			})(w, q)
			return
		}
		if file, ok := strings.CutPrefix(rest, "files/"); ok {
			s.private(func(w http.ResponseWriter, q *http.Request) { s.rawFile(w, q, file) })(w, q)
			return
		}
		inner := *q
		u := *q.URL
		u.Path, u.RawPath = "/"+rest, ""
		inner.URL = &u
		mux.ServeHTTP(w, &inner)
	})
}

func (s *Server) version0(w http.ResponseWriter, _ *http.Request) {
	s.reply(w, http.StatusOK, map[string]string{"version": "2.0.0", "lathe": s.version})
}

// me is Jupyter Server's identity endpoint: there is one user.
func (s *Server) me(w http.ResponseWriter, _ *http.Request) {
	s.reply(w, http.StatusOK, map[string]any{
		"identity": map[string]string{
			"username": "user", "name": "user", "display_name": "user", "initials": "u",
		},
		"permissions": map[string]any{},
	})
}

var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="lathe" content="{{.Config}}">
<title>Lathe</title>
<link rel="icon" href="{{.Base}}static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{{.Base}}static/app.css">
<script type="module" src="{{.Base}}static/app.js"></script>
</head>
<body><div id="app"></div><noscript>Lathe needs JavaScript.</noscript></body>
</html>
`))

// page answers with the application; a token in the URL becomes a cookie and leaves the URL.
func (s *Server) page(w http.ResponseWriter, q *http.Request) {
	here := s.base + strings.TrimPrefix(q.URL.EscapedPath(), "/")
	if q.URL.Query().Has("token") {
		if !equal(q.URL.Query().Get("token"), s.token) {
			s.loginPage(w, q, s.localPath(here), "The link holds another token; it may be from an earlier start.")
			return
		}
		s.setCookie(w)
		query := q.URL.Query()
		query.Del("token")
		http.Redirect(w, q, (&url.URL{Path: s.base + strings.TrimPrefix(q.URL.Path, "/"), RawQuery: query.Encode()}).String(),
			http.StatusFound)
		return
	}
	if !s.hasCookie(q) {
		s.loginPage(w, q, here, "")
		return
	}
	config, err := json.Marshal(map[string]string{
		"base": s.base, "xsrf": s.derive("xsrf"), "version": s.version, "root": path.Base(s.rootName),
	})
	if err != nil {
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	pageTemplate.Execute(w, map[string]string{"Base": s.base, "Config": string(config)})
}

var loginTemplate = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lathe</title>
<link rel="icon" href="{{.Base}}static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{{.Base}}static/app.css">
</head>
<body class="login">
<form method="post" action="{{.Base}}login">
<img src="{{.Base}}static/icon.svg" alt="" width="40" height="40">
<h1>Lathe</h1>
<p>Open the URL that <code>lathe serve</code> printed, or paste its token.</p>
{{if .Message}}<p class="problem" role="alert">{{.Message}}</p>{{end}}
<input type="hidden" name="next" value="{{.Next}}">
<input type="password" name="token" placeholder="Token" aria-label="Token" autocomplete="off" autofocus>
<button>Continue</button>
</form>
</body>
</html>
`))

func (s *Server) loginPage(w http.ResponseWriter, _ *http.Request, next, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	loginTemplate.Execute(w, map[string]string{"Base": s.base, "Next": next, "Message": message})
}

// static serves the bundle. Its files are public: they are the same for everybody.
func (s *Server) static(w http.ResponseWriter, q *http.Request) {
	name := q.PathValue("name")
	data, err := fs.ReadFile(ui.Dist, path.Join("dist", name))
	if err != nil {
		s.fail(w, http.StatusNotFound, errPath)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", ui.Tag(name))
	http.ServeContent(w, q, name, time.Time{}, bytes.NewReader(data))
}

// sandbox is the frame for untrusted HTML: scripts run, in an origin of their own, without network.
func (s *Server) sandbox(w http.ResponseWriter, q *http.Request) {
	data, err := fs.ReadFile(ui.Dist, "dist/sandbox.html")
	if err != nil {
		s.fail(w, http.StatusNotFound, errPath)
		return
	}
	w.Header().Set("Content-Security-Policy", sandboxPolicy+"; frame-ancestors 'self'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(data)
}

// rawFile serves a file of the folder for download or as an image, never as a page of ours.
func (s *Server) rawFile(w http.ResponseWriter, q *http.Request, rest string) {
	name, err := cleanPath(rest)
	if err == nil && q.Method != http.MethodGet && q.Method != http.MethodHead {
		err = &requestError{http.StatusMethodNotAllowed, "want GET"}
	}
	if err != nil {
		s.failFile(w, err)
		return
	}
	f, err := s.root.Open(name)
	if err != nil {
		s.failFile(w, err)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		s.failFile(w, errPath)
		return
	}
	w.Header().Set("Content-Security-Policy", filePolicy)
	if q.URL.Query().Has("download") || !strings.HasPrefix(mimeOf(name, false), "image/") {
		w.Header().Set("Content-Disposition", "attachment")
	}
	http.ServeContent(w, q, path.Base(name), info.ModTime(), f)
}

// serveOutput is the whole of one output: /api/notebooks/output?path=&cell=&index=&mime=.
func (s *Server) serveOutput(w http.ResponseWriter, q *http.Request) {
	form := q.URL.Query()
	name, err := cleanPath(form.Get("path"))
	index, convErr := strconv.Atoi(form.Get("index"))
	room := s.openedRoom(name)
	if err != nil || convErr != nil || room == nil {
		s.failFile(w, errPath)
		return
	}
	o, ok := room.output(form.Get("cell"), index)
	if !ok {
		s.failFile(w, errPath)
		return
	}
	w.Header().Set("Content-Security-Policy", filePolicy)
	w.Header().Set("Content-Disposition", "attachment; filename=output.txt")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(outputBytes(o, form.Get("mime")))
}

func outputBytes(o *notebook.Output, mime string) []byte {
	if o.Type == notebook.Stream {
		return o.Text
	}
	if mime == "" {
		mime = "text/plain"
	}
	switch v := o.Data[mime].(type) {
	case nil:
		data, _ := json.MarshalIndent(o.Data, "", " ")
		return data
	case string:
		if data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(v)); err == nil &&
			strings.HasPrefix(mime, "image/") && mime != "image/svg+xml" {
			return data
		}
		return []byte(v)
	default:
		data, _ := json.MarshalIndent(v, "", " ")
		return data
	}
}
