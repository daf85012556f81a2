package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/wire"
)

func ExampleInstall() {
	dir, err := os.MkdirTemp("", "env")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	spec, err := Install(InstallOptions{Command: []string{"/usr/local/bin/lathe"}, Prefix: dir})
	fmt.Println(strings.TrimPrefix(filepath.ToSlash(spec), filepath.ToSlash(dir)), err)
	// Output: /share/jupyter/kernels/lathe <nil>
}

func message(t *testing.T) *wire.Message {
	t.Helper()
	parent := wire.Header{ID: "p", Type: "execute_request"}
	m, err := wire.New(wire.Shell, "execute_reply", &parent, map[string]string{"status": "ok"})
	if err != nil {
		t.Fatal(err)
	}
	m.Buffers = [][]byte{[]byte("tensor")}
	return m
}

func TestMessagesSurviveSealing(t *testing.T) {
	for _, key := range []string{"", "secret"} {
		for _, scheme := range []string{"hmac-sha256", "hmac-sha512"} {
			s, err := newSigner(scheme, key)
			if err != nil {
				t.Fatal(err)
			}
			m := message(t)
			parts, err := s.seal(m)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.open(wire.Shell, append([][]byte{[]byte("route")}, parts...))
			if err != nil {
				t.Fatal(err)
			}
			if got.Header != m.Header || *got.Parent != *m.Parent || string(got.Content) != string(m.Content) ||
				string(got.Buffers[0]) != "tensor" || string(got.Route[0]) != "route" {
				t.Errorf("%s with key %q: got %+v", scheme, key, got)
			}
		}
	}
}

func TestForgedAndReplayedMessagesAreRefused(t *testing.T) {
	s, err := newSigner("hmac-sha256", "secret")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.seal(message(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < 6; i++ {
		forged := append([][]byte{}, parts...)
		forged[i] = append([]byte{' '}, forged[i]...)
		if _, err := s.open(wire.Shell, forged); !errors.Is(err, errSignature) {
			t.Errorf("part %d changed: %v", i, err)
		}
	}
	if _, err := s.open(wire.Shell, parts); err != nil {
		t.Error(err)
	}
	if _, err := s.open(wire.Shell, parts); !errors.Is(err, errReplayed) {
		t.Errorf("the second time: %v", err)
	}
	for i := range 2 * remembered {
		s.remember(fmt.Sprint(i))
	}
	if len(s.seen) > remembered || len(s.old) != len(s.seen) {
		t.Errorf("%d signatures are kept, %d in order", len(s.seen), len(s.old))
	}
}

func TestBadConnectionFilesSayWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		name := filepath.Join(dir, "c.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for text, want := range map[string]string{
		"{":                                      "unexpected end",
		"{}":                                     "port 0",
		`{"shell_port": 70000}`:                  "port 70000",
		`{"signature_scheme": "md5"}`:            `scheme "md5"`,
		`{"transport": "udp", "shell_port": 10}`: `transport "udp"`,
	} {
		if _, err := Open(write(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q in it", text, err, want)
		}
	}
	if _, err := Open(filepath.Join(dir, "none.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestAClosedLinkEndsItsReader(t *testing.T) {
	l, err := Bind(Connection{
		Transport: "ipc", IP: filepath.Join(t.TempDir(), "k"),
		Shell: 1, Control: 2, IOPub: 3, Stdin: 4, Heartbeat: 5, Key: "k",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Write(message(t)); err == nil {
		t.Error("a reply without a route was taken")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("Read after Close: %v", err)
	}
}

func TestKernelspecStartsTheProgram(t *testing.T) {
	dir, err := Install(InstallOptions{Command: []string{"/bin/lathe"}, Prefix: t.TempDir(), MemoryLimit: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec kernelSpec
	if err := json.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(spec.Argv, " "); got != "/bin/lathe kernel --connection {connection_file} --memory 1073741824" ||
		spec.Language != "go" || spec.InterruptMode != "message" {
		t.Errorf("kernelspec %+v", spec)
	}
	if _, err := Install(InstallOptions{Name: "../x", Prefix: t.TempDir()}); err == nil {
		t.Error("a name that leaves the directory was taken")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("{}", `{"msg_type":"x"}`, "{}", "{}")
	f.Fuzz(func(t *testing.T, parent, header, metadata, content string) {
		s, err := newSigner("", "k")
		if err != nil {
			t.Fatal(err)
		}
		body := [][]byte{[]byte(header), []byte(parent), []byte(metadata), []byte(content)}
		m, err := s.open(wire.Shell, append([][]byte{delimiter, s.signature(body)}, body...))
		if err == nil && (m.Header.Type == "" || !json.Valid(m.Content)) {
			t.Errorf("accepted %+v", m)
		}
	})
}
