package parallel

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// AllGather returns the x of all processes, [rank …]. They have one type and one shape.
func (w *Worker) AllGather(x *eager.Tensor) (*eager.Tensor, error) {
	return w.gather("AllGather", x, func(int) bool { return true })
}

// Gather is AllGather for one process, root; the others get nil.
func (w *Worker) Gather(root int, x *eager.Tensor) (*eager.Tensor, error) {
	where := fmt.Sprintf("Gather %d", root)
	if err := w.isRank(where, root); err != nil {
		return nil, err
	}
	return w.gather(where, x, func(rank int) bool { return rank == root })
}

func (w *Worker) gather(where string, x *eager.Tensor, wants func(rank int) bool) (*eager.Tensor, error) {
	own, err := bytesOf(where, x)
	if err != nil {
		return nil, err
	}
	var all *eager.Tensor
	var to []byte
	if wants(w.Rank) {
		all, to = empty(x.DType(), append(engine.Shape{w.Size}, x.Shape()...))
	}
	err = w.exchange(where, x.Storage().String(), own, len(own), func(rank, at int, part []byte) {
		if to != nil {
			copy(to[rank*len(own)+at:], part)
		}
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Scatter gives process r row r of the tensor x [rank …] of root, as a new tensor. In the other processes x
// is an example of a row: only its type counts.
func (w *Worker) Scatter(root int, x *eager.Tensor) (*eager.Tensor, error) {
	where := fmt.Sprintf("Scatter %d", root)
	if err := w.isRank(where, root); err != nil {
		return nil, err
	}
	own, err := bytesOf(where, x)
	if err != nil {
		return nil, err
	}
	row := x.Shape()
	if w.Rank == root {
		if x.Rank() == 0 || x.Size(0) != w.Size {
			return nil, w.failed(fmt.Errorf("parallel.%s: the tensor is %v; want [%d …]", where, x.Type(), w.Size))
		}
		row = row[1:]
	} else {
		own = nil
	}
	y, to := empty(x.DType(), row)
	mine := w.Rank * len(to)
	err = w.exchange(where, fmt.Sprint(x.DType(), row), own, w.Size*len(to), func(rank, at int, part []byte) {
		if rank == root {
			overlapped(to, mine, at, part)
		}
	})
	return y, err
}

// AllToAll gives process r row r of the tensor x [rank …] of each process: y[s] is row w.Rank of the x of
// process s.
func (w *Worker) AllToAll(x *eager.Tensor) (*eager.Tensor, error) {
	const where = "AllToAll"
	own, err := w.rowsOf(where, x)
	if err != nil {
		return nil, err
	}
	y, to := empty(x.DType(), x.Shape())
	size := len(own) / w.Size
	err = w.exchange(where, x.Storage().String(), own, len(own), func(rank, at int, part []byte) {
		overlapped(to[rank*size:][:size], w.Rank*size, at, part)
	})
	return y, err
}

// ReduceScatter gives process r row r of the sum of the tensors x [rank …], F32 or F64, over all processes.
func (w *Worker) ReduceScatter(x *eager.Tensor) (*eager.Tensor, error) {
	if _, err := w.rowsOf("ReduceScatter", x); err != nil {
		return nil, err
	}
	var sum, y *eager.Tensor
	eager.NoGrad(func() { sum = x.Detach().Clone() })
	if err := w.AllReduce(sum); err != nil {
		return nil, err
	}
	eager.NoGrad(func() { y = sum.Index(w.Rank).Clone() })
	return y, nil
}

// isRank refuses numbers that are not those of a process.
func (w *Worker) isRank(where string, rank int) error {
	if rank < 0 || rank >= w.Size {
		return w.failed(fmt.Errorf("parallel.%s: rank %d of %d processes", where, rank, w.Size))
	}
	return nil
}

// failed ends the job with err: the other processes wait for this one.
func (w *Worker) failed(err error) error {
	w.mem.abort(w.Rank, err.Error())
	return err
}

// rowsOf returns the memory of a tensor with a row for each process.
func (w *Worker) rowsOf(where string, x *eager.Tensor) ([]byte, error) {
	if x == nil || x.DType() == engine.Invalid || x.Rank() == 0 || x.Size(0) != w.Size {
		return nil, w.failed(fmt.Errorf("parallel.%s: the tensor is %v; want [%d …]", where, x, w.Size))
	}
	return bytesOf(where, x)
}

// bytesOf returns the elements of x, row-major.
func bytesOf(where string, x *eager.Tensor) ([]byte, error) {
	if x == nil || x.DType() == engine.Invalid {
		return nil, fmt.Errorf("parallel.%s: the tensor is nil or empty", where)
	}
	var row *eager.Tensor
	eager.NoGrad(func() { row = x.Detach().Contiguous() })
	return memory(row), nil
}

func memory(row *eager.Tensor) []byte {
	a := row.Storage()
	size := a.DType.Size()
	return a.Buf.Bytes()[a.Offset*size:][:a.Numel()*size]
}

// empty returns a tensor to be filled and its memory.
func empty(d engine.DType, s engine.Shape) (*eager.Tensor, []byte) {
	y := eager.FromArray(engine.NewArray(d, s))
	return y, memory(y)
}

// overlapped copies to to what part, which stands at byte at, has of the bytes from lo on.
func overlapped(to []byte, lo, at int, part []byte) {
	if d := lo - at; d >= 0 && d < len(part) {
		copy(to, part[d:])
	} else if d < 0 && -d < len(to) {
		copy(to[-d:], part)
	}
}

// exchange shows the bytes of each process (own, n of them, or nil for none) to all: read gets them in
// parts, each with the place where it starts. operands says what they are and is the same everywhere.
func (w *Worker) exchange(where, operands string, own []byte, n int, read func(rank, at int, part []byte)) error {
	w.enter(where, operands)
	for k := 0; k == 0 || k*chunkSize < n; k++ {
		at := k * chunkSize
		length := min(n-at, chunkSize)
		if own != nil {
			copy(w.mem.page(w.Rank, k), own[at:at+length])
		}
		if err := w.meet(where); err != nil {
			return err
		}
		if k == 0 {
			if err := w.agree(where); err != nil {
				return err
			}
		}
		for rank := range w.Size {
			read(rank, at, w.mem.page(rank, k)[:length])
		}
	}
	return w.meet(where) // the pages can be written again
}
