package spark

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

func TestAStalledServerEndsCallsWithOneAnswer(t *testing.T) {
	f, address := serve(t)
	s := dialTest(t, address, Options{Stall: 50 * time.Millisecond, Patience: 100 * time.Millisecond})
	f.mu.Lock()
	f.silent = true
	f.mu.Unlock()
	_, schema := s.Range(0, 1, 1).Schema()
	_, settings := s.Settings("spark.")
	for call, err := range map[string]error{"Schema": schema, "Settings": settings} {
		if err == nil || !strings.Contains(err.Error(), "the server has stalled: no sign of life") {
			t.Errorf("%s: error %v; want one about a stalled server", call, err)
		}
	}
}

func TestTheEndOfAContextEndsCallsWithOneAnswer(t *testing.T) {
	f, address := serve(t)
	s := dialTest(t, address, Options{})
	f.mu.Lock()
	f.silent = true
	f.mu.Unlock()
	mine := errors.New("that is enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { cancel(mine) })
	if _, err := s.WithContext(ctx).Range(0, 1, 1).Schema(); !errors.Is(err, mine) {
		t.Errorf("error %v; want the context's cause", err)
	}
}

func TestConnectSaysWhatIsWrongWithTLS(t *testing.T) {
	web := httptest.NewUnstartedServer(http.NotFoundHandler())
	web.EnableHTTP2 = true
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.StartTLS()
	defer web.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(ca, own, 0o600); err != nil {
		t.Fatal(err)
	}
	target := web.Listener.Addr().String()
	other := strings.Replace(target, "127.0.0.1", "localhost", 1)
	for _, c := range []struct{ name, address, want string }{
		{"a certificate of nobody known", target + "/;use_ssl=true", "not trusted"},
		{"a certificate for others", other + "/;use_ssl=true;ca_file=" + ca, "for other names"},
		{"no TLS to a server that wants it", target, "wants TLS"},
		{"a web server", target + "/;use_ssl=true;ca_file=" + ca, "no Spark Connect server"},
		{"no file of certificates", target + "/;use_ssl=true;ca_file=" + ca + "x", "no such file"},
		{"certificates for nothing", target + "/;ca_file=" + ca, "without TLS"},
	} {
		if _, err := Connect("sc://" + c.address); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q in it", c.name, err, c.want)
		}
	}
}

// A server counts each try of a task that has ended, so that more end than there are.
func TestTasksThatWereTriedAgainCountOnceInTheBar(t *testing.T) {
	p := progressOf(&pb.ExecutePlanResponse_ExecutionProgress{Stages: []*pb.ExecutePlanResponse_ExecutionProgress_StageInfo{
		{NumTasks: 4, NumCompletedTasks: 1}, {NumTasks: 2, NumCompletedTasks: 8},
	}})
	if p.Done != 3 || p.Tasks != 6 {
		t.Errorf("%d of %d tasks; want 3 of 6", p.Done, p.Tasks)
	}
	if text, want := p.text(), strings.Repeat("█", 15)+strings.Repeat("░", 15)+" 3 of 6 tasks, 2 stages"; !strings.Contains(text, want) {
		t.Errorf("bar %q; want %q in it", text, want)
	}
}
