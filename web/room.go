package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/document"
	"github.com/lathe-ml/lathe/web/notebook"
	"github.com/lathe-ml/lathe/web/store"
)

const (
	saveDelay = time.Second     // after the latest change
	saveLimit = 5 * time.Second // after the first unsaved change
	roomTick  = time.Second
)

// A room is an open notebook: its document, its files, its clients and its kernel.
//
// Goroutines: run ticks (started by openRoom, ended by close); one writer and one reader per client
// (socket.go); one pump per kernel process (slot.go). mu guards everything below it; nobody blocks
// on a client or on the kernel while holding it.
type room struct {
	srv  *Server
	path string
	stop context.CancelFunc
	done chan struct{}

	mu       sync.Mutex
	doc      *document.Document
	files    *store.Store
	ring     ring
	clients  map[*client]bool
	rejected map[string][]int64 // client → latest refused operations
	slot     *slot
	exec     executor
	prompt   *api.Prompt
	tier     json.RawMessage // of the badge; nil: none
	note     api.Frame       // the latest save note
	dirty    time.Time       // of the first unsaved change, zero when saved
	changed  time.Time       // of the latest
	saveCost time.Duration
	idle     time.Time // since when nobody needs the room
	closed   bool
}

// openRoom opens the notebook at path and repairs what a killed server left behind.
func openRoom(srv *Server, path string) (*room, error) {
	files, loaded, err := store.Open(srv.root, path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &room{
		srv: srv, path: path, stop: cancel, done: make(chan struct{}), doc: loaded.Doc, files: files,
		clients: map[*client]bool{}, rejected: map[string][]int64{}, idle: time.Now(),
	}
	r.exec.parents, r.exec.sizes = map[string]string{}, map[string]int{}
	r.note = api.Frame{Type: api.SaveNote, State: api.Saved}
	r.ring.reset(loaded.Doc.Seq - int64(len(loaded.Recent)))
	for i := range loaded.Recent {
		seq := r.ring.start + 1 + int64(len(r.ring.events))
		if len(r.ring.events) > 0 {
			seq = r.ring.events[len(r.ring.events)-1].seq + 1
		}
		r.ring.add(newEvent(seq, &loaded.Recent[i]))
	}
	r.repair()
	if loaded.Recovered {
		r.touch()
	}
	if loaded.Conflict {
		r.conflict()
	}
	if loaded.LogErr != nil {
		r.noteSave(api.Failed, explain(loaded.LogErr))
	}
	go r.run(ctx)
	return r, nil
}

// repair ends what was running when the last server died.
func (r *room) repair() {
	for _, id := range r.doc.Active() {
		status := document.Aborted
		if r.doc.State(id).Status == document.Running {
			status = document.Lost
		}
		r.apply(&document.Op{Kind: document.Done, Cell: id, Status: status})
	}
	if r.doc.Kernel.Status != document.NoKernel {
		r.apply(&document.Op{
			Kind: document.KernelIs, Status: document.NoKernel,
			Message: "the server was restarted; variables are gone, cells and outputs are kept",
		})
	}
}

// apply makes the operation, logs it and shows it to the clients. Called with mu held.
func (r *room) apply(op *document.Op) error {
	if err := r.doc.Apply(op); err != nil {
		return err
	}
	if err := r.files.Append(r.doc, op); err != nil {
		r.noteSave(api.Failed, explain(err))
	}
	r.ring.add(newEvent(r.doc.Seq, pageOp(r.doc, op)))
	if !r.files.Saved(r.doc) {
		r.touch()
	}
	r.wake()
	return nil
}

// touch notes an unsaved change.
func (r *room) touch() {
	r.changed = time.Now()
	if r.dirty.IsZero() {
		r.dirty = r.changed
		if r.note.State == api.Saved {
			r.noteSave(api.Dirty, "")
		}
	}
}

// wake tells the clients that there are events.
func (r *room) wake() {
	for c := range r.clients {
		c.nudge()
	}
}

// tell sends a frame that is not part of the document to every client.
func (r *room) tell(f api.Frame) {
	for c := range r.clients {
		c.send(f)
	}
}

func (r *room) noteSave(state, message string) {
	note := api.Frame{Type: api.SaveNote, State: state, Message: message}
	if note.State == r.note.State && note.Message == r.note.Message {
		return
	}
	r.note = note
	r.tell(note)
}

func (r *room) conflict() {
	r.noteSave(api.Conflict, r.path+" was changed on disk by another program; choose which version to keep")
}

// explain turns an error of the file system into a line for people.
func explain(err error) string {
	return fmt.Sprintf("not saved: %v; everything is kept in memory and is tried again", err)
}

// run is the room's clock.
func (r *room) run(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(roomTick)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.mu.Lock()
			r.tick(n)
			r.mu.Unlock()
		}
	}
}

func (r *room) tick(n int) {
	if r.closed {
		return
	}
	if err := r.files.Retry(r.doc); err != nil {
		r.noteSave(api.Failed, explain(err))
	} else if r.files.Failed() == nil && r.note.State == api.Failed && r.dirty.IsZero() {
		r.noteSave(api.Saved, "")
	}
	if err := r.files.Sync(); err != nil {
		r.noteSave(api.Failed, explain(err))
	}
	if n%2 == 1 {
		r.watch()
	}
	if r.saveDue() {
		r.save()
	}
	if r.slot != nil && n%2 == 0 {
		if bytes := r.slot.memory(); bytes > 0 {
			r.tell(api.Frame{Type: api.Memory, Bytes: bytes})
		}
	}
	if len(r.clients) > 0 || r.slot != nil {
		r.idle = time.Now()
	}
}

// watch looks for foreign changes of the file. A document without changes of its own follows them.
func (r *room) watch() {
	if r.files.Conflict() {
		return
	}
	changed, err := r.files.Changed()
	if err != nil || !changed {
		return
	}
	if r.files.Saved(r.doc) && len(r.doc.Active()) == 0 {
		if r.reload() == nil {
			return
		}
	}
	r.conflict()
}

func (r *room) saveDue() bool {
	if r.dirty.IsZero() || r.files.Conflict() {
		return false
	}
	// Saving a huge notebook must not take the machine: at most a tenth of the time.
	delay, limit := max(saveDelay, 10*r.saveCost), max(saveLimit, 10*r.saveCost)
	return time.Since(r.changed) >= delay || time.Since(r.dirty) >= limit
}

// save writes the notebook file. Called with mu held.
func (r *room) save() error {
	began := time.Now()
	err := r.files.Save(r.doc)
	r.saveCost = time.Since(began)
	r.saveResult(err)
	return err
}

func (r *room) saveResult(err error) {
	switch {
	case errors.Is(err, store.ErrConflict):
		r.conflict()
	case err != nil:
		r.changed = time.Now()
		r.noteSave(api.Failed, explain(err))
	case r.files.Failed() != nil:
		r.dirty = time.Time{}
		r.noteSave(api.Failed, fmt.Sprintf("the notebook is saved, but not the log that protects it from "+
			"a crash: %v; this is tried again", r.files.Failed()))
	default:
		r.dirty = time.Time{}
		r.noteSave(api.Saved, "")
	}
}

func (r *room) overwrite() { r.saveResult(r.files.Overwrite(r.doc)) }

// reload replaces the document by the file on disk.
func (r *room) reload() error {
	if len(r.doc.Active()) > 0 {
		return fmt.Errorf("web: reload: cells are running; interrupt them first")
	}
	kernel := r.doc.Kernel
	loaded, copied, err := r.files.Discard(r.doc)
	if err != nil {
		return err
	}
	r.doc = loaded.Doc
	r.ring.reset(r.doc.Seq)
	r.dirty = time.Time{}
	r.apply(&document.Op{Kind: document.KernelIs, Status: kernel.Status, Message: kernel.Message})
	r.note = api.Frame{Type: api.SaveNote, State: api.Saved}
	if copied != "" {
		r.note.Message = "your version is kept in " + copied
	}
	r.tell(r.note)
	r.wake()
	return nil
}

// close ends the kernel, saves and leaves. The room cannot be used afterwards.
func (r *room) close(ctx context.Context) {
	r.stop()
	<-r.done
	r.mu.Lock()
	slot := r.slot
	r.mu.Unlock()
	if slot != nil {
		slot.shutdown(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finalise()
}

// finalise saves and closes the files and sends the clients away. Called with mu held.
func (r *room) finalise() {
	if r.closed {
		return
	}
	if !r.dirty.IsZero() && !r.files.Conflict() {
		if err := r.save(); err != nil {
			r.srv.log("save "+r.path, err)
		}
	}
	r.closed = true
	if err := r.files.Close(r.doc); err != nil && !errors.Is(err, os.ErrClosed) {
		r.srv.log("close "+r.path, err)
	}
	for c := range r.clients {
		c.drop()
	}
}

// output returns the whole text or data of one output, for download.
func (r *room) output(cell string, index int) (*notebook.Output, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.doc.Notebook.Cell(cell)
	if c == nil || index < 0 || index >= len(c.Outputs) {
		return nil, false
	}
	o := *c.Outputs[index]
	o.Text = append([]byte(nil), o.Text...)
	return &o, true
}
