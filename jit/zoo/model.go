package zoo

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/lathe-ml/lathe/data/vision"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// Model is a model whose files are here. It may be used by one goroutine at a time.
type Model struct {
	Entry Entry
	Files map[string]string // paths by role
	run   func(path string) (*Result, error)
}

// Result is what a model found in one photo, recording or file of texts.
type Result struct {
	Path  string `json:"path"`
	Items []Item `json:"items"` // best first; of recordings: in time; of texts: a line each
}

// Item is one finding.
type Item struct {
	Label string       `json:"label,omitempty"`
	Score float64      `json:"score"`           // probability
	Box   *[4]float64  `json:"box,omitempty"`   // left, top, right, bottom in pixels
	Marks [][2]float64 `json:"marks,omitempty"` // points in pixels
	From  float64      `json:"from,omitempty"`  // seconds
	To    float64      `json:"to,omitempty"`

	Vector []float64 `json:"vector,omitempty"` // of a text; Score is its cosine with that of the first one
}

// Tasks are the kinds of models that can be run, by the name in the index.
var Tasks = map[string]func(m *Model) (func(path string) (*Result, error), error){}

func init() {
	Tasks["image-classification"] = classifier
	Tasks["object-detection"] = detector
	Tasks["face-detection"] = faces
	Tasks["text-orientation"] = classifier
	Tasks["voice-activity"] = voices
	Tasks["text-embedding"] = embeddings
}

// Run prepares the photo or recording, runs the model and reads its outputs.
func (m *Model) Run(path string) (r *Result, err error) {
	caught := engine.Catch(func() { eager.NoGrad(func() { r, err = m.run(path) }) })
	if caught != nil {
		err = caught
	}
	if err != nil {
		return nil, fmt.Errorf("zoo: %s on %s: %w", m.Entry.Name, path, err)
	}
	r.Path = path
	return r, nil
}

// open makes a model of files.
func open(e *Entry, files map[string]string) (*Model, error) {
	m := &Model{Entry: *e, Files: files}
	for role, path := range files {
		plain, err := unpacked(path)
		if err != nil {
			return nil, fmt.Errorf("zoo: %s: file %s: %w", e.Name, role, err)
		}
		files[role] = plain
	}
	if path, ok := files["labels"]; ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("zoo: %s: %w", e.Name, err)
		}
		m.Entry.Labels = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	caught := engine.Catch(func() {
		var err error
		if m.run, err = Tasks[e.Task](m); err != nil {
			engine.Fail("zoo", "%s: %v", e.Name, err)
		}
	})
	if caught != nil {
		return nil, caught
	}
	return m, nil
}

// maxPlain bounds what is unpacked, in bytes.
const maxPlain = 8 << 30

// unpacked returns the file, or for NAME.zst the plain file beside it.
func unpacked(path string) (string, error) {
	plain, packed := strings.CutSuffix(path, ".zst")
	if !packed {
		return path, nil
	}
	if _, err := os.Stat(plain); err == nil {
		return plain, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	d, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return "", err
	}
	defer d.Close()
	return plain, atomicfile.Write(plain, func(w io.Writer) error {
		n, err := io.Copy(w, io.LimitReader(d, maxPlain+1))
		if err == nil && n > maxPlain {
			err = fmt.Errorf("%s holds more than %d bytes", filepath.Base(path), int64(maxPlain))
		}
		return err
	})
}

// file returns the path of a role that the task needs.
func (m *Model) file(role string) (string, error) {
	if p := m.Files[role]; p != "" {
		return p, nil
	}
	return "", fmt.Errorf("task %s needs a file %q", m.Entry.Task, role)
}

func (m *Model) label(i int) string {
	if i >= 0 && i < len(m.Entry.Labels) {
		return m.Entry.Labels[i]
	}
	return fmt.Sprint("class ", i)
}

// threshold is the least probability that counts.
func (m *Model) threshold(def float64) float64 {
	if m.Entry.Threshold > 0 {
		return m.Entry.Threshold
	}
	return def
}

// Prepared reads a photo as the input of a model: F32 [1 channels height width].
func (in Input) Prepared(path string) (*eager.Tensor, error) {
	mode := vision.RGB
	if in.Gray {
		mode = vision.Gray
	}
	// A photo that is more than twice as large is decoded at a fraction of its size, which is faster.
	x, err := vision.Read(path, vision.ReadOptions{Mode: mode, AtLeast: 2 * max(in.Width, in.Height)})
	if err != nil {
		return nil, err
	}
	return in.pixels(x), nil
}

// pixels makes bytes [channels height width] the input of a model.
func (in Input) pixels(x *eager.Tensor) *eager.Tensor {
	h, w := x.Size(1), x.Size(2)
	if in.Crop && in.Width > 0 && in.Height > 0 {
		side := min(float64(w)/float64(in.Width), float64(h)/float64(in.Height))
		x = vision.CenterCrop{H: int(side * float64(in.Height)), W: int(side * float64(in.Width))}.Apply(x, nil)
	}
	if in.Width > 0 && in.Height > 0 {
		x = vision.Resize{H: in.Height, W: in.Width}.Apply(x, nil)
	}
	scale := in.Scale
	if scale == 0 {
		scale = 1.0 / 255
	}
	x = x.To(engine.F32).Mul(scale)
	if in.BGR {
		x = x.Flip(0)
	}
	if len(in.Mean) > 0 || len(in.Std) > 0 {
		x = x.Sub(perChannel(in.Mean, 0)).Div(perChannel(in.Std, 1))
	}
	return x.Unsqueeze(0).Contiguous()
}

// perChannel is [n 1 1], or one number where the list is empty.
func perChannel(v []float64, def float64) *eager.Tensor {
	if len(v) == 0 {
		v = []float64{def}
	}
	f := make([]float32, len(v))
	for i, x := range v {
		f[i] = float32(x)
	}
	return eager.FromFloat32s(f, len(f), 1, 1)
}

// String is a line for each finding.
func (r *Result) String() string {
	if len(r.Items) == 0 {
		return r.Path + ": nothing found\n"
	}
	var b strings.Builder
	for _, i := range r.Items {
		fmt.Fprintf(&b, "%s: ", r.Path)
		if i.Label != "" {
			fmt.Fprintf(&b, "%s ", i.Label)
		}
		if i.To > i.From {
			fmt.Fprintf(&b, "%.2f s to %.2f s ", i.From, i.To)
		}
		fmt.Fprintf(&b, "%.3f", i.Score)
		if i.Box != nil {
			fmt.Fprintf(&b, " at %.0f,%.0f to %.0f,%.0f", i.Box[0], i.Box[1], i.Box[2], i.Box[3])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// JSON returns the result for programs.
func (r *Result) JSON() ([]byte, error) { return json.Marshal(r) }
