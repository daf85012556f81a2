package zoo

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Index lists the models of a store.
type Index struct {
	Format int     `json:"format"` // 1
	Models []Entry `json:"models"`
}

// Entry is one model of an index.
type Entry struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Task        string `json:"task"` // one of Tasks
	Description string `json:"description,omitempty"`
	Licence     string `json:"licence"`
	Source      string `json:"source,omitempty"`
	// Files are what has to be fetched, by their role: "model" (.onnx, .prototxt, .pt), "weights" (.caffemodel), those
	// that the task names.
	Files map[string]File `json:"files"`
	// Input says how an image or a recording becomes the input of the model.
	Input Input `json:"input"`
	// Labels name the classes in the order of the outputs; those of a file with the role "labels" count where
	// there is one, a line each.
	Labels []string `json:"labels,omitempty"`
	// Threshold is the least probability that counts; 0 is the default of the task.
	Threshold float64 `json:"threshold,omitempty"`
}

// File is a part of a model.
type File struct {
	URL    string `json:"url"` // relative to the index, or whole
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Input describes how photos and recordings are prepared.
type Input struct {
	Width  int       `json:"width,omitempty"` // pixels
	Height int       `json:"height,omitempty"`
	Crop   bool      `json:"crop,omitempty"`  // the centre of a photo is taken in the proportions of the input, otherwise all of it
	Gray   bool      `json:"gray,omitempty"`  // brightness alone
	BGR    bool      `json:"bgr,omitempty"`   // blue first
	Scale  float64   `json:"scale,omitempty"` // of bytes, before Mean and Std; 0 means 1/255
	Mean   []float64 `json:"mean,omitempty"`  // of each channel
	Std    []float64 `json:"std,omitempty"`
	Rate   int       `json:"rate,omitempty"` // samples a second

	Tokens  int    `json:"tokens,omitempty"`  // of a text, at most; 512 by default
	Pooling string `json:"pooling,omitempty"` // of tokens to a text: mean (the default) or first
}

// ParseIndex reads and checks index.json.
func ParseIndex(text []byte) (*Index, error) {
	var x Index
	if err := json.Unmarshal(text, &x); err != nil {
		return nil, fmt.Errorf("zoo: the index is not JSON of its kind: %w", err)
	}
	if x.Format != 1 {
		return nil, fmt.Errorf("zoo: the index has format %d; this version reads 1", x.Format)
	}
	seen := map[string]bool{}
	for i := range x.Models {
		e := &x.Models[i]
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("zoo: entry %d (%q): %w", i, e.Name, err)
		}
		if seen[e.Name] {
			return nil, fmt.Errorf("zoo: the index has two entries %q", e.Name)
		}
		seen[e.Name] = true
	}
	return &x, nil
}

func (e *Entry) check() error {
	switch {
	case e.Name == "" || strings.ContainsAny(e.Name, "/\\ \n"):
		return fmt.Errorf("name %q; want one without spaces and slashes", e.Name)
	case Tasks[e.Task] == nil:
		return fmt.Errorf("task %q is unknown; known: %s", e.Task, strings.Join(slices.Sorted(maps.Keys(Tasks)), ", "))
	case len(e.Files) == 0:
		return fmt.Errorf("it has no files")
	}
	for role, f := range e.Files {
		if raw, err := hex.DecodeString(f.SHA256); err != nil || len(raw) != 32 {
			return fmt.Errorf("file %s: sha256 is %q; want 64 hexadecimal digits", role, f.SHA256)
		}
		if f.URL == "" || f.Size < 0 {
			return fmt.Errorf("file %s: url %q, size %d; want both", role, f.URL, f.Size)
		}
		if name := path.Base(f.URL); name == "." || name == "/" || name == ".." {
			return fmt.Errorf("file %s: url %q names no file", role, f.URL)
		}
	}
	for _, list := range [][]float64{e.Input.Mean, e.Input.Std} {
		if n := len(list); n != 0 && n != 1 && n != 3 {
			return fmt.Errorf("input: %d numbers for mean or std; want one, or three", n)
		}
	}
	if slices.Contains(e.Input.Std, 0) || e.Input.Width < 0 || e.Input.Height < 0 || e.Input.Rate < 0 {
		return fmt.Errorf("input: %+v; want std without 0 and extents ≥ 0", e.Input)
	}
	return nil
}

// Find returns the entry of a name.
func (x *Index) Find(name string) (*Entry, error) {
	var names []string
	for i := range x.Models {
		if x.Models[i].Name == name {
			return &x.Models[i], nil
		}
		names = append(names, x.Models[i].Name)
	}
	return nil, fmt.Errorf("zoo: no model %q; the index has %s", name, strings.Join(names, ", "))
}

// Size is the sum of the sizes of the files.
func (e *Entry) Size() int64 {
	n := int64(0)
	for _, f := range e.Files {
		n += f.Size
	}
	return n
}
