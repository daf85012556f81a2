package web

import (
	"errors"
	"net/http"
	"path"

	"github.com/google/uuid"

	"github.com/lathe-ml/lathe/kernel/wire"
	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/document"
)

const kernelName = "lathe"

// A slotEntry is a kernel as the REST API shows it. Without a room it belongs to a Jupyter client.
type slotEntry struct {
	slot    *slot
	room    *room
	session string // id of the Jupyter session
	path    string // of a session without a room
}

func (s *Server) addSlot(sl *slot, r *room) {
	s.slotMu.Lock()
	defer s.slotMu.Unlock()
	s.slots[sl.id] = &slotEntry{slot: sl, room: r, session: uuid.NewString()}
}

func (s *Server) dropSlot(sl *slot) {
	s.slotMu.Lock()
	defer s.slotMu.Unlock()
	delete(s.slots, sl.id)
}

func (s *Server) slotByID(id string) *slotEntry {
	s.slotMu.Lock()
	defer s.slotMu.Unlock()
	return s.slots[id]
}

func (s *Server) kernelModel(e *slotEntry) *api.Kernel {
	e.slot.mu.Lock()
	defer e.slot.mu.Unlock()
	return &api.Kernel{
		ID: e.slot.id, Name: kernelName, LastActivity: e.slot.activity.UTC(), State: e.slot.state,
		Connections: len(e.slot.conns),
	}
}

func (s *Server) entries() (list []*slotEntry) {
	s.slotMu.Lock()
	defer s.slotMu.Unlock()
	for _, e := range s.slots {
		list = append(list, e)
	}
	return list
}

func (s *Server) listKernels(w http.ResponseWriter, _ *http.Request) {
	list := []*api.Kernel{}
	for _, e := range s.entries() {
		list = append(list, s.kernelModel(e))
	}
	s.reply(w, http.StatusOK, list)
}

// bareKernel starts a kernel for a Jupyter client, without a notebook of ours.
func (s *Server) bareKernel(dir, name string) *slotEntry {
	sl := newSlot(s.boot, s.absolute(dir), hooks{
		message: func(*wire.Message) {}, state: func(string, string) {},
	})
	e := &slotEntry{slot: sl, session: uuid.NewString(), path: name}
	s.slotMu.Lock()
	s.slots[sl.id] = e
	s.slotMu.Unlock()
	sl.start()
	return e
}

var errSpec = badRequest("there is one kernel, named %q", kernelName)

func (s *Server) postKernel(w http.ResponseWriter, q *http.Request) {
	var want struct {
		Name string `json:"name"`
		Path string `json:"path"`
	}
	q.Body = http.MaxBytesReader(w, q.Body, 1<<20)
	if err := decodeBody(q, &want); err != nil {
		s.failFile(w, err)
		return
	}
	if want.Name != "" && want.Name != kernelName {
		s.failFile(w, errSpec)
		return
	}
	dir, err := cleanPath(want.Path)
	if err != nil {
		s.failFile(w, err)
		return
	}
	e := s.bareKernel(dir, "")
	w.Header().Set("Location", s.base+"api/kernels/"+e.slot.id)
	s.reply(w, http.StatusCreated, s.kernelModel(e))
}

// withKernel finds the kernel that the path names.
func (s *Server) withKernel(do func(http.ResponseWriter, *http.Request, *slotEntry)) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		e := s.slotByID(q.PathValue("id"))
		if e == nil {
			s.fail(w, http.StatusNotFound, errors.New("kernel: there is none with this id"))
			return
		}
		do(w, q, e)
	}
}

func (s *Server) getKernel(w http.ResponseWriter, _ *http.Request, e *slotEntry) {
	s.reply(w, http.StatusOK, s.kernelModel(e))
}

func (s *Server) deleteKernel(w http.ResponseWriter, q *http.Request, e *slotEntry) {
	s.endKernel(q, e)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) endKernel(q *http.Request, e *slotEntry) {
	s.dropSlot(e.slot)
	if e.room == nil {
		e.slot.shutdown(q.Context())
		return
	}
	e.room.mu.Lock()
	defer e.room.mu.Unlock()
	if e.room.slot == e.slot {
		e.room.shutdown()
	}
}

func (s *Server) interruptKernel(w http.ResponseWriter, _ *http.Request, e *slotEntry) {
	if err := e.slot.interrupt(); err != nil {
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) restartKernel(w http.ResponseWriter, q *http.Request, e *slotEntry) {
	if e.room != nil {
		e.room.mu.Lock()
		if e.room.slot == e.slot {
			e.room.restart(nil, false, false)
		}
		e.room.mu.Unlock()
	} else {
		e.slot.restart(false)
	}
	select {
	case <-e.slot.settled():
	case <-q.Context().Done():
	}
	s.reply(w, http.StatusOK, s.kernelModel(e))
}

func (s *Server) sessionModel(e *slotEntry) *api.Session {
	name := e.path
	if e.room != nil {
		e.room.mu.Lock()
		name = e.room.path
		e.room.mu.Unlock()
	}
	return &api.Session{
		ID: e.session, Path: name, Name: path.Base(name), Type: api.Notebook, Kernel: s.kernelModel(e),
	}
}

func (s *Server) listSessions(w http.ResponseWriter, _ *http.Request) {
	list := []*api.Session{}
	for _, e := range s.entries() {
		if e.room != nil || e.path != "" {
			list = append(list, s.sessionModel(e))
		}
	}
	s.reply(w, http.StatusOK, list)
}

// postSession returns the session of a path, with a new kernel if it has none. A notebook that is
// open in a page shares the page's kernel.
func (s *Server) postSession(w http.ResponseWriter, q *http.Request) {
	var want struct {
		Path   string `json:"path"`
		Kernel struct {
			Name string `json:"name"`
		} `json:"kernel"`
	}
	q.Body = http.MaxBytesReader(w, q.Body, 1<<20)
	if err := decodeBody(q, &want); err != nil {
		s.failFile(w, err)
		return
	}
	if want.Kernel.Name != "" && want.Kernel.Name != kernelName {
		s.failFile(w, errSpec)
		return
	}
	name, err := cleanPath(want.Path)
	if err != nil {
		s.failFile(w, err)
		return
	}
	for _, e := range s.entries() {
		if m := s.sessionModel(e); m.Path == name && name != "." {
			s.reply(w, http.StatusCreated, m)
			return
		}
	}
	e := s.bareKernel(path.Dir(name), name)
	s.reply(w, http.StatusCreated, s.sessionModel(e))
}

func (s *Server) withSession(do func(http.ResponseWriter, *http.Request, *slotEntry)) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		for _, e := range s.entries() {
			if e.session == q.PathValue("id") {
				do(w, q, e)
				return
			}
		}
		s.fail(w, http.StatusNotFound, errors.New("session: there is none with this id"))
	}
}

func (s *Server) getSession(w http.ResponseWriter, _ *http.Request, e *slotEntry) {
	s.reply(w, http.StatusOK, s.sessionModel(e))
}

func (s *Server) listSpecs(w http.ResponseWriter, _ *http.Request) {
	s.reply(w, http.StatusOK, api.Specs{Default: kernelName, Specs: map[string]api.Spec{
		kernelName: {Name: kernelName, Resources: map[string]string{}, Spec: api.SpecBody{
			Argv: []string{"lathe", "kernel"}, Env: map[string]string{}, DisplayName: "Lathe (Go)",
			Language: "go", InterruptMode: "message", Metadata: map[string]any{},
		}},
	}})
}

func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	st := api.Status{Started: s.started.UTC(), LastActivity: s.started.UTC()}
	for _, e := range s.entries() {
		m := s.kernelModel(e)
		st.Kernels++
		st.Connections += m.Connections
		if m.LastActivity.After(st.LastActivity) {
			st.LastActivity = m.LastActivity
		}
		if m.State == document.Dead {
			st.Kernels--
		}
	}
	s.reply(w, http.StatusOK, st)
}
