//go:build full

package tensorboard

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"
)

// TestTensorBoardReadsWhatIsWritten asks a real TensorBoard for the numbers.
func TestTensorBoardReadsWhatIsWritten(t *testing.T) {
	dir := t.TempDir()
	w, err := NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	for step := range 3 {
		if err := w.Scalar("loss", step, 1/float64(step+1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := Start(dir, Options{Python: os.Getenv("LATHE_PYTHON")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Stop(); err != nil {
			t.Error(err)
		}
		if _, err := http.Get(b.URL); err == nil {
			t.Error("it answers after Stop")
		}
	}()
	var points [][3]float64 // wall time, step, value
	for deadline := time.Now().Add(time.Minute); len(points) != 3; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("points %v", points)
		}
		r, err := http.Get(b.URL + "data/plugin/scalars/scalars?run=.&tag=loss")
		if err != nil {
			t.Fatal(err)
		}
		_ = json.NewDecoder(r.Body).Decode(&points) // until it has read the file it answers with an error page
		r.Body.Close()
	}
	if points[2][1] != 2 || points[1][2] != 0.5 {
		t.Errorf("points %v", points)
	}
}
