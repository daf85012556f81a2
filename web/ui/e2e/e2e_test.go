//go:build full

// Package e2e drives the page in a real Chromium against a real server. The scenarios are in
// *.mjs; this file starts node with them and is itself, executed again, the server that they start
// and kill.
//
//	npm ci                                   # in web/ui
//	go test -tags full ./web/ui/e2e          # CHROMIUM names the browser, default chromium
//	go test -tags full ./web/ui/e2e -run Browser/keyboard
//	LATHE=/path/to/lathe go test -tags full ./web/ui/e2e -run Real
//	LATHE_SHOTS=/tmp/shots go test -tags full ./web/ui/e2e -run Browser/screens
//
// It does not test what a request can show without a browser.
package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/web"
	"github.com/lathe-ml/lathe/web/webtest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("LATHE_E2E_SERVE"); dir != "" {
		if err := serve(dir, os.Getenv("LATHE_E2E_ADDR")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve is a server with scripted kernels. SIGUSR1 kills the kernels.
func serve(dir, addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	kill := make(chan os.Signal, 1)
	signal.Notify(kill, syscall.SIGUSR1)
	go func() {
		for range kill {
			webtest.KillAll()
		}
	}()
	s, err := web.New(web.Options{Root: dir, Addr: addr, Token: "e2e", Kernel: webtest.Start})
	if err != nil {
		return err
	}
	l, err := listen(addr)
	if err != nil {
		return err
	}
	fmt.Println(s.URL(l.Addr()))
	return s.Serve(ctx, l)
}

// listen waits for the port of a server that has just been killed.
func listen(addr string) (l net.Listener, err error) {
	for range 50 {
		if l, err = net.Listen("tcp", addr); err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return l, err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, err
}

var scenarios = []string{"edit", "run", "survive", "hostile", "keyboard", "files", "large", "screens"}

func TestBrowser(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range scenarios {
		t.Run(name, func(t *testing.T) { scenario(t, name, "LATHE_E2E_SELF="+self) })
	}
}

// TestRealKernel runs the same page over the lathe binary.
func TestRealKernel(t *testing.T) { scenario(t, "real", program(t)) }

// TestGraphs looks at graphs of networks and exports them.
func TestGraphs(t *testing.T) { scenario(t, "graph", program(t)) }

// TestDebugger steps through Go in the page.
func TestDebugger(t *testing.T) { scenario(t, "debug", program(t)) }

// TestJupyterLabsClient drives the same binary with @jupyterlab/services instead of the page.
func TestJupyterLabsClient(t *testing.T) { scenario(t, "services", program(t)) }

// TestJupyterLab debugs in JupyterLab itself; LATHE_PYTHON is a Python that has it.
func TestJupyterLab(t *testing.T) {
	if os.Getenv("LATHE_PYTHON") == "" {
		t.Fatal("LATHE_PYTHON does not name the Python that ./test.sh makes")
	}
	scenario(t, "lab", program(t))
}

// program is the binary that LATHE names, or one built here.
func program(t *testing.T) (env string) {
	lathe := os.Getenv("LATHE")
	if lathe == "" {
		lathe = t.TempDir() + "/lathe"
		build := exec.Command("go", "build", "-o", lathe, "github.com/lathe-ml/lathe/cmd/lathe")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build lathe: %v\n%s", err, out)
		}
	}
	return "LATHE_E2E_LATHE=" + lathe
}

// scenario runs NAME.mjs; it prints "ok CLAIM" or "FAIL CLAIM: why" for each of its tests.
func scenario(t *testing.T, name, env string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", name+".mjs")
	node.Env = append(os.Environ(), env)
	node.Stderr = os.Stderr
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatalf("node: %v; the browser tests need node and npm ci in web/ui", err)
	}
	passed := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		verdict, claim, _ := strings.Cut(lines.Text(), " ")
		switch verdict {
		case "ok":
			passed++
			t.Log(claim)
		case "FAIL":
			t.Error(claim)
		default:
			t.Log(lines.Text())
		}
	}
	if err := node.Wait(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if passed == 0 && !t.Failed() {
		t.Error("no test ran")
	}
}
