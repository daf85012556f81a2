package ring

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/lathe-ml/lathe/eager"
)

// typeSize is the room for the type of a tensor before its elements.
const typeSize = 128

func typeOf(x *eager.Tensor) []byte {
	b := make([]byte, typeSize)
	copy(b, fmt.Sprint(x.DType(), []int(x.Shape())))
	return b
}

// Send sends x to the rank before or behind this one, which calls Recv. It returns when the system has taken
// what is sent. One Send and one Recv may go on at the same time, but no collective call.
func (r *Ring) Send(to int, x *eager.Tensor) error {
	where := fmt.Sprintf("Send to %d", to)
	c, err := r.neighbour(where, to, r.next, r.prev, 1)
	if err != nil {
		return err
	}
	_, b := memoryOf(x)
	if err := c.SetWriteDeadline(time.Now().Add(r.timeout)); err != nil {
		return r.fail(where, err)
	}
	if _, err := c.Write(append(typeOf(x), b...)); err != nil {
		return r.fail(where, err)
	}
	return nil
}

// Recv waits for the tensor that the rank before or behind this one sends, and stores it in x, which has its
// type.
func (r *Ring) Recv(from int, x *eager.Tensor) error {
	where := fmt.Sprintf("Recv from %d", from)
	c, err := r.neighbour(where, from, r.prev, r.next, -1)
	if err != nil {
		return err
	}
	row, b := memoryOf(x)
	if err := c.SetReadDeadline(time.Now().Add(r.timeout)); err != nil {
		return r.fail(where, err)
	}
	head := make([]byte, typeSize)
	if _, err := io.ReadFull(c, head); err != nil {
		return r.fail(where, err)
	}
	if want := typeOf(x); !bytes.Equal(head, want) {
		return r.fail(where, fmt.Errorf("it sends %s, this rank receives %s", bytes.TrimRight(head, "\x00"), bytes.TrimRight(want, "\x00")))
	}
	if _, err := io.ReadFull(c, b); err != nil {
		return r.fail(where, err)
	}
	if !x.SharesStorage(row) {
		eager.NoGrad(func() { x.Detach().Assign(row) })
	}
	return nil
}

// neighbour is the connection to a rank: first when it is this rank + step, otherwise second when it is on the
// other side. With two ranks each is on both sides of the other; then each direction has its connection.
func (r *Ring) neighbour(where string, rank int, first, second net.Conn, step int) (net.Conn, error) {
	switch {
	case r.lost() != nil:
		return nil, r.lost()
	case r.Size > 1 && rank == (r.Rank+step+r.Size)%r.Size:
		return first, nil
	case r.Size > 1 && rank == (r.Rank-step+r.Size)%r.Size:
		return second, nil
	}
	return nil, fmt.Errorf("ring.%s: rank %d of %d talks to the ranks beside it", where, r.Rank, r.Size)
}
