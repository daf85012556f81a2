package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"sync"
	"time"
)

// Options of a Server. Zero values are the defaults.
type Options struct {
	// Delay is how long a request waits for others to be run with; 0: it is run with those that wait already.
	Delay     time.Duration
	Queue     int           // requests that may wait for each model; 0: 16384
	Instances int           // batches of one model that may be computed at once; 0: 1
	Timeout   time.Duration // of one request, from when it was read; 0: one minute
	MaxBody   int64         // bytes of a request; 0: 64 MiB
	Version   string        // of the server, for its metadata
}

// Server is an http.Handler. Create it with New.
type Server struct {
	o      Options
	mux    *http.ServeMux
	byName map[string]*batcher
	names  []string
	once   sync.Once
	gone   chan struct{}
}

// New returns a Server of models with different names.
func New(models []*Model, o Options) (*Server, error) {
	if o.Queue == 0 {
		o.Queue = 1 << 14
	}
	if o.Instances == 0 {
		o.Instances = 1
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.MaxBody == 0 {
		o.MaxBody = 64 << 20
	}
	if o.Queue < 1 || o.Instances < 1 || o.Timeout < 0 || o.MaxBody < 1 || o.Delay < 0 {
		return nil, fmt.Errorf("serve: options %+v; want positive numbers", o)
	}
	s := &Server{o: o, mux: http.NewServeMux(), byName: map[string]*batcher{}, gone: make(chan struct{})}
	for _, m := range models {
		if err := m.check(); err != nil {
			return nil, err
		}
		if s.byName[m.Name] != nil {
			return nil, fmt.Errorf("serve: two models are called %q; give one another name", m.Name)
		}
		s.byName[m.Name] = newBatcher(m, o)
		s.names = append(s.names, m.Name)
	}
	sort.Strings(s.names)
	s.routes()
	return s, nil
}

// check wants a model that requests can be made for.
func (m *Model) check() error {
	if m.Name == "" || m.Run == nil || len(m.Inputs) == 0 {
		return fmt.Errorf("serve: model %q needs a name, inputs and Run", m.Name)
	}
	for i, t := range append(append([]Tensor{}, m.Inputs...), m.Outputs...) {
		if dataTypes[t.DType] == "" {
			return fmt.Errorf("serve: model %s: %s is %v, which the protocol has no type for", m.Name, t.Name, t.DType)
		}
		free, output := len(t.Shape) > 0 && t.Shape[0] < 0, i >= len(m.Inputs)
		if joined := m.Sizes != nil; free != joined && (joined || !output) {
			return fmt.Errorf("serve: model %s: %s has shape %v; want -1 first where rows are joined, and otherwise only in "+
				"outputs, whose extents are not known", m.Name, t.Name, t.Shape)
		}
	}
	for i, n := range m.Sizes {
		if n < 1 || i > 0 && n <= m.Sizes[i-1] {
			return fmt.Errorf("serve: model %s: batch sizes %v; want ascending positive numbers", m.Name, m.Sizes)
		}
	}
	return nil
}

func (s *Server) routes() {
	s.mux.HandleFunc("GET /v2", s.metadata)
	s.mux.HandleFunc("GET /v2/{$}", s.metadata)
	s.mux.HandleFunc("GET /v2/health/live", func(http.ResponseWriter, *http.Request) {})
	s.mux.HandleFunc("GET /v2/health/ready", s.ready)
	s.mux.HandleFunc("GET /metrics", s.metrics)
	for _, version := range []string{"", "/versions/{version}"} {
		at := "/v2/models/{model}" + version
		s.mux.HandleFunc("GET "+at, s.model)
		s.mux.HandleFunc("GET "+at+"/ready", s.modelReady)
		s.mux.HandleFunc("POST "+at+"/infer", s.infer)
	}
	s.mux.HandleFunc("GET /v1/models/{model}", s.status)
	s.mux.HandleFunc("POST /v1/models/{model}", s.predict)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, fmt.Errorf("serve: no %s %s; see /v2", r.Method, r.URL.Path))
	})
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close refuses new requests, answers those that were accepted, and returns then, or when ctx ends.
func (s *Server) Close(ctx context.Context) error {
	s.once.Do(func() {
		go func() {
			var wg sync.WaitGroup
			for _, b := range s.byName {
				wg.Add(1)
				go func() {
					defer wg.Done()
					b.close()
				}()
			}
			wg.Wait()
			close(s.gone)
		}()
	})
	select {
	case <-s.gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("serve: requests are left: %w", ctx.Err())
	}
}

// find returns the model that a request names; it answers when there is none.
func (s *Server) find(w http.ResponseWriter, r *http.Request, name string) *batcher {
	b := s.byName[name]
	v := r.PathValue("version")
	switch {
	case b == nil:
		fail(w, http.StatusNotFound, fmt.Errorf("serve: no model %q; there are %v", name, s.names))
		return nil
	case v != "" && v != "1":
		fail(w, http.StatusNotFound, fmt.Errorf("serve: model %s has version 1 only, not %q", name, v))
		return nil
	}
	return b
}

func (s *Server) metadata(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{
		"name": "lathe", "version": s.o.Version, "extensions": []string{"binary_tensor_data"}, "models": s.names,
	})
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	for _, b := range s.byName {
		if !b.open() {
			fail(w, http.StatusServiceUnavailable, ErrClosed)
			return
		}
	}
}

func (b *batcher) open() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return !b.closed
}

func (s *Server) model(w http.ResponseWriter, r *http.Request) {
	b := s.find(w, r, r.PathValue("model"))
	if b == nil {
		return
	}
	describe := func(all []Tensor) []map[string]any {
		list := []map[string]any{}
		for _, t := range all {
			list = append(list, map[string]any{"name": t.Name, "datatype": dataTypes[t.DType], "shape": []int(t.Shape)})
		}
		return list
	}
	reply(w, http.StatusOK, map[string]any{
		"name": b.m.Name, "versions": []string{"1"}, "platform": "lathe",
		"inputs": describe(b.m.Inputs), "outputs": describe(b.m.Outputs),
	})
}

func (s *Server) modelReady(w http.ResponseWriter, r *http.Request) {
	if b := s.find(w, r, r.PathValue("model")); b != nil && !b.open() {
		fail(w, http.StatusServiceUnavailable, ErrClosed)
	}
}

// reply writes v as JSON.
func reply(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"serve: the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a caller who has gone does not want it
}

func fail(w http.ResponseWriter, status int, err error) {
	reply(w, status, map[string]string{"error": err.Error()})
}

// failed answers with the status that an error deserves.
func failed(w http.ResponseWriter, err error) {
	var caller badRequest
	var large *http.MaxBytesError
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &large):
		status = http.StatusRequestEntityTooLarge
	case errors.As(err, &caller):
		status = http.StatusBadRequest
	case errors.Is(err, ErrBusy), errors.Is(err, ErrClosed):
		w.Header().Set("Retry-After", "1")
		status = http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		status = http.StatusGatewayTimeout
	}
	fail(w, status, err)
}
