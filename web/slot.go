package web

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lathe-ml/lathe/kernel/wire"
	"github.com/lathe-ml/lathe/web/document"
)

// A Kernel is a running kernel process.
type Kernel interface {
	Send(*wire.Message) error
	// Messages delivers everything from the kernel in order; it is closed when the process has
	// ended and all was delivered.
	Messages() <-chan *wire.Message
	Interrupt() error
	Shutdown(context.Context) error
	Kill()
	// Reason says in one sentence for people why the process ended.
	Reason() string
	MemoryUsage() int64
}

// A Starter starts a kernel whose working directory is dir.
type Starter func(ctx context.Context, dir string) (Kernel, error)

const shutdownGrace = 3 * time.Second

// A slot is a place for a kernel process that outlives it: restarting keeps the id.
//
// Goroutines: launch, and one pump and one write per process, which end with it.
// mu guards the fields below it and is never held while hooks run; hooks may take a room's mu, and
// a room may call the slot with its mu held.
type slot struct {
	id    string
	dir   string
	boot  Starter
	hooks hooks

	mu       sync.Mutex
	kernel   Kernel
	out      chan *wire.Message
	number   int // of restarts
	state    string
	activity time.Time
	conns    map[*channels]bool
	gone     bool
	ready    []chan struct{} // closed when the state is no longer starting
}

// hooks tell a slot's owner what happens. They are called from the slot's goroutines, in order.
type hooks struct {
	message func(*wire.Message)
	state   func(state, message string)
}

func newSlot(boot Starter, dir string, h hooks) *slot {
	return &slot{
		id: uuid.NewString(), dir: dir, boot: boot, hooks: h, state: document.Starting,
		activity: time.Now(), conns: map[*channels]bool{},
	}
}

// start launches a process in the background.
func (s *slot) start() { go s.launch(0) }

// launch boots process number n, unless a later one has been asked for meanwhile.
func (s *slot) launch(n int) {
	s.become(document.Starting, "")
	kernel, err := s.boot(context.Background(), s.dir)
	if err != nil {
		s.mu.Lock()
		late := s.number != n
		s.mu.Unlock()
		if late {
			return
		}
		s.become(document.Dead, "the kernel did not start: "+err.Error())
		return
	}
	s.mu.Lock()
	if s.gone || s.number != n {
		s.mu.Unlock()
		kernel.Kill()
		return
	}
	s.kernel, s.out = kernel, make(chan *wire.Message, 1000)
	ended := make(chan struct{})
	go write(kernel, s.out, ended)
	s.mu.Unlock()
	s.become(document.Ready, "")
	go s.pump(kernel, ended)
}

func (s *slot) become(state, message string) { s.tell(state, message, true) }

func (s *slot) tell(state, message string, clients bool) {
	s.mu.Lock()
	s.state, s.activity = state, time.Now()
	conns := s.connections()
	if state != document.Starting && state != document.Restarting {
		for _, c := range s.ready {
			close(c)
		}
		s.ready = nil
	}
	s.mu.Unlock()
	s.hooks.state(state, message)
	if !clients {
		return
	}
	for _, c := range conns {
		c.status(state)
	}
}

func (s *slot) connections() (list []*channels) {
	for c := range s.conns {
		list = append(list, c)
	}
	return list
}

func (s *slot) pump(kernel Kernel, ended chan struct{}) {
	defer close(ended)
	for m := range kernel.Messages() {
		s.mu.Lock()
		s.activity = time.Now()
		conns := s.connections()
		current := s.kernel == kernel
		s.mu.Unlock()
		if !current {
			continue
		}
		s.hooks.message(m)
		for _, c := range conns {
			c.deliver(m)
		}
	}
	s.mu.Lock()
	unexpected := s.kernel == kernel
	if unexpected {
		s.kernel = nil
	}
	s.mu.Unlock()
	if unexpected {
		s.become(document.Dead, kernel.Reason())
	}
}

// send queues m for the kernel and never blocks; it reports false when there is no kernel or it has
// not read for a long time.
func (s *slot) send(m *wire.Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kernel == nil {
		return false
	}
	select {
	case s.out <- m:
		return true
	default:
		return false
	}
}

// write sends what is queued for kernel until the process ends.
func write(kernel Kernel, out <-chan *wire.Message, ended <-chan struct{}) {
	for {
		select {
		case m := <-out:
			if kernel.Send(m) != nil {
				return
			}
		case <-ended:
			return
		}
	}
}

func (s *slot) interrupt() error {
	s.mu.Lock()
	kernel := s.kernel
	s.mu.Unlock()
	if kernel == nil {
		return nil
	}
	return kernel.Interrupt()
}

// restart replaces the process. It returns at once, in the state restarting: who waits with settled
// from then on waits for the new process. Jupyter's clients drop what they wait for and connect again
// when they read "restarting"; the one that asked for it over REST does so by itself, and would lose
// the first requests to the new process if told as well: then announce is false.
func (s *slot) restart(announce bool) {
	kernel := s.detach()
	s.mu.Lock()
	s.number++
	n := s.number
	s.state = document.Restarting
	s.mu.Unlock()
	go func() {
		s.tell(document.Restarting, "", announce)
		end(context.Background(), kernel)
		s.launch(n)
	}()
}

// shutdown ends the process for good and waits for that.
func (s *slot) shutdown(ctx context.Context) {
	s.mu.Lock()
	s.gone = true
	s.mu.Unlock()
	end(ctx, s.detach())
	s.become(document.NoKernel, "")
}

func (s *slot) detach() Kernel {
	s.mu.Lock()
	defer s.mu.Unlock()
	kernel := s.kernel
	s.kernel = nil
	return kernel
}

func end(ctx context.Context, kernel Kernel) {
	if kernel == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, shutdownGrace)
	defer cancel()
	if kernel.Shutdown(ctx) != nil {
		kernel.Kill()
	}
}

func (s *slot) memory() int64 {
	s.mu.Lock()
	kernel := s.kernel
	s.mu.Unlock()
	if kernel == nil {
		return 0
	}
	return kernel.MemoryUsage()
}

// settled returns a channel that is closed when the slot is neither starting nor restarting.
func (s *slot) settled() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan struct{})
	if s.state == document.Starting || s.state == document.Restarting {
		s.ready = append(s.ready, c)
	} else {
		close(c)
	}
	return c
}
