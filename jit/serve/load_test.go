//go:build full

package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// pipes is a listener whose connections are in memory: there are more of them than a process may have files.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func (l *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	l.waiting <- server
	return client, nil
}

// Accept returns the next connection.
func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.waiting:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error   { close(l.closed); return nil }
func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Ten thousand callers, each with a connection of its own that is open before the first of them asks, all get
// their own answer.
func TestTenThousandRequestsAtOnce(t *testing.T) {
	const callers = 10_000
	s, err := New([]*Model{rowsModel(t, 64)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := &pipes{make(chan net.Conn), make(chan struct{})}
	h := &http.Server{Handler: s}
	go h.Serve(l)
	defer h.Close()
	const url = "http://in.memory"
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers, DialContext: l.dial}}
	r := rand.New(rand.NewPCG(5, 5))
	rows := random(r, engine.F32, engine.Shape{callers, 3}).F32()
	m, err := FromGraph("all", dense(callers))
	if err != nil {
		t.Fatal(err)
	}
	y, err := m.Run(1, []engine.Array{engine.Of(engine.Shape{callers, 3}, rows)})
	if err != nil {
		t.Fatal(err)
	}
	want := y[0].F32()
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range callers {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			live, err := client.Get(url + "/v2/health/live")
			if err == nil {
				live.Body.Close()
			}
			ready.Done()
			if err != nil {
				t.Error(err)
				return
			}
			<-start
			x := rows[3*i:]
			a, err := client.Post(url+"/v1/models/net:predict", "application/json",
				strings.NewReader(fmt.Sprintf(`{"instances":[[%v,%v,%v]]}`, x[0], x[1], x[2])))
			if err != nil {
				t.Error(err)
				return
			}
			defer a.Body.Close()
			var p struct{ Predictions [][]float32 }
			if err := json.NewDecoder(a.Body).Decode(&p); err != nil || len(p.Predictions) != 1 ||
				!near(p.Predictions[0][0], want[2*i]) || !near(p.Predictions[0][1], want[2*i+1]) {
				t.Errorf("caller %d: status %d, %v, error %v; want %v", i, a.StatusCode, p, err, want[2*i:2*i+2])
			}
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
	st := &s.byName["net"].stats
	t.Logf("%d requests in %d runs", st.requests.Load(), st.batches.Load())
}
