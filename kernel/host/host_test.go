package host_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/kernel/host"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// TestMain makes the test binary a kernel when it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "kernel" {
		prelude := map[string]string{}
		for _, p := range []string{"bufio", "fmt", "strings", "math", "sort", "errors", "time", "os", "sync"} {
			prelude[p] = p
		}
		display.HandleComm("echo", func(c *display.Comm, data map[string]any) {
			c.OnReceive(func(d map[string]any) {
				d["answer"] = data["first"]
				_ = c.Send(d) // it is open
			})
		})
		os.Exit(kernel.Main(os.Args[2:], kernel.Options{
			Symbols: std.Symbols, Exports: [][]byte{std.Exports}, Prelude: prelude, Version: "test",
		}, os.Stderr))
	}
	if len(os.Args) > 1 && os.Args[1] == "parent" {
		os.Exit(parent())
	}
	os.Exit(m.Run())
}

// start starts this binary as a kernel; o.Command are further flags of it.
func start(t *testing.T, o host.Options) *host.Kernel {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Command = append([]string{exe, "kernel"}, o.Command...)
	o.Stderr = os.Stderr
	k, err := host.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Kill)
	return k
}

// run executes a cell and returns a transcript of its outputs.
func run(t *testing.T, k *host.Kernel, code string) string {
	t.Helper()
	var out strings.Builder
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	_, err := k.Execute(ctx, code, "id", func(m *wire.Message) {
		out.WriteString(transcript(t, m))
	})
	if err != nil {
		fmt.Fprintf(&out, "host: %v\n", err)
	}
	return out.String()
}

func transcript(t *testing.T, m *wire.Message) string {
	t.Helper()
	var c map[string]any
	if err := json.Unmarshal(m.Content, &c); err != nil {
		t.Fatal(err)
	}
	switch m.Header.Type {
	case "stream":
		return fmt.Sprintf("%s: %s", c["name"], c["text"])
	case "execute_result":
		return fmt.Sprintf("result: %v\n", c["data"].(map[string]any)["text/plain"])
	case "display_data", "update_display_data":
		return fmt.Sprintf("%s: %v %v\n", m.Header.Type, c["data"], c["transient"])
	case "error":
		place, _ := c["lathe"].(map[string]any)
		return fmt.Sprintf("error: %s: %s (line %v of %v)\n", c["ename"], c["evalue"], place["line"], place["cell"])
	}
	return ""
}

func TestKernelExecutesCells(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	for _, c := range []struct{ code, want string }{
		{"x := 20", ""},
		{"fmt.Println(x)\nx + 1", "stdout: 20\nresult: 21\n"},
		{"x +\n  nothing", "error: compile error: cell 3 line 2: nothing is unknown (line 2 of id)\n"},
		{"var s []int\ns[x]", "error: panic: runtime error: index out of range [20] with length 0 (line 2 of id)\n"},
		{"fmt.Fprintln(os.Stderr, \"to stderr\")", "stderr: to stderr\n"},
		{"println(\"builtin\")", "stderr: builtin\n"},
		{"os.Exit(3)", "error: exit: os.Exit(3) (line 1 of id)\n"},
		{"_, err := os.Open(\"/none\")\nerr", "result: open /none: no such file or directory\n"},
		{"os.Open(\"/none\")", "error: fs.PathError: open /none: no such file or directory (line 1 of id)\n"},
		{"x;", ""},
		{"x", "result: 20\n"},
	} {
		if got := run(t, k, c.code); got != c.want {
			t.Errorf("%q\ngot  %q\nwant %q", c.code, got, c.want)
		}
	}
}

// stopped runs a cell and interrupts it; again when the interrupt came before the cell had begun.
func stopped(t *testing.T, k *host.Kernel, code string) string {
	t.Helper()
	done := make(chan struct{})
	go func() {
		for wait := 150 * time.Millisecond; ; wait = 5 * time.Second {
			select {
			case <-done:
				return
			case <-time.After(wait):
				if err := k.Interrupt(); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	defer close(done)
	return run(t, k, code)
}

func TestInterruptEndsEveryLoop(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{MemoryLimit: 3 << 30})
	if got := run(t, k, "kept := 1\nmu := sync.Mutex{}\nf := func() int { return kept }"); got != "" {
		t.Fatal(got)
	}
	for _, code := range []string{
		"for {\n}",
		"n := 0\nfor { n++ }",
		"<-make(chan int)",
		"select {}",
		"time.Sleep(time.Hour)",
		"var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()",
		"mu.Lock()\nmu.Lock()",
		"func spin() { for { } }\nfor { func() { defer func() { recover() }(); spin() }() }",
		"func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfib(60)",
		"for range 1 << 40 { }",
		"L: for { for { continue L } }",
		"x := []int{}\nfor { x = append(x[:0], 1) }",
		"var line string\nfor { func() { defer func() { recover() }(); panic(line) }() }",
		"sort.Slice(make([]int, 1<<24), func(i, j int) bool { return i < j })",
		"go func() { for { } }()\nselect {}",
	} {
		if got := stopped(t, k, code); !strings.HasPrefix(got, "error: interrupt: interrupted") {
			t.Fatalf("%q: got %q", code, got)
		}
		if got := run(t, k, "fmt.Print(kept)\nf()"); got != "stdout: 1result: 1\n" {
			t.Fatalf("after %q: got %q", code, got)
		}
	}
}

func TestMemoryLimitEndsTheKernel(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{MemoryLimit: 512 << 20})
	got := run(t, k, "x := []int{}\nfor { x = append(x, 1) }")
	if !strings.Contains(got, "memory") {
		t.Errorf("got %q", got)
	}
	k = start(t, host.Options{MemoryLimit: 512 << 20})
	got = run(t, k, "b := make([]byte, 2<<30)\nfor i := 0; i < len(b); i += 4096 { b[i] = 1 }")
	if !strings.Contains(got, "memory") {
		t.Errorf("got %q", got)
	}
}

func TestKilledKernelSaysSo(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	p, err := os.FindProcess(k.PID())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	<-k.Done()
	for range k.Messages() {
	}
	if e := k.Exit(); e.Signal != "SIGKILL" || !strings.Contains(e.Reason, "killed by the system") {
		t.Errorf("exit %+v", e)
	}
	if err := k.Send(&wire.Message{}); err == nil {
		t.Error("Send to a dead kernel works")
	}
}

func TestShutdownEndsABusyKernel(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: "for { }"})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Send(m); err != nil {
		t.Fatal(err)
	}
	if err := k.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if e := k.Exit(); e.Code != 0 || e.Reason != "the kernel was shut down" {
		t.Errorf("exit %+v", e)
	}
}

func TestGoroutinePanicLeavesTheKernel(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	if got := run(t, k, "gate := make(chan int)\ngo func() {\n\t<-gate\n\tpanic(\"boo\")\n}()"); got != "" {
		t.Fatalf("got %q", got)
	}
	got := run(t, k, "gate <- 1\ntime.Sleep(3 * time.Second)") // what is said between cells is in Messages
	if want := "stderr: goroutine: \x1b[31m\x1b[1mcell 1 line 4: panic: boo\x1b[0m\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := run(t, k, "1"); got != "result: 1\n" {
		t.Errorf("afterwards: %q", got)
	}
}

func TestRunawayRecursionIsAnError(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{MemoryLimit: 6 << 30})
	got := run(t, k, "func f(n int) int { return f(n+1) + 1 }\nf(0)")
	if !strings.Contains(got, "too deep") && !strings.Contains(got, "called itself without end") {
		t.Errorf("got %q", got)
	}
}
