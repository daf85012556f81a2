package zoo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const recorded = "../../internal/conform/testdata/models/"

// shelf is a store in a folder with the models that are at hand.
func shelf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	entries := []struct {
		e     Entry
		files map[string]string
	}{
		{
			Entry{Name: "silero-vad", Version: "6.2.3", Task: "voice-activity", Licence: "MIT", Input: Input{Rate: 16000}},
			map[string]string{"model": recorded + "onnx/silero_vad.onnx.zst"},
		},
		{
			Entry{Name: "mtcnn", Version: "1", Task: "face-detection", Licence: "MIT"},
			map[string]string{
				"pnet": recorded + "torch/mtcnn_pnet.pt.zst", "rnet": recorded + "torch/mtcnn_rnet.pt.zst",
				"onet": recorded + "torch/mtcnn_onet.pt.zst",
			},
		},
		{
			Entry{
				Name: "qr", Version: "1", Task: "object-detection", Licence: "Apache-2.0", Labels: []string{"background", "code"},
				Input: Input{Width: 200, Height: 200, Gray: true},
			},
			map[string]string{
				"model": recorded + "caffe/wechat_detect.prototxt.zst", "weights": recorded + "caffe/wechat_detect.caffemodel.zst",
			},
		},
	}
	for _, x := range entries {
		if err := Add(dir, x.e, x.files); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestModelsOfAFolderRunOnPhotosAndRecordings(t *testing.T) {
	ctx, o := context.Background(), Options{Cache: t.TempDir()}
	s, err := Open(ctx, shelf(t), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file, label string
		box               [4]float64
	}{
		{"mtcnn", "testdata/astronaut.jpg", "face", [4]float64{52, 29, 140, 143}},
		{"qr", "testdata/qr.png", "code", [4]float64{52, 50, 201, 198}},
	} {
		m, err := s.Get(ctx, c.name, o)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Run(c.file)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Items) != 1 || r.Items[0].Label != c.label || r.Items[0].Score < 0.9 {
			t.Fatalf("%s found %+v, want one %s", c.name, r.Items, c.label)
		}
		for i, v := range r.Items[0].Box {
			if d := v - c.box[i]; d < -6 || d > 6 {
				t.Errorf("%s: box %v, want about %v", c.name, *r.Items[0].Box, c.box)
				break
			}
		}
	}
	m, err := s.Get(ctx, "silero-vad", o)
	if err != nil {
		t.Fatal(err)
	}
	wav, err := unpacked(copied(t, recorded+"audio/sense_and_sensibility_01_austen_64kb-0880.wav.zst"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.Run(wav)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Items) != 1 || r.Items[0].From > 0.5 || r.Items[0].To < 2.5 || !strings.Contains(r.String(), "speech") {
		t.Errorf("found %v, want speech from 0.3 s to 2.8 s", r)
	}
}

func copied(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// flaky serves a folder and breaks connections after some bytes, as often as it is told.
type flaky struct {
	http.Handler
	breaks, asked, ranges atomic.Int64
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, ".json") {
		f.Handler.ServeHTTP(w, r)
		return
	}
	f.asked.Add(1)
	w.Header().Set("ETag", `"one"`)
	if r.Header.Get("Range") != "" {
		f.ranges.Add(1)
	}
	if f.breaks.Add(-1) >= 0 {
		w = &cut20{ResponseWriter: w}
	}
	f.Handler.ServeHTTP(w, r)
}

// cut20 ends the connection after 20 kB.
type cut20 struct {
	http.ResponseWriter
	n int
}

func (c *cut20) Write(b []byte) (int, error) {
	if c.n += len(b); c.n > 20000 {
		c.ResponseWriter.Write(b[:len(b)/2])
		http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return c.ResponseWriter.Write(b)
}

func TestDownloadsGoOnWhereTheyBrokeAndAreKept(t *testing.T) {
	f := &flaky{Handler: http.FileServer(http.Dir(shelf(t)))}
	f.breaks.Store(3)
	server := httptest.NewServer(f)
	defer server.Close()
	ctx := context.Background()
	most := int64(0)
	o := Options{Cache: t.TempDir(), Progress: func(_ string, done, total int64) { most = max(most, done-total) }}
	s, err := Open(ctx, server.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(ctx, "silero-vad", o); err != nil {
		t.Fatal(err)
	}
	if f.ranges.Load() == 0 || most != 0 {
		t.Errorf("%d requests for the rest of a file, progress ended %d bytes beyond the end", f.ranges.Load(), most)
	}
	asked := f.asked.Load()
	if _, err := s.Get(ctx, "silero-vad", o); err != nil || f.asked.Load() != asked {
		t.Errorf("what is in the cache was asked for again (%v)", err)
	}
	server.Close() // nobody answers any more
	again, err := Open(ctx, server.URL, o)
	if err != nil || again.Stale() == nil {
		t.Fatalf("without the server: %v, stale: %v", err, again)
	}
	if _, err := again.Get(ctx, "silero-vad", o); err != nil {
		t.Errorf("without the server: %v", err)
	}
}

func TestDamagedStoresAreErrors(t *testing.T) {
	sum := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	entry := func(url, hash string, size int) string {
		return fmt.Sprintf(`{"name":"m","version":"1","task":"voice-activity","licence":"MIT","files":{"model":`+
			`{"url":%q,"sha256":%q,"size":%d}}}`, url, hash, size)
	}
	text := "not a model"
	for want, models := range map[string]string{
		"its sha256 is":                     entry("a.onnx", sum("other"), len(text)),
		"404":                               entry("missing.onnx", sum(text), len(text)),
		"want 64 hexadecimal digits":        entry("a.onnx", "12", len(text)),
		"not an ONNX model":                 entry("a.onnx", sum(text), len(text)),
		"more than the 5 bytes":             entry("a.onnx", sum(text), 5),
		"11 of 50 bytes came":               entry("a.onnx", sum(text), 50),
		"want http or https":                entry("file:///etc/passwd", sum(text), len(text)),
		`no model "m"; the index has n`:     strings.Replace(entry("a.onnx", sum(text), 11), `"m"`, `"n"`, 1),
		`task "telepathy" is unknown`:       strings.Replace(entry("a.onnx", sum(text), 11), "voice-activity", "telepathy", 1),
		"two entries":                       entry("a.onnx", sum(text), 11) + "," + entry("a.onnx", sum(text), 11),
		"the index is not JSON of its kind": "{",
	} {
		files := map[string]string{"/index.json": `{"format":1,"models":[` + models + `]}`, "/a.onnx": text}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if files[r.URL.Path] == "" {
				http.NotFound(w, r)
				return
			}
			http.ServeContent(w, r, r.URL.Path, time.Time{}, bytes.NewReader([]byte(files[r.URL.Path])))
		}))
		o := Options{Cache: t.TempDir()}
		s, err := Open(context.Background(), server.URL, o)
		if err == nil {
			_, err = s.Get(context.Background(), "m", o)
		}
		server.Close()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
		left, _ := filepath.Glob(filepath.Join(o.Cache, "files", "*", "a.onnx"))
		if len(left) > 0 && want != "not an ONNX model" {
			t.Errorf("%s: a file is in the cache: %v", want, left)
		}
	}
}

func TestNothingOutsideAFolderIsRead(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "secret.onnx")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	store := filepath.Join(dir, "store")
	if err := os.Mkdir(store, 0o755); err != nil {
		t.Fatal(err)
	}
	index := fmt.Sprintf(`{"format":1,"models":[{"name":"m","version":"1","task":"voice-activity","licence":"MIT","files":{"model":`+
		`{"url":"../secret.onnx","sha256":"%x","size":1}}}]}`, sha256.Sum256([]byte("x")))
	if err := os.WriteFile(filepath.Join(store, "index.json"), []byte(index), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Cache: t.TempDir()}
	s, err := Open(context.Background(), store, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(context.Background(), "m", o); err == nil || !strings.Contains(err.Error(), "escapes") {
		t.Errorf("error %v, want one about a path that escapes", err)
	}
}
