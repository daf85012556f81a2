package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/importer"
	inference "github.com/lathe-ml/lathe/jit/serve"
)

// serveFlags are the flags of lathe model serve.
type serveFlags struct {
	addr      *string
	batch     *int
	delay     *time.Duration
	instances *int
}

func (s *serveFlags) add(e *env) {
	s.addr = e.flags.String("addr", "127.0.0.1:8000", "serve: `host:port` to listen on")
	s.batch = e.flags.Int("batch", 0, "serve: join requests up to so many `rows`; 0: requests have the model's own shapes")
	s.delay = e.flags.Duration("delay", 0, "serve: how long a request waits for others to be joined with")
	s.instances = e.flags.Int("instances", 1, "serve: batches of one model that are computed at once")
}

// closing is how long requests that were accepted may take when the server ends.
const closing = 20 * time.Second

// serveModels answers requests for the models in files until ctx ends.
func serveModels(ctx context.Context, e *env, f *serveFlags, weights, shapes string) error {
	var models []*inference.Model
	for _, path := range e.args[1:] {
		s, end, err := openServed(e, path, weights, shapes, *f.batch)
		if err != nil {
			return err
		}
		defer end()
		models = append(models, s)
	}
	s, err := inference.New(models, inference.Options{Delay: *f.delay, Instances: *f.instances, Version: versionLine()})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", *f.addr)
	if err != nil {
		return fmt.Errorf("model serve: %w; choose another -addr", err)
	}
	h := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	done := make(chan error, 1)
	go func() { done <- h.Serve(l) }()
	for _, m := range models {
		fmt.Fprintf(e.stdout, "http://%s/v2/models/%s\n", l.Addr(), m.Name)
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	return errors.Join(s.Close(end), h.Shutdown(end))
}

// openServed opens the model of a file under the file's name; one that no graph can be made of is run operator by operator.
func openServed(e *env, path, weights, shapes string, batch int) (s *inference.Model, end func(), err error) {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	m, err := importer.Model(path, weights, shapes, nil)
	if err == nil {
		s, err = servedModel(name, m.Graph(), batch)
		return s, func() { m.Close() }, err
	}
	d, err := importer.OpenDirect(path, weights, shapes, nil, err)
	switch {
	case err != nil:
		return nil, nil, err
	case batch > 0:
		return nil, nil, fmt.Errorf("%w; without a graph requests cannot be joined: leave out -batch", d.Why)
	}
	noteDirect(e, d)
	return servedDirect(name, d), func() {}, nil
}

// servedDirect is d for requests of exactly its shapes; the extents of its results are free.
func servedDirect(name string, d *importer.Direct) *inference.Model {
	s := &inference.Model{Name: name, Run: func(_ int, in []engine.Array) ([]engine.Array, error) { return d.Run(in) }}
	for i, t := range d.Types {
		s.Inputs = append(s.Inputs, inference.Tensor{Name: d.Inputs[i], DType: t, Shape: d.Shapes[i]})
	}
	for i, t := range d.Results {
		shape := make(engine.Shape, d.Ranks[i])
		for k := range shape {
			shape[k] = -1
		}
		s.Outputs = append(s.Outputs, inference.Tensor{Name: d.Outputs[i], DType: t, Shape: shape})
	}
	return s
}

func servedModel(name string, g *graph.Graph, batch int) (*inference.Model, error) {
	if batch == 0 {
		return inference.FromGraph(name, g)
	}
	return inference.FromRows(name, g, batch)
}
