package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lathe-ml/lathe/web/notebook"
)

// checkOut says why a notebook could not be written to path, before cells run for hours.
func checkOut(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("cannot write %s: %w", path, err)
	case info.IsDir():
		return fmt.Errorf("cannot write %s: it is a folder; want the name of a file, as in %s",
			path, filepath.Join(path, "out.ipynb"))
	case !info.Mode().IsRegular():
		return fmt.Errorf("cannot write %s: it is not an ordinary file", path)
	case info.Mode().Perm()&0o200 == 0:
		return fmt.Errorf("cannot write %s: the file is read-only", path)
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("cannot write %s: there is no folder %s", path, dir)
	}
	if writable(dir) != nil {
		return fmt.Errorf("cannot write %s: the folder %s is not writable", path, dir)
	}
	return nil
}

// foreign returns the language that a notebook says it is written in when that is not Go, or "".
func foreign(nb *notebook.Notebook) string {
	for _, at := range [][2]string{{"kernelspec", "language"}, {"language_info", "name"}} {
		part, _ := nb.Metadata[at[0]].(notebook.Object)
		if name, ok := part[at[1]].(string); ok && name != "go" {
			return name
		}
	}
	return ""
}
