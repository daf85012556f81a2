// Package web is the workbench server: it serves the page, owns the open notebooks and their
// kernels, and speaks Jupyter Server's REST API and WebSocket protocol.
//
//	s, err := web.New(web.Options{Root: ".", Addr: "localhost:8888", Kernel: start})
//	l, err := net.Listen("tcp", "localhost:8888")
//	fmt.Println(s.URL(l.Addr()))
//	err = s.Serve(ctx, l) // returns when ctx ends, with every notebook saved
//
// A notebook is opened by the first page that asks for it and stays open while a page or a kernel
// uses it; its document lives here, not in the browser. The package starts kernels only through
// Options.Kernel, executes nothing itself, and does not speak ZMQ.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/lathe-ml/lathe/web/api"
)

// Options configure a Server.
type Options struct {
	Root       string       // folder that is served; "" is the current one
	Addr       string       // the address listened on, for the list of allowed hosts
	Token      string       // "" makes a random one
	BaseURL    string       // path under which everything is served; "" is "/"
	AllowHosts []string     // host names accepted besides localhost, addresses and this machine's
	Kernel     Starter      // starts the kernel of a notebook; required
	Log        *slog.Logger // nil discards
	Version    string       // shown in the page
}

// A Server serves one folder.
//
// Goroutines: Serve runs net/http and one reaper, both ended by its context; rooms, slots and
// clients list theirs. mu guards rooms, slotMu guards slots; locks are taken in the order
// Server.mu, room.mu, Server.slotMu, slot.mu.
type Server struct {
	root     *os.Root
	rootName string
	token    string
	base     string
	hosts    []string
	boot     Starter
	logger   *slog.Logger
	version  string
	handler  http.Handler
	upgrader websocket.Upgrader
	started  time.Time

	mu    sync.Mutex
	rooms map[string]*room
	ended bool

	slotMu sync.Mutex
	slots  map[string]*slotEntry
}

// New returns a server for the folder. The folder must exist and be readable.
func New(o Options) (*Server, error) {
	if o.Kernel == nil {
		return nil, errors.New("web: Options.Kernel is nil; want a function that starts a kernel")
	}
	name, err := filepath.Abs(o.Root)
	if err != nil {
		return nil, fmt.Errorf("web: folder %s: %w", o.Root, err)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("web: folder %s: %w", name, err)
	}
	s := &Server{
		root: root, rootName: name, token: o.Token, boot: o.Kernel, logger: o.Log, version: o.Version,
		base: basePath(o.BaseURL), hosts: machineNames(o.Addr, o.AllowHosts), started: time.Now(),
		rooms: map[string]*room{}, slots: map[string]*slotEntry{},
	}
	if s.token == "" {
		s.token = newToken()
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	s.upgrader = websocket.Upgrader{
		Subprotocols: []string{v1Protocol}, CheckOrigin: sameOrigin,
		ReadBufferSize: 16 << 10, WriteBufferSize: 16 << 10,
	}
	s.handler = s.guard(s.routes())
	return s, nil
}

func newToken() string {
	var b [24]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// basePath returns the path with a slash at both ends.
func basePath(base string) string {
	if plain, err := url.PathUnescape(base); err == nil {
		base = plain
	}
	base = "/" + strings.Trim(base, "/") + "/"
	if base == "//" {
		return "/"
	}
	return base
}

// URL returns the address to open in a browser, with the token.
func (s *Server) URL(addr net.Addr) string {
	host := addr.String()
	if tcp, ok := addr.(*net.TCPAddr); ok && (tcp.IP.IsUnspecified() || tcp.IP.IsLoopback()) {
		host = fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return "http://" + host + (&url.URL{Path: s.base}).EscapedPath() + "?token=" + url.QueryEscape(s.token)
}

// Token returns the token that requests must carry.
func (s *Server) Token() string { return s.token }

// ServeHTTP answers one request; tests and programs that embed the server use it.
func (s *Server) ServeHTTP(w http.ResponseWriter, q *http.Request) { s.handler.ServeHTTP(w, q) }

// Serve answers requests on l until ctx ends, then saves every notebook and ends every kernel.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{Handler: s, ReadHeaderTimeout: 20 * time.Second, MaxHeaderBytes: 1 << 16}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	reap := time.NewTicker(10 * time.Second)
	defer reap.Stop()
	for {
		select {
		case err := <-failed:
			s.Close()
			return fmt.Errorf("web: %w", err)
		case <-reap.C:
			s.reap()
		case <-ctx.Done():
			h.Close()
			s.Close()
			return nil
		}
	}
}

// Close saves every notebook and ends every kernel.
func (s *Server) Close() {
	s.mu.Lock()
	s.ended = true
	rooms := s.rooms
	s.rooms = map[string]*room{}
	s.mu.Unlock()
	var all sync.WaitGroup
	for _, r := range rooms {
		all.Go(func() { r.close(context.Background()) })
	}
	for _, e := range s.entries() {
		if e.room == nil {
			all.Go(func() { e.slot.shutdown(context.Background()) })
		}
	}
	all.Wait()
}

const roomIdle = time.Minute

// reap closes the rooms that no page and no kernel has used for a while.
func (s *Server) reap() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, r := range s.rooms {
		r.mu.Lock()
		if time.Since(r.idle) > roomIdle && len(r.clients) == 0 && r.slot == nil {
			delete(s.rooms, path)
			r.finalise()
			r.stop()
		}
		r.mu.Unlock()
	}
}

// room returns the open notebook at path, opening it if need be.
func (s *Server) room(path string) (*room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, errors.New("the server is stopping")
	}
	if r := s.rooms[path]; r != nil {
		return r, nil
	}
	if !strings.HasSuffix(path, ".ipynb") {
		return nil, fmt.Errorf("%s: want a notebook (.ipynb)", path)
	}
	r, err := openRoom(s, path)
	if err != nil {
		return nil, err
	}
	s.rooms[path] = r
	return r, nil
}

// openedRoom returns the room at path, or nil when the notebook is not open.
func (s *Server) openedRoom(path string) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[path]
}

func (s *Server) absolute(dir string) string {
	return filepath.Join(s.rootName, filepath.FromSlash(dir))
}

func (s *Server) log(what string, err error) {
	s.logger.Warn(what, "error", err)
}

// fail answers with one line for people.
func (s *Server) fail(w http.ResponseWriter, code int, err error) {
	s.reply(w, code, api.Problem{Message: err.Error(), Reason: http.StatusText(code)})
}

func (s *Server) reply(w http.ResponseWriter, code int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		s.log("reply", err)
		code, data = http.StatusInternalServerError, []byte(`{"message":"web: the answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	w.Write(data)
}
