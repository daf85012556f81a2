package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"syscall"

	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/notebook"
)

// A requestError is the client's mistake.
type requestError struct {
	code int
	text string
}

func (e *requestError) Error() string { return e.text }

func badRequest(format string, args ...any) error {
	return &requestError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// failFile answers with what an error of the file system means.
func (s *Server) failFile(w http.ResponseWriter, err error) {
	var mine *requestError
	code := http.StatusInternalServerError
	switch {
	case errors.As(err, &mine):
		code = mine.code
	case errors.Is(err, errPath), errors.Is(err, fs.ErrNotExist), escapes(err),
		errors.Is(err, syscall.ENOTDIR):
		code, err = http.StatusNotFound, errPath
	case errors.Is(err, fs.ErrExist):
		code = http.StatusConflict
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		code = http.StatusForbidden
	}
	s.fail(w, code, err)
}

// escapes recognises os.Root's refusal, which has no exported error.
func escapes(err error) bool { return strings.Contains(err.Error(), "path escapes from parent") }

// serveContents is /api/contents/{path}[/checkpoints[/{id}]]. It is not routed by ServeMux, which
// would redirect the paths that must be refused.
func (s *Server) serveContents(w http.ResponseWriter, q *http.Request, rest string) {
	file, checkpoint, isCheckpoint := splitCheckpoint(rest)
	name, err := cleanPath(file)
	if err != nil {
		s.failFile(w, err)
		return
	}
	q.Body = http.MaxBytesReader(w, q.Body, fileLimit)
	if isCheckpoint {
		err = s.serveCheckpoint(w, q, name, checkpoint)
	} else {
		err = s.serveFile(w, q, name)
	}
	if err != nil {
		s.failFile(w, err)
	}
}

func splitCheckpoint(rest string) (file, id string, ok bool) {
	if file, ok := strings.CutSuffix(rest, "/checkpoints"); ok {
		return file, "", true
	}
	if i := strings.LastIndex(rest, "/checkpoints/"); i >= 0 && !strings.Contains(rest[i+13:], "/") {
		return rest[:i], rest[i+13:], true
	}
	return rest, "", false
}

func (s *Server) serveFile(w http.ResponseWriter, q *http.Request, name string) error {
	switch q.Method {
	case http.MethodGet:
		return s.getContents(w, q, name)
	case http.MethodPost:
		return s.createContents(w, q, name)
	case http.MethodPut:
		return s.putContents(w, q, name)
	case http.MethodPatch:
		return s.renameContents(w, q, name)
	case http.MethodDelete:
		if err := s.deleteContents(name); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return &requestError{http.StatusMethodNotAllowed, "want GET, POST, PUT, PATCH or DELETE"}
}

func (s *Server) getContents(w http.ResponseWriter, q *http.Request, name string) error {
	form := q.URL.Query()
	var c api.Contents
	var err error
	if form.Get("content") == "0" {
		c, err = s.stat(name)
	} else {
		c, err = s.contents(name, form.Get("type"), form.Get("format"))
	}
	if err == nil {
		s.reply(w, http.StatusOK, c)
	}
	return err
}

func decodeBody(q *http.Request, v any) error {
	err := json.NewDecoder(q.Body).Decode(v)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &requestError{
			http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the request has more than %d MB", tooLarge.Limit>>20),
		}
	case err != nil && err != io.EOF:
		return badRequest("request body: %v", err)
	}
	return nil
}

// created answers with the description of a file that now exists.
func (s *Server) created(w http.ResponseWriter, code int, name string) error {
	c, err := s.stat(name)
	if err != nil {
		return err
	}
	w.Header().Set("Location", s.base+"api/contents/"+(&url.URL{Path: name}).EscapedPath())
	s.reply(w, code, c)
	return nil
}

// createContents makes an untitled file, or a copy, in a folder.
func (s *Server) createContents(w http.ResponseWriter, q *http.Request, dir string) error {
	var want struct {
		Type     string `json:"type"`
		Ext      string `json:"ext"`
		CopyFrom string `json:"copy_from"`
	}
	if err := decodeBody(q, &want); err != nil {
		return err
	}
	if info, err := s.root.Stat(dir); err != nil || !info.IsDir() {
		return &requestError{http.StatusNotFound, "there is no such folder"}
	}
	if strings.ContainsAny(want.Ext, "/\\\x00") {
		return badRequest("ext %q: want a suffix such as .txt", want.Ext)
	}
	if want.CopyFrom != "" {
		return s.copyContents(w, want.CopyFrom, dir)
	}
	var name string
	var err error
	switch want.Type {
	case api.Directory:
		name = s.freeName(dir, "Untitled Folder", " ", "")
		err = s.root.Mkdir(name, 0o755)
	case api.File:
		name = s.freeName(dir, "untitled", "", want.Ext)
		err = notebook.Replace(s.root, name, nil)
	case api.Notebook, "":
		name = s.freeName(dir, "Untitled", "", ".ipynb")
		err = s.newNotebook(name)
	default:
		return badRequest("type %q: want notebook, file or directory", want.Type)
	}
	if err != nil {
		return err
	}
	return s.created(w, http.StatusCreated, name)
}

func (s *Server) newNotebook(name string) error {
	nb := notebook.New()
	nb.Cells = append(nb.Cells, notebook.NewCell(notebook.Code, ""))
	data, err := nb.Bytes()
	if err != nil {
		return err
	}
	return notebook.Replace(s.root, name, data)
}

func (s *Server) copyContents(w http.ResponseWriter, from, dir string) error {
	source, err := cleanPath(from)
	if err != nil {
		return err
	}
	var data []byte
	if strings.HasSuffix(source, ".ipynb") {
		data, err = s.notebookBytes(source)
	} else {
		data, err = s.readLimited(source)
	}
	if err != nil {
		return err
	}
	ext := path.Ext(source)
	stem := strings.TrimSuffix(path.Base(source), ext)
	name := s.freeName(dir, stem+"-Copy1", "-", ext)
	if err := notebook.Replace(s.root, name, data); err != nil {
		return err
	}
	return s.created(w, http.StatusCreated, name)
}

func (s *Server) putContents(w http.ResponseWriter, q *http.Request, name string) error {
	var c api.Contents
	if err := decodeBody(q, &c); err != nil {
		return err
	}
	if name == "." {
		return badRequest("the folder itself cannot be written")
	}
	code := http.StatusOK
	if _, err := s.root.Stat(name); errors.Is(err, fs.ErrNotExist) {
		code = http.StatusCreated
	}
	switch c.Type {
	case api.Directory:
		if err := s.root.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	case api.Notebook, api.File:
		data, err := decodeContent(&c)
		if err != nil {
			return err
		}
		if err := notebook.Replace(s.root, name, data); err != nil {
			return err
		}
	default:
		return badRequest("type %q: want notebook, file or directory", c.Type)
	}
	return s.created(w, code, name)
}

func (s *Server) renameContents(w http.ResponseWriter, q *http.Request, name string) error {
	var want struct {
		Path string `json:"path"`
	}
	if err := decodeBody(q, &want); err != nil {
		return err
	}
	to, err := cleanPath(want.Path)
	if err != nil || to == "." || name == "." {
		return badRequest("path %q: want a new name inside the folder", want.Path)
	}
	if to != name {
		if err := s.move(name, to); err != nil {
			return err
		}
	}
	return s.created(w, http.StatusOK, to)
}

// move renames a file or folder; an open notebook goes on under its new name.
func (s *Server) move(from, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.root.Lstat(to); err == nil {
		return &requestError{http.StatusConflict, to + " exists already"}
	}
	if r := s.rooms[from]; r != nil {
		if !strings.HasSuffix(to, ".ipynb") {
			return badRequest("%s is open; its new name must end in .ipynb", from)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if err := r.files.Rename(r.doc, to); err != nil {
			return err
		}
		delete(s.rooms, from)
		s.rooms[to], r.path = r, to
		r.tell(api.Frame{Type: api.Renamed, Path: to})
		return nil
	}
	for open := range s.rooms {
		if strings.HasPrefix(open, from+"/") {
			return &requestError{http.StatusConflict, open + " is open; close it first"}
		}
	}
	return s.root.Rename(from, to)
}

func (s *Server) deleteContents(name string) error {
	if name == "." {
		return badRequest("the folder itself cannot be deleted")
	}
	info, err := s.root.Lstat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return s.deleteFolder(name)
	}
	if err := s.root.Remove(name); err != nil {
		return err
	}
	s.mu.Lock()
	r := s.rooms[name]
	delete(s.rooms, name)
	s.mu.Unlock()
	if r != nil {
		r.abandon(name + " was deleted")
	}
	return nil
}

// deleteFolder removes a folder that holds nothing that people put there.
func (s *Server) deleteFolder(name string) error {
	entries, err := fs.ReadDir(s.root.FS(), name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != ".lathe" {
			return badRequest("%s is not empty; delete what is in it first", name)
		}
	}
	return s.root.RemoveAll(name)
}

// abandon ends the room of a deleted notebook.
func (r *room) abandon(message string) {
	r.mu.Lock()
	r.tell(api.Frame{Type: api.Gone, Message: message})
	slot := r.slot
	r.slot, r.closed = nil, true
	if err := r.files.Forget(); err != nil {
		r.srv.log("forget "+r.path, err)
	}
	r.mu.Unlock()
	r.stop()
	if slot != nil {
		r.srv.dropSlot(slot)
		go slot.shutdown(context.Background())
	}
}
