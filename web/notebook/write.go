package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Bytes returns the notebook as Jupyter writes it: sorted keys, one space of indent, text as lists
// of lines, a final newline. The minor version becomes at least 5 and every cell has an id.
func (nb *Notebook) Bytes() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(nb.fileForm()); err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	return b.Bytes(), nil
}

// WriteFile writes the notebook beside name, syncs it and renames it into place, so that name holds
// either the old or the new notebook whatever happens.
func (nb *Notebook) WriteFile(name string) error {
	data, err := nb.Bytes()
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return fmt.Errorf("notebook: %w", err)
	}
	defer root.Close()
	return Replace(root, filepath.Base(name), data)
}

// follow returns the file that name stands for: what a symbolic link names is replaced, not the link.
func follow(root *os.Root, name string) (string, error) {
	for range 10 {
		info, err := root.Lstat(name)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return name, nil
		}
		target, err := root.Readlink(name)
		if err != nil {
			return "", err
		}
		if filepath.IsAbs(target) {
			return "", fmt.Errorf("%s is a link to %s: %w", name, target, fs.ErrPermission)
		}
		name = path.Join(path.Dir(filepath.ToSlash(name)), filepath.ToSlash(target))
	}
	return "", fmt.Errorf("%s: more than 10 links: %w", name, fs.ErrInvalid)
}

// Replace writes data to a new file beside name in root, syncs it and renames it to name.
func Replace(root *os.Root, name string, data []byte) (err error) {
	if name, err = follow(root, name); err != nil {
		return fmt.Errorf("write %w", err)
	}
	dir, base := path.Split(filepath.ToSlash(name))
	mode := os.FileMode(0o644)
	if info, err := root.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	beside := dir + "." + base + "." + NewID() + ".tmp"
	f, err := root.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			root.Remove(beside)
			err = fmt.Errorf("write %s: %w", name, err)
		}
	}()
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := root.Rename(beside, name); err != nil {
		return err
	}
	if d, err := root.Open(path.Join(dir, ".")); err == nil {
		d.Sync() // not every file system can sync a directory; the rename has happened
		d.Close()
	}
	return nil
}

func (nb *Notebook) fileForm() Object {
	m := maps.Clone(nb.Extra)
	if m == nil {
		m = Object{}
	}
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		cells[i] = c.fileForm()
	}
	m["cells"], m["metadata"] = cells, orEmpty(nb.Metadata)
	m["nbformat"], m["nbformat_minor"] = 4, max(nb.Minor, 5)
	return m
}

func (c *Cell) fileForm() Object {
	m := maps.Clone(c.Extra)
	if m == nil {
		m = Object{}
	}
	m["id"], m["cell_type"], m["metadata"] = c.ID, c.Type, orEmpty(c.Metadata)
	m["source"] = splitLines(c.Source)
	if c.Type != Code {
		if c.Attachments != nil {
			m["attachments"] = c.Attachments
		}
		return m
	}
	m["execution_count"] = orNull(c.Count)
	outs := make([]any, len(c.Outputs))
	for i, o := range c.Outputs {
		outs[i] = o.fileForm()
	}
	m["outputs"] = outs
	return m
}

func (o *Output) fileForm() Object {
	m := maps.Clone(o.Extra)
	if m == nil {
		m = Object{}
	}
	m["output_type"] = o.Type
	switch o.Type {
	case Stream:
		m["name"], m["text"] = o.Name, splitLines(strings.ToValidUTF8(string(o.Text), "\ufffd"))
	case DisplayData, ExecuteResult:
		m["data"], m["metadata"] = splitBundle(o.Data), orEmpty(o.Metadata)
		if o.Type == ExecuteResult {
			m["execution_count"] = orNull(o.Count)
		}
	case Error:
		m["ename"], m["evalue"] = o.EName, o.EValue
		m["traceback"] = append([]string{}, o.Traceback...)
	}
	return m
}

func orEmpty(m Object) Object {
	if m == nil {
		return Object{}
	}
	return m
}

func orNull(count int) any {
	if count == 0 {
		return nil
	}
	return count
}

// splitBundle lists the lines of the mime types for which Jupyter does.
func splitBundle(data Object) Object {
	m := make(Object, len(data))
	for mime, v := range data {
		s, ok := v.(string)
		split := strings.HasPrefix(mime, "text/") || mime == "application/javascript" ||
			mime == "image/svg+xml"
		if ok && split {
			m[mime] = splitLines(s)
		} else {
			m[mime] = v
		}
	}
	return m
}

// splitLines cuts where Python's str.splitlines(keepends=True) does, because Jupyter does so and a
// notebook saved by either should give the same bytes.
func splitLines(s string) []string {
	lines := []string{}
	start := 0
	for i, r := range s {
		end := 0
		switch r {
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e:
			end = i + 1
		case '\r':
			if end = i + 1; end < len(s) && s[end] == '\n' {
				continue
			}
		case 0x85:
			end = i + 2
		case 0x2028, 0x2029:
			end = i + 3
		default:
			continue
		}
		lines = append(lines, s[start:end])
		start = end
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}
