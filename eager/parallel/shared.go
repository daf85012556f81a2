package parallel

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"
)

// The shared memory of a job: a head, a line for each process, and pages that tensors pass through in
// chunks: two for each process, which write there what they have, two for the result, and a box for each
// process with what it sends to another.
//
// Who writes what: a line is written by its process. Pages of a process are written by it and read by
// others after a barrier; the result is written in parts, one for each process. All come in pairs, so that
// one chunk is read while the next is written, and one barrier for each chunk is enough.
type shared struct {
	bytes []byte
	size  int
}

const (
	headSize  = 1024
	lineSize  = 1024
	pageAlign = 4096
	chunkSize = 512 << 10 // fits the second-level cache beside what is read
)

// head is the part that says how the job failed. The first to claim it writes it, then sets failed.
type head struct {
	claimed, failed atomic.Uint32 // failed: rank + 1
	length          uint32
	cause           [headSize - 12]byte
}

// line is the part of one process.
type line struct {
	arrived atomic.Uint64 // barriers that the process has come to
	done    atomic.Uint32 // 1: its task has returned without an error
	mail    mail
	_       [lineSize - 16 - 24 - 2*callSize]byte
	calls   [2]call // the collective call that it is in, by its number modulo 2
}

const callSize = 480

// call describes a collective call, to be compared with the others'.
type call struct {
	hash   uint64
	length uint32
	text   [callSize - 12]byte
}

func pagesAt(size int) int {
	return (headSize + size*lineSize + pageAlign - 1) / pageAlign * pageAlign
}

func sharedSize(size int) int { return pagesAt(size) + (3*size+2)*chunkSize }

// newShared returns a file without a name of the size that n processes need, all of it zeros that were
// written: memory that the system cannot provide is an error here and not a signal later.
func newShared(n int) (*os.File, error) {
	folder := os.TempDir()
	if s, err := os.Stat("/dev/shm"); err == nil && s.IsDir() {
		folder = "/dev/shm"
	}
	f, err := os.CreateTemp(folder, "lathe-parallel-*")
	if err != nil {
		return nil, fmt.Errorf("shared memory: %w", err)
	}
	os.Remove(f.Name())
	zeros := make([]byte, sharedSize(n))
	if _, err := f.Write(zeros); err != nil {
		f.Close()
		return nil, fmt.Errorf("shared memory of %d bytes: %w", len(zeros), err)
	}
	return f, nil
}

// mapShared maps the memory of a job of size processes.
func mapShared(f *os.File, size int) (*shared, error) {
	b, err := mapFile(f, sharedSize(size))
	if err != nil {
		return nil, fmt.Errorf("shared memory: %w", err)
	}
	return &shared{b, size}, nil
}

func (m *shared) close() { unmap(m.bytes) }

func (m *shared) head() *head { return (*head)(unsafe.Pointer(&m.bytes[0])) }

func (m *shared) process(rank int) *line {
	return (*line)(unsafe.Pointer(&m.bytes[headSize+rank*lineSize]))
}

// page returns the memory for what the process brings to a chunk; rank size is the result.
func (m *shared) page(rank, chunk int) []byte {
	at := pagesAt(m.size) + (2*rank+chunk%2)*chunkSize
	return m.bytes[at : at+chunkSize : at+chunkSize]
}

// box returns the memory for what the process sends to another.
func (m *shared) box(rank int) []byte {
	at := pagesAt(m.size) + (2*m.size+2+rank)*chunkSize
	return m.bytes[at : at+chunkSize : at+chunkSize]
}

func (m *shared) result(chunk int) []byte { return m.page(m.size, chunk) }

// abort says that the job has failed; the first cause stays.
func (m *shared) abort(rank int, cause string) {
	h := m.head()
	if !h.claimed.CompareAndSwap(0, 1) {
		return
	}
	h.length = uint32(copy(h.cause[:], cause))
	h.failed.Store(uint32(rank) + 1)
}

// aborted returns the rank that failed and the cause, or −1.
func (m *shared) aborted() (rank int, cause string) {
	h := m.head()
	n := h.failed.Load()
	if n == 0 {
		return -1, ""
	}
	return int(n) - 1, string(h.cause[:h.length])
}

// How a process waits for another: it looks all the time at first, when there is a processor for each,
// and then after pauses that grow. A pause takes a millisecond at least, because the Go scheduler waits for
// whole ones: were spinTime as short, one late process would send all of them to sleep at every chunk.
const (
	spinTime   = 3 * time.Millisecond
	firstPause = 100 * time.Microsecond
	lastPause  = 5 * time.Millisecond
	looks      = 256 // between two looks at the clock
)

// meet returns when every process has come here as often as this one.
func (w *Worker) meet(where string) error {
	w.arrived++
	w.mem.process(w.Rank).arrived.Store(w.arrived)
	for rank := range w.Size {
		if err := w.await(where, rank); err != nil {
			return err
		}
	}
	return nil
}

func (w *Worker) await(where string, rank int) error {
	l := w.mem.process(rank)
	var start time.Time
	for pause := firstPause; ; {
		for range looks {
			if l.arrived.Load() >= w.arrived {
				return nil
			}
		}
		if start.IsZero() {
			start = time.Now()
		}
		waited := time.Since(start)
		if waited < spinTime && w.Size <= runtime.NumCPU() {
			continue
		}
		if err := w.check(where, rank, waited); err != nil {
			return err
		}
		time.Sleep(pause)
		pause = min(2*pause, lastPause)
	}
}

// check returns an error when it is in vain to wait for rank.
func (w *Worker) check(where string, rank int, waited time.Duration) error {
	if _, cause := w.mem.aborted(); cause != "" {
		return fmt.Errorf("parallel.%s: %s", where, cause)
	}
	l := w.mem.process(rank)
	if l.done.Load() != 0 && l.arrived.Load() < w.arrived {
		err := fmt.Errorf("parallel.%s: rank %d waits for rank %d, whose task has returned; every process "+
			"makes the same calls", where, w.Rank, rank)
		w.mem.abort(w.Rank, err.Error())
		return err
	}
	if waited > w.timeout {
		err := fmt.Errorf("parallel.%s: rank %d has waited %v for rank %d; set Options.Timeout if that is not "+
			"too long", where, w.Rank, w.timeout, rank)
		w.mem.abort(w.Rank, err.Error())
		return err
	}
	return nil
}

// enter tells the others which collective call this is.
func (w *Worker) enter(where, operands string) {
	c := &w.mem.process(w.Rank).calls[w.calls%2]
	text := where + "(" + operands + ")"
	c.hash, c.length = hash(text), uint32(copy(c.text[:], text))
	w.calls++
}

// agree returns an error when another process is in a different call. It comes after the first meet of a
// call, and a process comes to the next but one only when all have left this one.
func (w *Worker) agree(where string) error {
	k := (w.calls - 1) % 2
	own := &w.mem.process(w.Rank).calls[k]
	for rank := range w.Size {
		c := &w.mem.process(rank).calls[k]
		if c.hash != own.hash {
			return fmt.Errorf("parallel.%s: rank %d calls %s, rank %d calls %s; every process makes the same "+
				"calls with tensors of the same types", where, w.Rank, own, rank, c)
		}
	}
	return nil
}

// String returns the call, cut where it is long.
func (c *call) String() string {
	s := strings.ToValidUTF8(string(c.text[:c.length]), "")
	if len(s) > 120 {
		s = s[:120] + " …"
	}
	return s
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
