package web

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/lathe-ml/lathe/kernel/wire"
	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/document"
	"github.com/lathe-ml/lathe/web/notebook"
)

// executor is the part of a room that runs cells: one at a time, in order.
type executor struct {
	queue   []queued
	current *execution
	parents map[string]string // message id of an execute_request → cell
	order   []string          // of parents, oldest first
	asks    map[string]ask    // message id → who wants the reply
	sizes   map[string]int    // cell → bytes of output since it was started
}

type queued struct {
	cell string
	stop bool // an error empties the queue
}

type execution struct {
	queued
	id            string // of the execute_request
	version       int    // of the cell's source that runs
	began         time.Time
	replied, idle bool
	status        string
	dropped       bool // outputs beyond CellLimit were dropped
}

type ask struct {
	client *client
	id     int64
}

const maxParents = 1000

// enqueue adds the code cells to the queue, starts a kernel if there is none and works.
func (r *room) enqueue(cells []string, stop bool) {
	for _, id := range cells {
		if r.apply(&document.Op{Kind: document.Enqueue, Cell: id}) == nil {
			r.exec.queue = append(r.exec.queue, queued{id, stop})
		}
	}
	r.ensureKernel()
	r.work()
}

func (r *room) ensureKernel() {
	if len(r.exec.queue) == 0 {
		return
	}
	switch {
	case r.slot == nil:
		r.apply(&document.Op{Kind: document.KernelIs, Status: document.Starting})
		r.newSlot().start()
	case r.doc.Kernel.Status == document.Dead:
		r.apply(&document.Op{Kind: document.KernelIs, Status: document.Starting})
		r.slot.restart(true)
	}
}

// newSlot makes the room's kernel slot; it does not start it.
func (r *room) newSlot() *slot {
	var s *slot
	s = newSlot(r.srv.boot, r.srv.absolute(path.Dir(r.path)), hooks{
		message: func(m *wire.Message) { r.kernelMessage(s, m) },
		state:   func(state, message string) { r.kernelState(s, state, message) },
	})
	r.slot = s
	r.srv.addSlot(s, r)
	return s
}

// shutdown ends the kernel; the next run starts a new one.
func (r *room) shutdown() {
	s := r.slot
	if s == nil {
		return
	}
	r.slot = nil
	r.kernelLost(document.NoKernel, "")
	r.apply(&document.Op{Kind: document.KernelIs, Status: document.NoKernel})
	r.srv.dropSlot(s)
	go s.shutdown(context.Background())
}

// work sends the next cell of the queue when the kernel is free.
func (r *room) work() {
	e := &r.exec
	for e.current == nil && len(e.queue) > 0 {
		if status := r.doc.Kernel.Status; status != document.Ready && status != document.Busy {
			return
		}
		next := e.queue[0]
		e.queue = e.queue[1:]
		cell := r.doc.Notebook.Cell(next.cell)
		now := time.Now()
		r.exec.sizes[next.cell] = 0
		start := &document.Op{Kind: document.Start, Cell: next.cell, Time: now.UnixMilli()}
		if cell == nil || r.apply(start) != nil {
			continue
		}
		m, err := executeRequest(cell)
		if err == nil && r.slot.send(m) {
			e.current = &execution{
				queued: next, id: m.Header.ID, version: r.doc.States[cell.ID].Version, began: now,
			}
			r.remember(m.Header.ID, cell.ID)
			continue
		}
		r.failCell(cell.ID, "the kernel does not take the cell; restart it")
		r.apply(&document.Op{Kind: document.Done, Cell: cell.ID, Status: document.Lost})
	}
}

func executeRequest(cell *notebook.Cell) (*wire.Message, error) {
	yes := true
	m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{
		Code: cell.Source, StoreHistory: &yes, AllowStdin: &yes, StopOnError: &yes,
		UserExpressions: map[string]string{},
	})
	if err == nil {
		m.Metadata = map[string]any{"cellId": cell.ID}
	}
	return m, err
}

func (r *room) remember(message, cell string) {
	r.exec.parents[message] = cell
	r.exec.order = append(r.exec.order, message)
	if len(r.exec.order) > maxParents {
		delete(r.exec.parents, r.exec.order[0])
		r.exec.order = r.exec.order[1:]
	}
}

// kernelMessage is called by the slot for every message of the kernel.
func (r *room) kernelMessage(s *slot, m *wire.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.slot != s {
		return
	}
	parent := ""
	if m.Parent != nil {
		parent = m.Parent.ID
	}
	if a, ok := r.exec.asks[parent]; ok && (m.Channel == wire.Shell || m.Channel == wire.Control) {
		delete(r.exec.asks, parent)
		a.client.send(api.Frame{Type: api.Answer, ID: a.id, Content: m.Content})
		return
	}
	switch m.Header.Type {
	case "status":
		r.kernelBusy(m, parent)
	case "execute_input":
		r.countCell(m, parent)
	case "execute_reply":
		r.replied(m, parent)
	case "input_request":
		r.inputRequest(m, parent)
	case "debug_event":
		r.tell(api.Frame{Type: api.Debug, Content: m.Content})
	case "comm_open", "comm_msg", "comm_close":
		if !r.tierNews(m) {
			r.outputMessage(m, parent)
		}
	default:
		r.outputMessage(m, parent)
	}
}

func (r *room) kernelBusy(m *wire.Message, parent string) {
	var status wire.Status
	if m.DecodeContent(&status) != nil {
		return
	}
	_, asked := r.exec.asks[parent]
	known := r.doc.Kernel.Status == document.Ready || r.doc.Kernel.Status == document.Busy
	cell := r.exec.parents[parent] != ""
	if known && !asked && cell && status.State != r.doc.Kernel.Status {
		r.apply(&document.Op{Kind: document.KernelIs, Status: status.State})
	}
	if e := r.exec.current; e != nil && e.id == parent && status.State == document.Ready {
		e.idle = true
		r.finish()
	}
}

func (r *room) countCell(m *wire.Message, parent string) {
	var in wire.ExecuteInput
	if cell := r.exec.parents[parent]; cell != "" && m.DecodeContent(&in) == nil {
		r.apply(&document.Op{Kind: document.Count, Cell: cell, Count: in.ExecutionCount})
	}
}

func (r *room) replied(m *wire.Message, parent string) {
	e := r.exec.current
	if e == nil || e.id != parent {
		return
	}
	var reply wire.ExecuteReply
	if err := m.DecodeContent(&reply); err != nil {
		reply.Status = "error"
	}
	e.replied, e.status = true, document.OK
	switch reply.Status {
	case "error":
		e.status = document.Failed
	case "aborted", "abort":
		e.status = document.Aborted
	}
	for _, p := range reply.Payload {
		r.nextInput(e, p)
	}
	r.finish()
}

// nextInput follows the kernel's wish for a text in the cell that ran, or in a new one after it; a
// cell that was edited meanwhile keeps what people wrote.
func (r *room) nextInput(e *execution, payload any) {
	id := e.cell
	p, ok := payload.(map[string]any)
	text, isText := p["text"].(string)
	cell := r.doc.Notebook.Cell(id)
	if !ok || p["source"] != "set_next_input" || !isText || cell == nil {
		return
	}
	if replace, _ := p["replace"].(bool); replace {
		_ = r.apply(&document.Op{ // refused when the cell was edited since
			Kind: document.Edit, Cell: id, Version: e.version,
			Updates: []document.Update{{Changes: document.Replace(cell.Source, text)}},
		})
		return
	}
	r.apply(&document.Op{Kind: document.Insert, Index: r.doc.Notebook.Index(id) + 1, New: &notebook.Cell{
		ID: notebook.NewID(), Type: notebook.Code, Source: text, Metadata: notebook.Object{},
	}})
}

// finish ends the current cell when its reply and its idle status are here, in whatever order.
func (r *room) finish() {
	e := r.exec.current
	if !e.replied || !e.idle {
		return
	}
	r.exec.current = nil
	r.setPrompt(nil)
	r.apply(&document.Op{
		Kind: document.Done, Cell: e.cell, Status: e.status,
		Elapsed: time.Since(e.began).Milliseconds(),
	})
	if e.status != document.OK && e.stop {
		r.abortQueue()
	}
	r.work()
}

func (r *room) abortQueue() {
	for _, q := range r.exec.queue {
		r.apply(&document.Op{Kind: document.Done, Cell: q.cell, Status: document.Aborted})
	}
	r.exec.queue = nil
}

// outputMessage stores what belongs to the outputs of a cell. Output that comes after its cell has
// ended, from a goroutine of it, still goes there.
func (r *room) outputMessage(m *wire.Message, parent string) {
	change, ok, err := notebook.FromMessage(m.Header.Type, m.Content)
	if err != nil {
		r.srv.log("kernel of "+r.path, err)
		return
	}
	cell := r.exec.parents[parent]
	if !ok || cell == "" && change.DisplayID == "" {
		return
	}
	if change.Kind == notebook.Add {
		size := len(change.Output.Text) + dataSize(map[string]any(change.Output.Data))
		if r.overLimit(cell, size) {
			return
		}
	}
	// A cell that was deleted or a display that was cleared meanwhile has no place for it.
	r.apply(&document.Op{Kind: document.Output, Cell: cell, Change: &change})
}

// overLimit counts size more bytes of output and reports whether the cell is beyond CellLimit; it
// says so in the outputs once.
func (r *room) overLimit(id string, size int) bool {
	if r.exec.sizes[id] += size; r.exec.sizes[id] < CellLimit {
		return false
	}
	if e := r.exec.current; e != nil && e.cell == id && !e.dropped {
		e.dropped = true
		r.apply(&document.Op{Kind: document.Output, Cell: id, Change: &notebook.Change{
			Kind: notebook.Add, Output: &notebook.Output{
				Type: notebook.Stream, Name: "stderr",
				Text: fmt.Appendf(nil, "\noutput stopped: this cell has printed %d MB, the most that "+
					"a notebook keeps for one cell; write larger data to a file\n", CellLimit>>20),
			},
		}})
	}
	return true
}

func (r *room) inputRequest(m *wire.Message, parent string) {
	var in wire.InputRequest
	if m.DecodeContent(&in) == nil {
		r.setPrompt(&api.Prompt{Cell: r.exec.parents[parent], Prompt: in.Prompt, Password: in.Password})
	}
}

func (r *room) setPrompt(p *api.Prompt) {
	if p == nil && r.prompt == nil {
		return
	}
	r.prompt = p
	r.tell(api.Frame{Type: api.Input, Prompt: p})
}

func (r *room) input(value string) {
	if r.prompt == nil || r.slot == nil {
		return
	}
	prompt := r.prompt
	r.setPrompt(nil)
	m, err := wire.New(wire.Stdin, "input_reply", nil, wire.InputReply{Value: value})
	if err != nil || !r.slot.send(m) {
		return
	}
	if prompt.Cell != "" {
		shown := value
		if prompt.Password {
			shown = "········"
		}
		r.apply(&document.Op{Kind: document.Output, Cell: prompt.Cell, Change: &notebook.Change{
			Kind: notebook.Add, Output: &notebook.Output{
				Type: notebook.Stream, Name: "stdout", Text: []byte(prompt.Prompt + shown + "\n"),
			},
		}})
	}
}

// kernelState is called by the slot when a process starts, is ready or ends.
func (r *room) kernelState(s *slot, state, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.slot != s {
		return
	}
	if state != document.Starting && state != document.Ready {
		r.kernelLost(state, message)
	}
	r.apply(&document.Op{Kind: document.KernelIs, Status: state, Message: message})
	if state == document.Ready {
		openTier(s)
	}
	r.work()
}

// kernelLost ends the running cell. The queue is kept only for a restart that has asked for it.
func (r *room) kernelLost(state, message string) {
	if e := r.exec.current; e != nil {
		r.exec.current = nil
		if state == document.Dead {
			r.failCell(e.cell, message)
		}
		r.apply(&document.Op{
			Kind: document.Done, Cell: e.cell, Status: document.Lost,
			Elapsed: time.Since(e.began).Milliseconds(),
		})
	}
	r.setPrompt(nil)
	r.setTier(nil)
	for _, a := range r.exec.asks {
		a.client.send(api.Frame{Type: api.Answer, ID: a.id, Content: json.RawMessage(`{"status":"error"}`)})
	}
	r.exec.asks = nil
	if state != document.Restarting {
		r.abortQueue()
	}
}

// failCell puts an error of the workbench itself into the outputs of a cell.
func (r *room) failCell(cell, message string) {
	r.apply(&document.Op{Kind: document.Output, Cell: cell, Change: &notebook.Change{
		Kind: notebook.Add, Output: &notebook.Output{
			Type: notebook.Error, EName: "kernel died", EValue: message,
			Traceback: []string{message},
		},
	}})
}

// restart replaces the kernel process and then runs the cells; announce is the slot's.
func (r *room) restart(cells []string, stop, announce bool) {
	r.abortQueue()
	if r.slot == nil {
		r.apply(&document.Op{Kind: document.KernelIs, Status: document.Starting})
		r.newSlot().start()
	} else {
		if e := r.exec.current; e != nil {
			r.kernelLost(document.Restarting, "")
		}
		r.apply(&document.Op{Kind: document.KernelIs, Status: document.Restarting})
		r.slot.restart(announce)
	}
	if len(cells) > 0 {
		r.enqueue(cells, stop)
	}
}

func (r *room) interrupt() {
	r.abortQueue()
	if slot := r.slot; slot != nil {
		go func() {
			if err := slot.interrupt(); err != nil {
				r.srv.log("interrupt "+r.path, err)
			}
		}()
	}
}

// ask forwards a request such as complete_request for one client.
func (r *room) ask(c *client, q api.Request) {
	channel := wire.Shell
	if q.Message == debugRequest {
		channel = wire.Control // it is answered while a cell runs
	}
	m, err := wire.New(channel, q.Message, nil, q.Content)
	running := r.doc.Kernel.Status == document.Ready || r.doc.Kernel.Status == document.Busy
	if err != nil || !askable[q.Message] || r.slot == nil || !running || !r.slot.send(m) {
		c.send(api.Frame{Type: api.Answer, ID: q.ID, Content: json.RawMessage(`{"status":"error"}`)})
		return
	}
	if r.exec.asks == nil {
		r.exec.asks = map[string]ask{}
	}
	r.exec.asks[m.Header.ID] = ask{c, q.ID}
}

var askable = map[string]bool{
	"complete_request": true, "inspect_request": true, "is_complete_request": true,
	"history_request": true, "kernel_info_request": true, debugRequest: true,
}

const debugRequest = "debug_request"

// forget drops the questions of a client that left.
func (r *room) forget(c *client) {
	maps.DeleteFunc(r.exec.asks, func(_ string, a ask) bool { return a.client == c })
}

// codeCells returns those of the ids, all when empty, that name code cells, in document order.
func (r *room) codeCells(ids []string) (cells []string) {
	for _, c := range r.doc.Notebook.Cells {
		if c.Type == notebook.Code && (len(ids) == 0 || slices.Contains(ids, c.ID)) {
			cells = append(cells, c.ID)
		}
	}
	return cells
}
