package ring

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unsafe"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// AllReduce replaces each tensor by its sum over all ranks, in place. The tensors are F32 or F64, of the same
// number, types and order in every rank; all ranks get the same bits. Tensors that follow each other with one
// type travel together, in buckets.
func (r *Ring) AllReduce(xs ...*eager.Tensor) error { return r.reduce("AllReduce", xs, 1) }

// AllMean is AllReduce with the mean over all ranks.
func (r *Ring) AllMean(xs ...*eager.Tensor) error { return r.reduce("AllMean", xs, 1/float64(r.Size)) }

// Barrier returns when every rank has called it.
func (r *Ring) Barrier() error { return r.AllReduce(eager.New([]float32{1})) }

// bucketBytes is how much of small tensors travels together.
const bucketBytes = 8 << 20

func (r *Ring) reduce(where string, xs []*eager.Tensor, factor float64) error {
	if err := r.lost(); err != nil {
		return err
	}
	for i, x := range xs {
		if x == nil || x.DType() != engine.F32 && x.DType() != engine.F64 {
			return fmt.Errorf("ring.%s: tensor %d is %v; want f32 or f64", where, i, x)
		}
	}
	if r.Size == 1 || len(xs) == 0 {
		return nil
	}
	call := callOf(where, xs)
	if b := small(xs); b != nil {
		if err := r.meet(call, xs[0].DType(), b); err != nil {
			return r.fail(where, err)
		}
		return r.give(xs, b, factor)
	}
	if err := r.meet(call, engine.Invalid, nil); err != nil {
		return r.fail(where, err)
	}
	for lo := 0; lo < len(xs); {
		hi, bytes := lo, 0
		for hi < len(xs) && xs[hi].DType() == xs[lo].DType() {
			n := xs[hi].Numel() * xs[hi].DType().Size()
			if hi > lo && bytes+n > bucketBytes {
				break
			}
			bytes, hi = bytes+n, hi+1
		}
		if err := r.bucket(xs[lo:hi], bytes, factor); err != nil {
			return r.fail(where, err)
		}
		lo = hi
	}
	return nil
}

// memoryOf is the memory of a row-major tensor, and the tensor: x itself or a copy.
func memoryOf(x *eager.Tensor) (*eager.Tensor, []byte) {
	var row *eager.Tensor
	eager.NoGrad(func() { row = x.Detach().Contiguous() })
	a := row.Storage()
	eager.BeforeWrite(a.Buf)
	size := a.DType.Size()
	return row, a.Buf.Bytes()[a.Offset*size:][:a.Numel()*size]
}

// bucket reduces tensors of one type.
func (r *Ring) bucket(xs []*eager.Tensor, n int, factor float64) error {
	_, b := memoryOf(xs[0])
	if len(xs) > 1 {
		b = joined(xs, n)
	}
	if err := r.sum(xs[0].DType(), b); err != nil {
		return err
	}
	return r.give(xs, b, factor)
}

// joined is a copy of the elements of xs, n bytes.
func joined(xs []*eager.Tensor, n int) []byte {
	all := make([]byte, 0, n)
	for _, x := range xs {
		_, m := memoryOf(x)
		all = append(all, m...)
	}
	return all
}

// give stores the sums b, times factor, in xs, of which the only one may have b as its memory.
func (r *Ring) give(xs []*eager.Tensor, b []byte, factor float64) error {
	if factor != 1 {
		scale(xs[0].DType(), b, factor)
	}
	for _, x := range xs {
		row, m := memoryOf(x)
		if unsafe.SliceData(m) != unsafe.SliceData(b) {
			copy(m, b)
		}
		b = b[len(m):]
		if !x.SharesStorage(row) {
			eager.NoGrad(func() { x.Assign(row) })
		}
	}
	return nil
}

func arrayOf(t engine.DType, b []byte) engine.Array {
	s := engine.Shape{len(b) / t.Size()}
	return engine.Array{DType: t, Shape: s, Strides: s.Strides(), Buf: engine.WrapBytes(b)}
}

func scale(t engine.DType, b []byte, factor float64) {
	f := engine.Zeros(t, nil)
	if t == engine.F32 {
		f.F32()[0] = float32(factor)
	} else {
		f.F64()[0] = factor
	}
	a := arrayOf(t, b)
	op.Mul.CPU(nil, []engine.Array{a}, []engine.Array{a, f.Expand(a.Shape)})
}

// sum is the ring: n−1 steps in which a part travels and grows, then n−1 in which the sums travel.
func (r *Ring) sum(t engine.DType, b []byte) error {
	size := t.Size()
	part := func(i int) []byte {
		i = ((i % r.Size) + r.Size) % r.Size
		n := len(b) / size
		return b[n*i/r.Size*size : n*(i+1)/r.Size*size]
	}
	if err := r.deadline(); err != nil {
		return err
	}
	for s := range r.Size - 1 {
		in := part(r.Rank - s - 1)
		err := r.exchange(part(r.Rank-s), func() error {
			for lo := 0; lo < len(in); lo += chunkBytes {
				x := in[lo:min(lo+chunkBytes, len(in))]
				y := r.chunk[:len(x)]
				if _, err := io.ReadFull(r.prev, y); err != nil {
					return err
				}
				a := arrayOf(t, x)
				op.Add.CPU(nil, []engine.Array{a}, []engine.Array{a, arrayOf(t, y)})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for s := range r.Size - 1 {
		in := part(r.Rank - s)
		err := r.exchange(part(r.Rank-s+1), func() error {
			_, err := io.ReadFull(r.prev, in)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// exchange sends out while it receives.
func (r *Ring) exchange(out []byte, receive func() error) error {
	r.work <- out
	err := receive()
	if err != nil {
		r.closeConns() // so that the writer returns
	}
	return errors.Join(err, <-r.sent)
}

func (r *Ring) deadline() error {
	at := time.Now().Add(r.timeout)
	for _, c := range r.all {
		if err := c.SetDeadline(at); err != nil {
			return err
		}
	}
	return nil
}

// fail breaks the ring: after an error nobody knows what others have.
func (r *Ring) fail(where string, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("no data for %v: a rank is lost, or late", r.timeout)
	}
	err = fmt.Errorf("ring.%s: rank %d: %w", where, r.Rank, err)
	r.breaks(err)
	r.closeConns()
	return err
}

// Broadcast replaces each tensor of every rank by that of rank 0, in place. The tensors have the same number,
// types and order in every rank.
func (r *Ring) Broadcast(xs ...*eager.Tensor) error {
	if err := r.lost(); err != nil {
		return err
	}
	if r.Size == 1 || len(xs) == 0 {
		return nil
	}
	if err := r.meet(callOf("Broadcast", xs), engine.Invalid, nil); err != nil {
		return r.fail("Broadcast", err)
	}
	for _, x := range xs {
		row, b := memoryOf(x)
		if err := r.forward(b); err != nil {
			return r.fail("Broadcast", err)
		}
		if !x.SharesStorage(row) {
			eager.NoGrad(func() { x.Assign(row) })
		}
	}
	return nil
}

// forward passes b on from rank 0 to the last one, in chunks.
func (r *Ring) forward(b []byte) error {
	if err := r.deadline(); err != nil {
		return err
	}
	for lo := 0; lo < len(b); lo += chunkBytes {
		c := b[lo:min(lo+chunkBytes, len(b))]
		if r.Rank > 0 {
			if _, err := io.ReadFull(r.prev, c); err != nil {
				return err
			}
		}
		if r.Rank < r.Size-1 {
			if _, err := r.next.Write(c); err != nil {
				return err
			}
		}
	}
	return nil
}
