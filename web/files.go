package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/notebook"
)

const fileLimit = 256 << 20 // largest file that is read or written through the API, bytes

var errPath = errors.New("there is no such file or folder")

// cleanPath turns the path of a request into one for os.Root: slash-separated, without hidden
// elements; "." is the root. os.Root itself refuses what leads out of the folder.
func cleanPath(p string) (string, error) {
	p = strings.Trim(p, "/")
	if p == "" {
		return ".", nil
	}
	if !fs.ValidPath(p) || strings.ContainsAny(p, "\x00\\") || !utf8.ValidString(p) {
		return "", fmt.Errorf("%q: %w", p, errPath)
	}
	for element := range strings.SplitSeq(p, "/") {
		if strings.HasPrefix(element, ".") {
			return "", fmt.Errorf("%q: %w", p, errPath)
		}
	}
	return p, nil
}

// stat describes a file without its content.
func (s *Server) stat(name string) (api.Contents, error) {
	info, err := s.root.Stat(name)
	if err != nil {
		return api.Contents{}, err
	}
	c := api.Contents{
		Name: path.Base(name), Path: name, LastModified: info.ModTime().UTC(),
		Created: info.ModTime().UTC(), Writable: info.Mode().Perm()&0o200 != 0,
		Type: fileType(name, info),
	}
	if name == "." {
		c.Name, c.Path = "", ""
	}
	if c.Type != api.Directory {
		size := info.Size()
		c.Size = &size
	}
	return c, nil
}

func fileType(name string, info fs.FileInfo) string {
	switch {
	case info.IsDir():
		return api.Directory
	case strings.HasSuffix(name, ".ipynb"):
		return api.Notebook
	}
	return api.File
}

// contents describes a file with its content; kind and format are what the client asks for.
func (s *Server) contents(name, kind, format string) (api.Contents, error) {
	c, err := s.stat(name)
	if err != nil {
		return c, err
	}
	if kind != "" && kind != c.Type && (c.Type == api.Directory || kind == api.Directory) {
		return c, badRequest("%s is a %s, not a %s", name, c.Type, kind)
	}
	if kind != "" {
		c.Type = kind
	}
	switch c.Type {
	case api.Directory:
		return s.listing(c, name)
	case api.Notebook:
		return s.notebookContent(c, name)
	}
	return s.fileContent(c, name, format)
}

func (s *Server) listing(c api.Contents, name string) (api.Contents, error) {
	entries, err := fs.ReadDir(s.root.FS(), name)
	if err != nil {
		return c, err
	}
	list := []api.Contents{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || !utf8.ValidString(e.Name()) {
			continue
		}
		// A link that leads out of the folder or nowhere is not listed.
		if entry, err := s.stat(path.Join(name, e.Name())); err == nil {
			list = append(list, entry)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	c.Content, err = json.Marshal(list)
	c.Format = ptr("json")
	return c, err
}

func ptr[T any](v T) *T { return &v }

func (s *Server) notebookContent(c api.Contents, name string) (api.Contents, error) {
	data, err := s.notebookBytes(name)
	if err != nil {
		return c, err
	}
	c.Content, c.Format = data, ptr("json")
	return c, nil
}

// notebookBytes returns the notebook as it is now: from its room when it is open.
func (s *Server) notebookBytes(name string) ([]byte, error) {
	if r := s.openedRoom(name); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.doc.Notebook.Bytes()
	}
	data, err := s.readLimited(name)
	if err != nil {
		return nil, err
	}
	nb, err := notebook.Parse(data)
	if err != nil {
		return nil, badRequest("%s: %v", name, err)
	}
	return nb.Bytes()
}

func (s *Server) readLimited(name string) ([]byte, error) {
	info, err := s.root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, badRequest("%s is not a regular file", name)
	}
	if info.Size() > fileLimit {
		return nil, badRequest("%s has %d MB; the limit is %d MB", name, info.Size()>>20, fileLimit>>20)
	}
	return s.root.ReadFile(name)
}

func (s *Server) fileContent(c api.Contents, name, format string) (api.Contents, error) {
	data, err := s.readLimited(name)
	if err != nil {
		return c, err
	}
	isText := utf8.Valid(data)
	if format == "text" && !isText {
		return c, badRequest("%s is not UTF-8 text; ask for format=base64", name)
	}
	var body string
	if isText && format != "base64" {
		body, c.Format = string(data), ptr("text")
	} else {
		body, c.Format = base64.StdEncoding.EncodeToString(data), ptr("base64")
	}
	c.Mimetype = ptr(mimeOf(name, isText))
	sum := sha256.Sum256(data)
	c.Hash, c.HashName = ptr(hex.EncodeToString(sum[:])), ptr("sha256")
	c.Content, err = json.Marshal(body)
	return c, err
}

func mimeOf(name string, isText bool) string {
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return strings.TrimSpace(strings.Split(kind, ";")[0])
	}
	if isText {
		return "text/plain"
	}
	return "application/octet-stream"
}

// freeName returns the first name of the form stem, stem1, stem2 … that is free in the folder.
func (s *Server) freeName(dir, stem, insert, ext string) string {
	for n := 0; ; n++ {
		name := stem + ext
		if n > 0 {
			name = stem + insert + strconv.Itoa(n) + ext
		}
		full := path.Join(dir, name)
		if _, err := s.root.Lstat(full); errors.Is(err, fs.ErrNotExist) {
			return full
		}
	}
}

// decodeContent returns the bytes that a client wants written.
func decodeContent(c *api.Contents) ([]byte, error) {
	switch {
	case c.Type == api.Notebook:
		nb, err := notebook.Parse(c.Content)
		if err != nil {
			return nil, badRequest("%v", err)
		}
		return nb.Bytes()
	case c.Format != nil && *c.Format == "json":
		return c.Content, nil
	}
	var text string
	if err := json.Unmarshal(c.Content, &text); err != nil {
		return nil, badRequest("content: want a string for a file of format text or base64")
	}
	if c.Format == nil || *c.Format != "base64" {
		return []byte(text), nil
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, badRequest("content: %v", err)
	}
	return data, nil
}
