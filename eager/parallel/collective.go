package parallel

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Barrier returns when every process has called it.
func (w *Worker) Barrier() error {
	w.enter("Barrier", "")
	if err := w.meet("Barrier"); err != nil {
		return err
	}
	return w.agree("Barrier")
}

// AllReduce replaces each tensor by the sum over all processes, in place. The tensors are F32 or F64, of the
// same number, types and order in every process. Each process sums its part of the elements, in the order
// of ranks: all get the same bits.
func (w *Worker) AllReduce(xs ...*eager.Tensor) error { return w.allReduce("AllReduce", xs, op.Add, 1) }

// AllMax is AllReduce with the largest elements of all processes.
func (w *Worker) AllMax(xs ...*eager.Tensor) error { return w.allReduce("AllMax", xs, op.Maximum, 1) }

// AllMin is AllReduce with the least elements of all processes.
func (w *Worker) AllMin(xs ...*eager.Tensor) error { return w.allReduce("AllMin", xs, op.Minimum, 1) }

// AllMean is AllReduce with the mean over all processes.
func (w *Worker) AllMean(xs ...*eager.Tensor) error {
	return w.allReduce("AllMean", xs, op.Add, 1/float64(w.Size))
}

// allReduce combines the tensors of all processes with the operator by and multiplies by factor.
func (w *Worker) allReduce(where string, xs []*eager.Tensor, by *op.Def, factor float64) error {
	for i, x := range xs {
		if x != nil && x.DType() != engine.F32 && x.DType() != engine.F64 {
			return fmt.Errorf("parallel.%s: tensor %d is %v; want f32 or f64", where, i, x.Storage())
		}
	}
	s, err := w.stream(where, xs)
	if err != nil {
		return err
	}
	chunks := s.chunks()
	from, to := s.cursor(), s.cursor() // of what is written and of what is read back
	for k := 0; k < chunks+2; k++ {
		if k >= 2 {
			to.each(func(tensor, memory []byte) { copy(tensor, memory) }, w.mem.result(k-2))
		}
		if k >= 1 && k <= chunks {
			w.combine(by, s.typ(k-1), k-1, s.length(k-1), factor)
		}
		if k < chunks {
			from.each(func(tensor, memory []byte) { copy(memory, tensor) }, w.mem.page(w.Rank, k))
		}
		if k == chunks+1 {
			break
		}
		if err := w.meet(where); err != nil {
			return err
		}
		if k == 0 {
			if err := w.agree(where); err != nil {
				return err
			}
			s.writing()
		}
	}
	s.finish()
	return nil
}

// Broadcast replaces each tensor of every process by that of rank 0, in place. The tensors have the same
// number, types and order in every process.
func (w *Worker) Broadcast(xs ...*eager.Tensor) error { return w.BroadcastFrom(0, xs...) }

// BroadcastFrom is Broadcast from any rank, which is the same in every process.
func (w *Worker) BroadcastFrom(root int, xs ...*eager.Tensor) error {
	where := "Broadcast"
	if root != 0 {
		where = fmt.Sprintf("BroadcastFrom %d", root)
	}
	if err := w.isRank(where, root); err != nil {
		return err
	}
	s, err := w.stream(where, xs)
	if err != nil {
		return err
	}
	chunks := s.chunks()
	at := s.cursor()
	if err := w.meet(where); err != nil { // others may still read the results of the call before
		return err
	}
	for k := 0; k <= chunks; k++ {
		if k > 0 && w.Rank != root {
			at.each(func(tensor, memory []byte) { copy(tensor, memory) }, w.mem.result(k-1))
		}
		if k < chunks && w.Rank == root {
			at.each(func(tensor, memory []byte) { copy(memory, tensor) }, w.mem.result(k))
		}
		if k == chunks && k > 0 {
			break
		}
		if err := w.meet(where); err != nil {
			return err
		}
		if k == 0 {
			if err := w.agree(where); err != nil {
				return err
			}
			s.writing()
		}
	}
	s.finish()
	return nil
}

// combine combines this process's part of a chunk of n bytes.
func (w *Worker) combine(by *op.Def, t engine.DType, chunk, n int, factor float64) {
	const whole = 64 // bytes: processes write to lines of their own
	units := (n + whole - 1) / whole
	lo, hi := units*w.Rank/w.Size*whole, min(units*(w.Rank+1)/w.Size*whole, n)
	if lo >= hi {
		return
	}
	part := func(page []byte) engine.Array {
		s := engine.Shape{(hi - lo) / t.Size()}
		return engine.Array{DType: t, Shape: s, Strides: s.Strides(), Buf: engine.WrapBytes(page[lo:hi])}
	}
	y := part(w.mem.result(chunk))
	if w.Size == 1 {
		copy(w.mem.result(chunk)[lo:hi], w.mem.page(0, chunk)[lo:hi])
	}
	x := part(w.mem.page(0, chunk))
	for rank := 1; rank < w.Size; rank++ {
		by.CPU(nil, []engine.Array{y}, []engine.Array{x, part(w.mem.page(rank, chunk))})
		x = y
	}
	if factor != 1 {
		f := engine.Zeros(t, nil)
		if t == engine.F32 {
			f.F32()[0] = float32(factor)
		} else {
			f.F64()[0] = factor
		}
		op.Mul.CPU(nil, []engine.Array{y}, []engine.Array{y, f.Expand(y.Shape)})
	}
}

// stream is the memory of some tensors as chunks, each of one dtype.
type stream struct {
	tensors []*eager.Tensor // given
	rows    []*eager.Tensor // row-major: the same, or copies
	bytes   [][]byte        // of rows
	pieces  []piece         // of the chunks, in order
	ends    []int           // where the pieces of a chunk end
}

// piece is a part of a tensor that lies in one chunk at a place.
type piece struct{ tensor, lo, hi, at int }

// stream enters the call and lays the tensors out in chunks.
func (w *Worker) stream(where string, xs []*eager.Tensor) (*stream, error) {
	s := &stream{tensors: xs, rows: make([]*eager.Tensor, len(xs)), bytes: make([][]byte, len(xs))}
	types := make([]string, len(xs))
	at, last := 0, engine.Invalid
	for i, x := range xs {
		if x == nil || x.DType() == engine.Invalid {
			return nil, fmt.Errorf("parallel.%s: tensor %d is nil or empty", where, i)
		}
		eager.NoGrad(func() { s.rows[i] = x.Detach().Contiguous() })
		a := s.rows[i].Storage()
		types[i] = a.String()
		size := a.DType.Size()
		s.bytes[i] = a.Buf.Bytes()[a.Offset*size:][:a.Numel()*size]
		if i > 0 && a.DType != last && at > 0 {
			s.ends, at = append(s.ends, len(s.pieces)), 0
		}
		last = a.DType
		for lo := 0; lo < len(s.bytes[i]); {
			hi := min(len(s.bytes[i]), lo+chunkSize-at)
			s.pieces = append(s.pieces, piece{i, lo, hi, at})
			at += hi - lo
			if lo = hi; at == chunkSize {
				s.ends, at = append(s.ends, len(s.pieces)), 0
			}
		}
	}
	if at > 0 {
		s.ends = append(s.ends, len(s.pieces))
	}
	w.enter(where, strings.Join(types, ", "))
	return s, nil
}

func (s *stream) chunks() int { return len(s.ends) }

func (s *stream) typ(chunk int) engine.DType { return s.rows[s.pieces[s.ends[chunk]-1].tensor].DType() }

// length returns the number of bytes of a chunk.
func (s *stream) length(chunk int) int {
	p := s.pieces[s.ends[chunk]-1]
	return p.at + p.hi - p.lo
}

// writing tells the tensors that they change.
func (s *stream) writing() {
	for _, x := range s.rows {
		eager.BeforeWrite(x.Storage().Buf)
	}
}

// finish copies back what is not row-major.
func (s *stream) finish() {
	eager.NoGrad(func() {
		for i, x := range s.tensors {
			if !x.SharesStorage(s.rows[i]) {
				x.Assign(s.rows[i])
			}
		}
	})
}

// cursor walks over the chunks of a stream.
type cursor struct {
	s           *stream
	chunk, next int
}

func (s *stream) cursor() *cursor { return &cursor{s: s} }

// each calls f for each piece of the next chunk, whose shared memory is page.
func (c *cursor) each(f func(tensor, memory []byte), page []byte) {
	for ; c.next < c.s.ends[c.chunk]; c.next++ {
		p := c.s.pieces[c.next]
		f(c.s.bytes[p.tensor][p.lo:p.hi], page[p.at:p.at+p.hi-p.lo])
	}
	c.chunk++
}
