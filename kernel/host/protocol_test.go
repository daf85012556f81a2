package host_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/kernel/host"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// ask sends a request and returns the first message of the wanted type that answers it.
func ask(t *testing.T, k *host.Kernel, channel, msgType, want string, content any) *wire.Message {
	t.Helper()
	m, err := wire.New(channel, msgType, nil, content)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Send(m); err != nil {
		t.Fatal(err)
	}
	for {
		select {
		case r := <-k.Messages():
			if r.Parent != nil && r.Parent.ID == m.Header.ID && r.Header.Type == want {
				return r
			}
		case <-time.After(time.Minute):
			t.Fatalf("no %s for %s", want, msgType)
		}
	}
}

func TestEveryExecutionHasItsMessagesInOrder(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	var order []string
	_, err := k.Execute(context.Background(), "fmt.Println(1)\n1", "c", func(m *wire.Message) {
		s := m.Header.Type
		var st wire.Status
		if s == "status" && m.DecodeContent(&st) == nil {
			s = st.State
		}
		order = append(order, s)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "busy execute_input stream execute_result execute_reply idle"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPrintsArriveCompleteAndBeforeIdle(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	got := strings.ReplaceAll(run(t, k, `for i := range 20000 { fmt.Println("line", i) }`), "stdout: ", "")
	if lines := strings.Count(got, "\n"); lines != 20000 || !strings.HasSuffix(got, "line 19999\n") {
		t.Errorf("%d lines, end %q", lines, got[max(0, len(got)-40):])
	}
	got = run(t, k, `for i := range 3 { fmt.Print(i); println(i) }`)
	if strings.Count(got, "stdout") == 0 || strings.Count(got, "stderr") == 0 {
		t.Errorf("got %q", got)
	}
	got = run(t, k, "printed := make(chan bool)\nlate := make(chan bool)\n"+
		`go func() { <-late; fmt.Println("late"); close(printed) }()`) + run(t, k, "close(late)\n_ = <-printed")
	if got != "stdout: late\n" {
		t.Errorf("from a goroutine: %q", got)
	}
}

func TestInputIsAskedFor(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	for _, code := range []string{
		"var a string\nvar b int\nfmt.Scan(&a, &b)\nfmt.Print(a, b)",
		"r := bufio.NewReader(os.Stdin)\nline, err := r.ReadString('\\n')\nfmt.Print(line, err)",
		"sc := bufio.NewScanner(os.Stdin)\nsc.Scan()\nfmt.Print(sc.Text())",
	} {
		m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Send(m); err != nil {
			t.Fatal(err)
		}
		got := ""
		for r := range k.Messages() {
			if r.Header.Type == "input_request" {
				in, err := wire.New(wire.Stdin, "input_reply", &r.Header, wire.InputReply{Value: "word 42"})
				if err != nil {
					t.Fatal(err)
				}
				if err := k.Send(in); err != nil {
					t.Fatal(err)
				}
			}
			got += transcript(t, r)
			if r.Header.Type == "execute_reply" {
				break
			}
		}
		if !strings.Contains(got, "word") || !strings.Contains(got, "42") {
			t.Errorf("%q: got %q", code, got)
		}
	}
	got := run(t, k, "var s string\nfmt.Scan(&s)")
	if !strings.Contains(got, "does not take input") {
		t.Errorf("without stdin: %q", got)
	}
}

func TestInputCanBeInterrupted(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: "var s string\nfmt.Scan(&s)"})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Send(m); err != nil {
		t.Fatal(err)
	}
	for r := range k.Messages() {
		if r.Header.Type == "input_request" {
			if err := k.Interrupt(); err != nil {
				t.Fatal(err)
			}
		}
		if r.Header.Type == "execute_reply" {
			break
		}
	}
	if got := run(t, k, "1 + 1"); got != "result: 2\n" {
		t.Errorf("got %q", got)
	}
}

func TestErrorAbortsTheQueue(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	var ids []string
	for _, code := range []string{"time.Sleep(100 * time.Millisecond)\npanic(1)", "2", "3"} {
		m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Send(m); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.Header.ID)
	}
	got := map[string]string{}
	for r := range k.Messages() {
		var reply wire.ExecuteReply
		if r.Header.Type == "execute_reply" && r.DecodeContent(&reply) == nil {
			got[r.Parent.ID] = reply.Status
		}
		if len(got) == len(ids) {
			break
		}
	}
	for i, want := range []string{"error", "aborted", "aborted"} {
		if got[ids[i]] != want {
			t.Errorf("request %d: %s, want %s", i, got[ids[i]], want)
		}
	}
	if out := run(t, k, "4"); out != "result: 4\n" {
		t.Errorf("after: %q", out)
	}
}

func TestSilentAndUserExpressions(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	r := ask(t, k, wire.Shell, "execute_request", "execute_reply", wire.ExecuteRequest{
		Code: "x := 2", Silent: true, UserExpressions: map[string]string{"a": "x * 3", "b": "nope"},
	})
	var reply wire.ExecuteReply
	if err := r.DecodeContent(&reply); err != nil {
		t.Fatal(err)
	}
	a, _ := reply.UserExpressions["a"].(map[string]any)
	b, _ := reply.UserExpressions["b"].(map[string]any)
	if reply.ExecutionCount != 0 || a["status"] != "ok" || b["status"] != "error" {
		t.Errorf("reply %+v", reply)
	}
	if data, _ := a["data"].(map[string]any); data["text/plain"] != "6" {
		t.Errorf("a is %v", a)
	}
}

func TestCompletionWorksBesideARunningCell(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	run(t, k, "type Point struct{ X, y int }\nfunc (p Point) Norm() float64 { return 0 }\nvalue := Point{}")
	busy, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: "for { }"})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Send(busy); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{
		"fmt.Printl": "Println", "val": "value", "value.": "Norm X y", "x := value.N": "Norm",
		"func f(arg int) { ar": "arg", "strings.NewRep": "NewReplacer", "import \"math\"\nmath.Sqr": "Sqrt",
		"for index := range 3 { in": "index", "é := 1; fmt.Println(value.No": "Norm",
	} {
		r := ask(t, k, wire.Shell, "complete_request", "complete_reply", wire.CompleteRequest{
			Code: code, CursorPos: len([]rune(code)),
		})
		var reply wire.CompleteReply
		if err := r.DecodeContent(&reply); err != nil {
			t.Fatal(err)
		}
		for w := range strings.FieldsSeq(want) {
			found := false
			for _, m := range reply.Matches {
				found = found || m == w
			}
			if !found {
				t.Errorf("%q: %v lack %s", code, reply.Matches, w)
			}
		}
	}
	r := ask(t, k, wire.Shell, "inspect_request", "inspect_reply", wire.InspectRequest{Code: "value.Norm()", CursorPos: 8})
	if !strings.Contains(string(r.Content), "Norm() float64") {
		t.Errorf("inspect: %s", r.Content)
	}
	const open = `ü := strings.Repeat("ä", `
	r = ask(t, k, wire.Shell, "inspect_request", "inspect_reply", wire.InspectRequest{Code: open, CursorPos: len([]rune(open))})
	for _, want := range []string{`"found":true`, "func strings.Repeat(s string, count int) string", "argument 2 of 2: count int", "copies of the string s"} {
		if !strings.Contains(string(r.Content), want) {
			t.Errorf("inspect inside a call: %s lacks %s", r.Content, want)
		}
	}
	if err := k.Interrupt(); err != nil {
		t.Fatal(err)
	}
}

func TestIsCompleteAndHistory(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	for code, want := range map[string]string{
		"x := 1": "complete", "for i := range 3 {": "incomplete", "f(1,": "incomplete", "x := )": "invalid",
		"func f() {\n\treturn\n}": "complete", "s := `a": "incomplete",
	} {
		r := ask(t, k, wire.Shell, "is_complete_request", "is_complete_reply", wire.IsCompleteRequest{Code: code})
		if !strings.Contains(string(r.Content), `"status":"`+want+`"`) {
			t.Errorf("%q: %s, want %s", code, r.Content, want)
		}
	}
	run(t, k, "a := 1")
	run(t, k, "b := 2")
	for _, req := range []wire.HistoryRequest{
		{Access: "tail", N: 1}, {Access: "range", Start: 2, Stop: 3}, {Access: "search", Pattern: "b*", N: 5},
	} {
		r := ask(t, k, wire.Shell, "history_request", "history_reply", req)
		if !strings.Contains(string(r.Content), `"history":[[1,2,"b := 2"]]`) {
			t.Errorf("%+v: %s", req, r.Content)
		}
	}
}

func TestLeftBehindGoroutineDoesNotWriteLater(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	go func() {
		time.Sleep(100 * time.Millisecond)
		if err := k.Interrupt(); err != nil {
			t.Error(err)
		}
	}()
	run(t, k, "time.Sleep(1500 * time.Millisecond)\nfmt.Println(\"too late\")")
	if got := run(t, k, "time.Sleep(1800 * time.Millisecond)\nfmt.Println(\"mine\")"); got != "stdout: mine\n" {
		t.Errorf("got %q", got)
	}
}

// A page opens its comms whenever it likes.
func TestCommsTakeNoOutputFromCells(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			m, err := wire.New(wire.Control, "comm_open", nil, map[string]any{"comm_id": fmt.Sprint(i), "target_name": "nobody"})
			if err == nil {
				err = k.Send(m)
			}
			if err != nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	for i := range 60 {
		want := fmt.Sprintf("stdout: %d\n", i)
		if got := run(t, k, fmt.Sprintf("fmt.Println(%d)", i)); got != want {
			t.Errorf("cell %d: %q, want %q", i, got, want)
			break
		}
	}
	close(done)
	<-stopped
}
