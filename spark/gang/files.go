package gang

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/lathe-ml/lathe/data/object"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/spark"
)

// File is a file, or an object of a store, that is read.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// storage opens files by the paths of this host, and objects of a store, which is opened when one is wanted.
type storage struct {
	objects func() (*object.Store, error)
}

func newStorage(o object.Options) *storage {
	return &storage{sync.OnceValues(func() (*object.Store, error) { return object.Open(o) })}
}

func (s *storage) open(name string) (File, error) {
	if !object.Is(name) {
		return os.Open(name)
	}
	store, err := s.objects()
	if err != nil {
		return nil, err
	}
	return store.File(context.Background(), name)
}

// Open opens one of Worker.Files: a path of this host, or s3://bucket/name, of which it reads what is asked for.
func (w *Worker) Open(name string) (File, error) {
	f, err := w.storage.open(name)
	if err != nil {
		return nil, fmt.Errorf("gang.Open: %w", err)
	}
	return f, nil
}

// share is the files of one rank, every size-th beginning with rank, and those of all. A folder stands for the
// files in it and in folders below, as Spark writes them: names that begin with _ or a dot are not data.
func (s *storage) share(files []string, rank, size int) (mine, all []string, err error) {
	for _, f := range files {
		scheme, _, elsewhere := strings.Cut(f, "://")
		switch {
		case object.Is(f):
			store, err := s.objects()
			if err != nil {
				return nil, nil, err
			}
			names, err := store.List(context.Background(), f)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, slices.DeleteFunc(names, func(name string) bool { return hidden(name[len(f):]) })...)
			continue
		case elsewhere:
			return nil, nil, fmt.Errorf("worker %d cannot open %s: workers read s3://bucket/name and paths of their host; mount the "+
				"%s storage, or let Spark read it: Job.Input of Session.Read", rank, f, scheme)
		}
		info, err := os.Stat(f)
		if err != nil || !info.IsDir() {
			all = append(all, f) // a path that only the task understands is its own affair
			continue
		}
		err = filepath.WalkDir(f, func(path string, e fs.DirEntry, err error) error {
			skip := hidden(path[len(f):])
			switch {
			case err != nil:
				return err
			case skip && e.IsDir():
				return fs.SkipDir
			case !skip && !e.IsDir():
				all = append(all, path)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	for i, f := range all {
		if i%size == rank {
			mine = append(mine, f)
		}
	}
	return mine, all, nil
}

// hidden says whether path, below a folder of data, is none: it has a name that begins with _ or a dot.
func hidden(path string) bool {
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(path), "/"), func(name string) bool {
		return strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".")
	})
}

// Attached is where this worker finds a file of Job.Attach, by its name without folders.
func (w *Worker) Attached(name string) (path string, err error) {
	place, ok := w.attached[name]
	if !ok {
		return "", fmt.Errorf("gang.Attached: the job has no attached file %q; give Job.Attach", name)
	}
	if filepath.IsAbs(place) {
		return place, nil
	}
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("gang.Attached: %w", err)
	}
	return filepath.Join(filepath.Dir(program), place), nil
}

// FileBatches hands the rows of this rank's files, which are Parquet, to f, as Batches does with those that
// Spark feeds. Without names it reads all columns. The next batch is read meanwhile.
//
// Goroutines: it starts one that reads ahead, which ends with it.
func (w *Worker) FileBatches(f func(arrow.RecordBatch) error, columns ...string) error {
	type part struct {
		b   arrow.RecordBatch
		err error
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	parts := make(chan part, 1)
	go func() {
		defer close(parts)
		for _, name := range w.Files {
			err := readParquet(ctx, w.storage.open, name, columns, func(b arrow.RecordBatch) error {
				select {
				case parts <- part{b: b}:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			if err != nil {
				select {
				case parts <- part{err: fmt.Errorf("gang.FileBatches: %s: %w", name, err)}:
				case <-ctx.Done():
				}
				return
			}
		}
	}()
	for p := range parts {
		if p.err != nil {
			return p.err
		}
		err := f(p.b)
		p.b.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func readParquet(ctx context.Context, open func(string) (File, error), name string, columns []string, f func(arrow.RecordBatch) error) error {
	from, err := open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	p, err := file.NewParquetReader(from)
	if err != nil {
		return err
	}
	defer p.Close()
	r, err := pqarrow.NewFileReader(p, pqarrow.ArrowReadProperties{BatchSize: 1 << 16}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	var leaves []int
	root := p.MetaData().Schema.Root()
	for _, c := range columns {
		if root.FieldIndexByName(c) < 0 {
			return fmt.Errorf("there is no column %q", c)
		}
	}
	for i := range p.MetaData().Schema.NumColumns() {
		top, _, _ := strings.Cut(p.MetaData().Schema.Column(i).Path(), ".")
		for _, c := range columns {
			if c == top {
				leaves = append(leaves, i)
			}
		}
	}
	if len(columns) == 0 {
		leaves = nil
	}
	batches, err := r.GetRecordReader(ctx, leaves, nil)
	if err != nil {
		return err
	}
	defer batches.Release()
	for batches.Next() {
		b := batches.RecordBatch()
		b.Retain()
		if err := f(b); err != nil {
			b.Release()
			return err
		}
	}
	if err := batches.Err(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return ctx.Err()
}

// FileTensors reads the rows of this rank's Parquet files as tensors of columns, as Tensors does with those
// that Spark feeds.
func (w *Worker) FileTensors(columns ...string) ([]*eager.Tensor, error) {
	return spark.TensorsOf(func(f func(arrow.RecordBatch) error) error { return w.FileBatches(f, columns...) }, columns...)
}
