package web

import (
	"errors"
	"io/fs"
	"net/http"
	"path"

	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/notebook"
)

// checkpointID is the only checkpoint a file has, as in Jupyter.
const checkpointID = "checkpoint"

func checkpointName(name string) string {
	return path.Join(path.Dir(name), ".lathe", path.Base(name)+".checkpoint")
}

func (s *Server) serveCheckpoint(w http.ResponseWriter, q *http.Request, name, id string) error {
	if id != "" && id != checkpointID {
		return errPath
	}
	if _, err := s.root.Stat(name); err != nil {
		return err
	}
	switch {
	case q.Method == http.MethodGet && id == "":
		return s.listCheckpoints(w, name)
	case q.Method == http.MethodPost && id == "":
		return s.makeCheckpoint(w, name)
	case q.Method == http.MethodPost:
		return s.restoreCheckpoint(w, name)
	case q.Method == http.MethodDelete && id != "":
		if err := s.root.Remove(checkpointName(name)); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return &requestError{http.StatusMethodNotAllowed, "want GET or POST, or DELETE of one checkpoint"}
}

func (s *Server) listCheckpoints(w http.ResponseWriter, name string) error {
	list := []api.Checkpoint{}
	info, err := s.root.Stat(checkpointName(name))
	if err == nil {
		list = append(list, api.Checkpoint{ID: checkpointID, LastModified: info.ModTime().UTC()})
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.reply(w, http.StatusOK, list)
	return nil
}

func (s *Server) makeCheckpoint(w http.ResponseWriter, name string) error {
	if r := s.openedRoom(name); r != nil {
		r.mu.Lock()
		err := r.save()
		r.mu.Unlock()
		if err != nil {
			return err
		}
	}
	data, err := s.readLimited(name)
	if err != nil {
		return err
	}
	kept := checkpointName(name)
	if err := s.root.Mkdir(path.Dir(kept), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := notebook.Replace(s.root, kept, data); err != nil {
		return err
	}
	info, err := s.root.Stat(kept)
	if err != nil {
		return err
	}
	s.reply(w, http.StatusCreated, api.Checkpoint{ID: checkpointID, LastModified: info.ModTime().UTC()})
	return nil
}

func (s *Server) restoreCheckpoint(w http.ResponseWriter, name string) error {
	data, err := s.readLimited(checkpointName(name))
	if err != nil {
		return err
	}
	if err := notebook.Replace(s.root, name, data); err != nil {
		return err
	}
	if r := s.openedRoom(name); r != nil {
		r.mu.Lock()
		err := r.reload()
		r.mu.Unlock()
		if err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
