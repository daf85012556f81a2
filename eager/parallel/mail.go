package parallel

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lathe-ml/lathe/eager"
)

// mail is the state of the box through which a process sends tensors to one other: the box holds a part
// when sent is taken + 1. The sender writes sent, to and the box, who is addressed writes taken.
type mail struct {
	sent, taken atomic.Uint64
	to          atomic.Uint32
	length      uint32 // of the part in the box
}

// typeSize is the part of a box that holds the type of the tensor.
const typeSize = 256

func typeText(x *eager.Tensor) string {
	text := fmt.Sprint(x.DType(), []int(x.Shape()))
	return text[:min(len(text), typeSize)]
}

// Send sends x to the process of rank to, which calls Recv. It returns when x has been written to shared
// memory: at once for up to half a megabyte when what was sent before has been received, otherwise when
// the receiver has taken all but the last part. Send and Recv may be called from another goroutine than
// collective calls, one of each at a time.
func (w *Worker) Send(to int, x *eager.Tensor) error {
	where := fmt.Sprintf("Send to %d", to)
	if err := w.isOther(where, to); err != nil {
		return err
	}
	own, err := bytesOf(where, x)
	if err != nil {
		return err
	}
	m, box := &w.mem.process(w.Rank).mail, w.mem.box(w.Rank)
	for at := 0; at == 0 || at < len(own); at += chunkSize - typeSize {
		ready := func() bool { return m.sent.Load() == m.taken.Load() }
		receiver := int(m.to.Load())
		if err := w.awaitMail(where, receiver, ready); err != nil {
			return err
		}
		copy(box[copy(box[:typeSize], typeText(x)):typeSize], make([]byte, typeSize))
		m.length = uint32(copy(box[typeSize:], own[at:]))
		m.to.Store(uint32(to))
		m.sent.Add(1)
	}
	return nil
}

// Recv waits for the tensor that the process of rank from sends to this one, and stores it in x, which has
// its type.
func (w *Worker) Recv(from int, x *eager.Tensor) error {
	where := fmt.Sprintf("Recv from %d", from)
	if err := w.isOther(where, from); err != nil {
		return err
	}
	if _, err := bytesOf(where, x); err != nil {
		return err
	}
	row, to := empty(x.DType(), x.Shape())
	m, box := &w.mem.process(from).mail, w.mem.box(from)
	for at := 0; at == 0 || at < len(to); {
		ready := func() bool { return m.sent.Load() != m.taken.Load() && int(m.to.Load()) == w.Rank }
		if err := w.awaitMail(where, from, ready); err != nil {
			return err
		}
		if text := strings.TrimRight(string(box[:typeSize]), "\x00"); text != typeText(x) {
			return w.failed(fmt.Errorf("parallel.%s: rank %d sends %s, rank %d receives %s", where, from, text, w.Rank,
				typeText(x)))
		}
		at += copy(to[at:], box[typeSize:][:m.length])
		m.taken.Add(1)
		if len(to) == 0 {
			break
		}
	}
	eager.NoGrad(func() { x.Detach().Assign(row) })
	return nil
}

func (w *Worker) isOther(where string, rank int) error {
	if err := w.isRank(where, rank); err != nil {
		return err
	}
	if rank == w.Rank {
		return w.failed(fmt.Errorf("parallel.%s: that is the process itself; want another of the %d", where, w.Size))
	}
	return nil
}

// awaitMail returns when ready reports that rank has done its part.
func (w *Worker) awaitMail(where string, rank int, ready func() bool) error {
	var start time.Time
	for pause := firstPause; ; {
		for range looks {
			if ready() {
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
		if _, cause := w.mem.aborted(); cause != "" {
			return fmt.Errorf("parallel.%s: %s", where, cause)
		}
		if w.mem.process(rank).done.Load() != 0 && !ready() {
			return w.failed(fmt.Errorf("parallel.%s: rank %d waits for rank %d, whose task has returned", where, w.Rank, rank))
		}
		if waited > w.timeout {
			return w.failed(fmt.Errorf("parallel.%s: rank %d has waited %v for rank %d; set Options.Timeout if that is "+
				"not too long", where, w.Rank, w.timeout, rank))
		}
		time.Sleep(pause)
		pause = min(2*pause, lastPause)
	}
}
