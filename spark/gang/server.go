package gang

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// ParameterServer trains without waiting: rank 0 keeps the parameters and does nothing else; each of the other
// ranks sends it gradients when it has some, and gets the newest parameters. Slow ranks hold up nobody, and
// gradients may be of parameters that are some updates old.
//
//	ps, err := gang.NewParameterServer(w, net, opt)
//	if w.Rank == 0 {
//		return ps.Serve(func(updates int) error { … })   // returns when all others have called Close
//	}
//	loss.Backward()
//	err = ps.Update()
//
// Goroutines: Serve runs one for each other rank; they end with it. Updates are made one after the other.
type ParameterServer struct {
	params  []*eager.Tensor
	opt     optim.Optimizer
	conns   []net.Conn
	timeout time.Duration
	r       *bufio.Reader

	mu      sync.Mutex
	updates int
}

// NewParameterServer gives the parameters of rank 0 to all ranks, which call it at the same place. opt is what
// rank 0 updates them with; other ranks may give nil. Parameters are F32.
func NewParameterServer(w *Worker, m nn.Module, opt optim.Optimizer) (*ParameterServer, error) {
	if w == nil || m == nil || w.Rank == 0 && opt == nil {
		return nil, errors.New("gang.NewParameterServer: want a worker, a module and, on rank 0, an optimizer")
	}
	p := &ParameterServer{params: m.Self().Params(), opt: opt, timeout: w.Timeout()}
	for i, x := range p.params {
		if x.DType() != engine.F32 {
			return nil, fmt.Errorf("gang.NewParameterServer: parameter %d is %v; want f32", i, x.DType())
		}
	}
	if err := w.Broadcast(p.params...); err != nil {
		return nil, fmt.Errorf("gang.NewParameterServer: %w", err)
	}
	var err error
	if p.conns, err = w.Star(); err != nil {
		return nil, fmt.Errorf("gang.NewParameterServer: %w", err)
	}
	if w.Rank > 0 {
		p.r = bufio.NewReaderSize(p.conns[0], 1<<16)
	}
	return p, nil
}

// The first byte of what a rank sends.
const (
	sendsGradients = 1
	saysGoodbye    = 2
)

// Update sends the gradients of this rank, gets the newest parameters, and clears the gradients.
func (p *ParameterServer) Update() error {
	c := p.conns[0]
	if err := c.SetDeadline(time.Now().Add(p.timeout)); err != nil {
		return err
	}
	w := bufio.NewWriterSize(c, 1<<16)
	w.WriteByte(sendsGradients) // errors stay with w until Flush
	for _, x := range p.params {
		g := eager.Zeros(x.Shape()...)
		if x.Grad() != nil {
			g = x.Grad().Detach().Contiguous()
		}
		w.Write(bytesOf(g))
		x.ZeroGrad()
	}
	err := w.Flush()
	if err == nil {
		err = p.read(p.r, p.params)
	}
	if err != nil {
		return fmt.Errorf("gang.Update: the parameter server is lost, or late: %w", err)
	}
	return nil
}

// Close says that this rank sends no more.
func (p *ParameterServer) Close() error {
	if p.r != nil {
		if _, err := p.conns[0].Write([]byte{saysGoodbye}); err != nil {
			return fmt.Errorf("gang.Close: the parameter server is lost: %w", err)
		}
	}
	for _, c := range p.conns {
		c.Close()
	}
	return nil
}

// Serve makes updates until all other ranks have called Close; after, which may be nil, is called behind each
// update, when nobody changes the parameters. The loss of a rank, and silence for the job's Timeout, are errors.
func (p *ParameterServer) Serve(after func(updates int) error) error {
	failed := make(chan error, len(p.conns))
	for _, c := range p.conns {
		go func() { failed <- p.serve(c, after) }()
	}
	var err error
	for range p.conns {
		if e := <-failed; e != nil && err == nil {
			err = fmt.Errorf("gang.Serve: %w", e)
			for _, c := range p.conns {
				c.Close() // so that all end
			}
		}
	}
	return err
}

func (p *ParameterServer) serve(c net.Conn, after func(updates int) error) error {
	r, grads := bufio.NewReaderSize(c, 1<<16), make([]*eager.Tensor, len(p.params))
	for i, x := range p.params {
		grads[i] = eager.Zeros(x.Shape()...)
	}
	for {
		if err := c.SetDeadline(time.Now().Add(p.timeout)); err != nil {
			return err
		}
		what, err := r.ReadByte()
		switch {
		case err != nil:
			return fmt.Errorf("a rank is lost, or late: %w", err)
		case what == saysGoodbye:
			return nil
		case what != sendsGradients:
			return fmt.Errorf("a rank sends %d; want gradients or its end", what)
		}
		if err := p.read(r, grads); err != nil {
			return fmt.Errorf("a rank is lost, or late: %w", err)
		}
		if err := p.update(c, grads, after); err != nil {
			return err
		}
	}
}

// update makes a step and answers with the parameters.
func (p *ParameterServer) update(c net.Conn, grads []*eager.Tensor, after func(updates int) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, x := range p.params {
		x.SetGrad(grads[i])
	}
	if caught := engine.Catch(p.opt.Step); caught != nil {
		return caught
	}
	p.updates++
	if after != nil {
		if err := after(p.updates); err != nil {
			return err
		}
	}
	w := bufio.NewWriterSize(c, 1<<16)
	for _, x := range p.params {
		w.Write(bytesOf(x.Detach().Contiguous()))
	}
	return w.Flush()
}

func (p *ParameterServer) read(r io.Reader, into []*eager.Tensor) error {
	for _, x := range into {
		eager.BeforeWrite(x.Storage().Buf)
		if _, err := io.ReadFull(r, bytesOf(x)); err != nil {
			return err
		}
	}
	return nil
}

// bytesOf is the memory of a row-major F32 tensor.
func bytesOf(x *eager.Tensor) []byte {
	a := x.Storage()
	return a.Buf.Bytes()[a.Offset*4:][:a.Numel()*4]
}
