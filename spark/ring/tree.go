package ring

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/bits"
	"net"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// treeBytes is what goes through the tree at most: buffers of the system have to take it. Between two ranks the
// tree moves as much as the ring; among more it moves more, in fewer messages.
const treeBytes = 32 << 10

// inTree is how many ranks the tree has a place for: a power of two. For rank inTree + i rank i speaks.
func (r *Ring) inTree() int { return 1 << (bits.Len(uint(r.Size)) - 1) }

// link is a connection with another rank, for one purpose.
type link struct {
	kind byte
	rank int
}

const (
	ringLink = 'r'
	treeLink = 't'
	starLink = 's'
)

// links are the connections that this rank makes, and those that it waits for.
func (r *Ring) links() (dials, waits []link) {
	dials = []link{{ringLink, (r.Rank + 1) % r.Size}}
	waits = []link{{ringLink, (r.Rank + r.Size - 1) % r.Size}}
	n := r.inTree()
	if r.Rank >= n {
		return dials, append(waits, link{treeLink, r.Rank - n})
	}
	r.tree = make([]net.Conn, bits.Len(uint(n))-1)
	for bit := 1; bit < len(r.tree); bit++ {
		l := link{treeLink, r.Rank ^ 1<<bit}
		if r.Rank < l.rank {
			dials = append(dials, l)
		} else {
			waits = append(waits, l)
		}
	}
	if r.Rank+n < r.Size {
		dials = append(dials, link{treeLink, r.Rank + n})
	}
	return dials, waits
}

// connected stores a connection, which this rank has made or accepted.
func (r *Ring) connected(l link, dialled bool, c net.Conn) {
	r.all = append(r.all, c)
	d := r.Rank ^ l.rank
	switch n := r.inTree(); {
	case l.kind == ringLink && dialled:
		r.next = c
	case l.kind == ringLink:
		r.prev = c
	case r.Rank >= n || l.rank >= n:
		r.spare = c
	default:
		r.tree[bits.TrailingZeros(uint(d))] = c
	}
}

// callOf is a number for what a rank calls, the same in all ranks that call the same.
func callOf(where string, xs []*eager.Tensor) uint64 {
	h := fnv.New64a()
	io.WriteString(h, where)
	for _, x := range xs {
		fmt.Fprintf(h, " %v %v", x.DType(), x.Shape())
	}
	return h.Sum64()
}

// small is a copy of the elements of tensors that go through the tree; nil: they do not.
func small(xs []*eager.Tensor) []byte {
	n := 0
	for _, x := range xs {
		if x.DType() != xs[0].DType() {
			return nil
		}
		if n += x.Numel() * x.DType().Size(); n > treeBytes {
			return nil
		}
	}
	return joined(xs, n)
}

// meet returns when all ranks are in the same call, and makes b, of type t, its sum over all ranks: after step k
// the ranks that agree in all bits but the lowest k have the same sum. Which of two summands comes first makes no
// difference to it. A rank that calls something else is an error.
func (r *Ring) meet(call uint64, t engine.DType, b []byte) error {
	if err := r.deadline(); err != nil {
		return err
	}
	out := make([]byte, 8+len(b))
	in := make([]byte, 8+len(b))
	send := func(c net.Conn) error {
		binary.LittleEndian.PutUint64(out, call)
		copy(out[8:], b)
		_, err := c.Write(out)
		return err
	}
	receive := func(c net.Conn, from int, add bool) error {
		if _, err := io.ReadFull(c, in[:8]); err != nil {
			return err
		}
		if binary.LittleEndian.Uint64(in) != call {
			return errors.Join(fmt.Errorf("rank %d calls another function, or with other tensors", from), send(c))
		}
		if _, err := io.ReadFull(c, in[8:]); err != nil || !add || len(b) == 0 {
			copy(b, in[8:])
			return err
		}
		a := arrayOf(t, b)
		op.Add.CPU(nil, []engine.Array{a}, []engine.Array{a, arrayOf(t, in[8:])})
		return nil
	}
	n := r.inTree()
	if r.Rank >= n {
		return errors.Join(send(r.spare), receive(r.spare, r.Rank-n, false))
	}
	if r.spare != nil {
		if err := receive(r.spare, r.Rank+n, true); err != nil {
			return err
		}
	}
	for bit, c := range r.tree {
		if err := send(c); err != nil {
			return err
		}
		if err := receive(c, r.Rank^1<<bit, true); err != nil {
			return err
		}
	}
	if r.spare != nil {
		return send(r.spare)
	}
	return nil
}
