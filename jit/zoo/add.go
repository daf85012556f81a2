package zoo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// Add puts a model into the store of a folder: files by role are copied to NAME/ and the entry is written to index.json,
// in place of one of the same name. A folder without an index gets one. Serve the folder by any HTTP server.
func Add(dir string, e Entry, files map[string]string) error {
	x := &Index{Format: 1}
	text, err := os.ReadFile(filepath.Join(dir, indexName))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("zoo: %w", err)
	default:
		if x, err = ParseIndex(text); err != nil {
			return err
		}
	}
	e.Files = map[string]File{}
	for role, from := range files { // names alone: whether the entry is sound is known before anything is copied
		e.Files[role] = File{URL: path.Join(e.Name, filepath.Base(from)), SHA256: fmt.Sprintf("%064d", 0)}
	}
	if err := e.check(); err != nil {
		return fmt.Errorf("zoo: %s: %w", e.Name, err)
	}
	for role, from := range files {
		f, err := put(dir, e.Files[role].URL, from)
		if err != nil {
			return fmt.Errorf("zoo: file %s: %w", role, err)
		}
		e.Files[role] = f
	}
	if old, err := x.Find(e.Name); err == nil {
		*old = e
	} else {
		x.Models = append(x.Models, e)
	}
	if text, err = json.MarshalIndent(x, "", "  "); err != nil {
		return fmt.Errorf("zoo: %w", err)
	}
	return atomicfile.WriteBytes(filepath.Join(dir, indexName), append(text, '\n'))
}

// put copies a file into the store.
func put(dir, name, from string) (File, error) {
	to := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return File{}, err
	}
	r, err := os.Open(from)
	if err != nil {
		return File{}, err
	}
	defer r.Close()
	same, err := sameFile(r, to)
	if err != nil {
		return File{}, err
	}
	if !same {
		if err := atomicfile.Write(to, func(w io.Writer) error { _, err := io.Copy(w, r); return err }); err != nil {
			return File{}, err
		}
	}
	sum, err := hashOf(to)
	if err != nil {
		return File{}, err
	}
	info, err := os.Stat(to)
	if err != nil {
		return File{}, err
	}
	return File{URL: name, SHA256: sum, Size: info.Size()}, nil
}

func sameFile(r *os.File, to string) (bool, error) {
	a, err := r.Stat()
	if err != nil {
		return false, err
	}
	b, err := os.Stat(to)
	return err == nil && os.SameFile(a, b), nil
}
