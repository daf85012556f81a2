package tensorboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
)

// fields lists the fields of a message by their path, such as 5.1.2, as numbers or bytes.
func fields(t *testing.T, b []byte, path string, deep map[string]bool, out map[string]any) {
	t.Helper()
	for len(b) > 0 {
		n, kind, used := protowire.ConsumeTag(b)
		if used < 0 {
			t.Fatalf("%s: %v", path, protowire.ParseError(used))
		}
		b = b[used:]
		at := strings.TrimPrefix(path+"."+string(rune('0'+n)), ".")
		switch kind {
		case protowire.VarintType:
			v, k := protowire.ConsumeVarint(b)
			out[at], b = v, b[k:]
		case protowire.Fixed64Type:
			v, k := protowire.ConsumeFixed64(b)
			out[at], b = math.Float64frombits(v), b[k:]
		case protowire.Fixed32Type:
			v, k := protowire.ConsumeFixed32(b)
			out[at], b = math.Float32frombits(v), b[k:]
		case protowire.BytesType:
			v, k := protowire.ConsumeBytes(b)
			if out[at], b = v, b[k:]; deep[at] {
				fields(t, v, at, deep, out)
			}
		}
	}
}

func TestEventsAreRecordsOfTheFormat(t *testing.T) {
	dir := t.TempDir()
	w, err := NewWriter(filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		w.Scalar("loss", 7, 0.5), w.Histogram("w", 8, eager.New([]float32{-1, 0, 0, 2})),
		w.Image("picture", 9, eager.Ones(3, 2, 4)), w.Text("note", 10, "# words"), w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "run", "events.out.tfevents.*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v %v", files, err)
	}
	r, err := data.OpenTFRecord(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var events []map[string]any
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		e := map[string]any{}
		fields(t, b, "", map[string]bool{"5": true, "5.1": true, "5.1.4": true, "5.1.5": true, "5.1.8": true, "5.1.9": true, "5.1.9.1": true}, e)
		events = append(events, e)
	}
	if len(events) != 5 || string(events[0]["3"].([]byte)) != "brain.Event:2" {
		t.Fatalf("events %v", events)
	}
	for i, want := range []map[string]any{
		{"2": uint64(7), "5.1.1": "loss", "5.1.2": float32(0.5)},
		{"2": uint64(8), "5.1.1": "w", "5.1.5.1": -1.0, "5.1.5.2": 2.0, "5.1.5.3": 4.0, "5.1.5.4": 1.0, "5.1.5.5": 5.0},
		{"2": uint64(9), "5.1.1": "picture", "5.1.4.1": uint64(2), "5.1.4.2": uint64(4)},
		{"2": uint64(10), "5.1.1": "note", "5.1.8.8": "# words", "5.1.9.1.1": "text"},
	} {
		for k, v := range want {
			got := events[i+1][k]
			if b, ok := got.([]byte); ok {
				got = string(b)
			}
			if got != v {
				t.Errorf("event %d, field %s: %v, want %v", i+1, k, got, v)
			}
		}
	}
	counts := events[2]["5.1.5.7"].([]byte)
	if n := math.Float64frombits(uint64(counts[80]) | uint64(counts[86])<<48 | uint64(counts[87])<<56); len(counts) != 240 || n != 2 {
		t.Errorf("bucket 10, which holds the zeros, counts %g of %d bytes; want 2 of 240", n, len(counts))
	}
}

func TestWhatCannotBeShownIsAnError(t *testing.T) {
	w, err := NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Image("x", 0, eager.Ones(2, 3, 4)); err == nil || !strings.Contains(err.Error(), "want shape [height width]") {
		t.Errorf("an image of two channels: %v", err)
	}
	if err := w.Histogram("x", 0, eager.New([]float32{float32(math.NaN())})); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("a histogram of NaN: %v", err)
	}
	if _, err := Start(t.TempDir(), Options{Python: "/bin/false"}); err == nil || !strings.Contains(err.Error(), "pip install tensorboard") {
		t.Errorf("without TensorBoard: %v", err)
	}
}

func TestFollowReadsNumbersAsTheyAreWritten(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan string, 100)
	done := make(chan error, 1)
	go func() {
		done <- Follow(ctx, dir, func(tag string, step int, v float64) { seen <- fmt.Sprint(tag, step, " ", v) })
	}()
	w, err := NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Text("note", 0, "x"), w.Scalar("a", 1, 0.5)); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got != "a1 0.5" {
		t.Errorf("first number %q", got)
	}
	if err := errors.Join(w.Scalar("b", 2, -1), w.Close()); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got != "b2 -1" {
		t.Errorf("second number %q", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.tfevents"), []byte("this is no event file"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Follow(ctx, dir, func(string, int, float64) {}); err == nil || !strings.Contains(err.Error(), "no event file at byte 0") {
		t.Errorf("a file of other content: %v", err)
	}
}
