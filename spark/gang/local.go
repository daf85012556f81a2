package gang

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/spark"
)

// Local runs the gang in processes of this machine, without Spark. Each of the parts is the rows of one worker;
// without parts Job.Workers says how many there are. It returns what they have emitted, in the order of ranks.
//
// Goroutines: one for each process; all end with Local, which kills the processes when one fails.
func (j Job) Local(ctx context.Context, parts ...[]arrow.RecordBatch) ([]arrow.RecordBatch, error) {
	n := max(len(parts), 1)
	if len(parts) == 0 {
		n = max(j.Workers, 1)
		parts = make([][]arrow.RecordBatch, n)
	}
	if j.Workers != 0 && j.Workers != n {
		return nil, fmt.Errorf("gang.Local: %d parts for %d workers", n, j.Workers)
	}
	j.Workers = n
	file := j.Program
	if file == "" {
		if !mainCalled {
			return nil, errors.New("gang.Local: this program has not called gang.Main; call it first in main, or give Job.Program")
		}
		var err error
		if file, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("gang.Local: %w", err)
		}
	}
	text, err := j.order(filepath.Abs)
	if err != nil {
		return nil, fmt.Errorf("gang.Local: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l := &localGang{order: text, n: n, addresses: make([]string, n), known: make(chan struct{}), output: make([][]arrow.RecordBatch, n)}
	var wait sync.WaitGroup
	for rank := range n {
		wait.Go(func() {
			if err := l.worker(ctx, file, rank, parts[rank]); err != nil {
				cancel(fmt.Errorf("gang.Local: worker %d: %w", rank, err))
			}
		})
	}
	if err := j.watch(func() error {
		wait.Wait()
		return context.Cause(ctx)
	}); err != nil {
		return nil, err
	}
	var all []arrow.RecordBatch
	for _, o := range l.output {
		all = append(all, o...)
	}
	return all, nil
}

// localGang is what the goroutines of Local share.
type localGang struct {
	order     string
	n         int
	mu        sync.Mutex
	addresses []string
	announced int
	known     chan struct{} // closed when all have announced their addresses
	output    [][]arrow.RecordBatch
}

func (l *localGang) worker(ctx context.Context, file string, rank int, rows []arrow.RecordBatch) error {
	c := exec.CommandContext(ctx, file)
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%d", rankVariable, rank), fmt.Sprintf("%s=%d", worldVariable, l.n),
		hostVariable+"=127.0.0.1", attemptVariable+"=0")
	var said bytes.Buffer
	c.Stderr = &said
	in, err := c.StdinPipe()
	if err != nil {
		return err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	err = l.talk(ctx, rank, in, bufio.NewReaderSize(out, 1<<16), rows)
	if err != nil {
		in.Close() // which ends it
	}
	if err2 := c.Wait(); err2 != nil {
		err = fmt.Errorf("%w: %s", err2, strings.TrimSpace(said.String()))
	}
	return err
}

func (l *localGang) talk(ctx context.Context, rank int, in io.Writer, out *bufio.Reader, rows []arrow.RecordBatch) error {
	address, err := out.ReadString('\n')
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.addresses[rank] = strings.TrimSpace(address)
	if l.announced++; l.announced == l.n {
		close(l.known)
	}
	l.mu.Unlock()
	select {
	case <-l.known:
	case <-ctx.Done():
		return ctx.Err()
	}
	all, err := json.Marshal(l.addresses)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(in, "%s\n%s\n", l.order, all); err != nil {
		return err
	}
	schema := arrow.NewSchema(nil, nil)
	if len(rows) > 0 {
		schema = rows[0].Schema()
	}
	w := ipc.NewWriter(in, ipc.WithSchema(schema))
	for _, b := range rows {
		if err := w.Write(b); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return l.collect(rank, out)
}

// collect reads the parts of a worker's output until the empty one.
func (l *localGang) collect(rank int, out io.Reader) error {
	for {
		var n uint32
		if err := binary.Read(out, binary.BigEndian, &n); err != nil || n == 0 {
			return err
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(out, b); err != nil {
			return err
		}
		r, err := ipc.NewReader(bytes.NewReader(b))
		if err != nil {
			return err
		}
		for r.Next() {
			batch := r.RecordBatch()
			batch.Retain()
			l.output[rank] = append(l.output[rank], batch)
		}
		if err := r.Err(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		r.Release()
	}
}

// TableOf makes a table of what Local returns.
func TableOf(batches []arrow.RecordBatch) (*table.Table, error) {
	return spark.TableOf(func(f func(arrow.RecordBatch) error) error {
		for _, b := range batches {
			if err := f(b); err != nil {
				return err
			}
		}
		return nil
	})
}
