package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"syscall"

	"github.com/lathe-ml/lathe/web/document"
	"github.com/lathe-ml/lathe/web/notebook"
)

// A record is one line of the log: eight hexadecimal digits of CRC-32C, a space, JSON, a newline.
// Exactly one field is set. The first record is Begin.
type record struct {
	Begin *beginRecord `json:"begin,omitempty"`
	Gen   *Generation  `json:"generation,omitempty"`
	Op    *document.Op `json:"op,omitempty"`
	Saved *savedRecord `json:"saved,omitempty"`
}

type beginRecord struct {
	Snapshot    json.RawMessage `json:"snapshot"`
	Generations []Generation    `json:"generations"`
	Hash        string          `json:"hash"`  // of the notebook file
	Saved       int64           `json:"saved"` // Seq of the document in it
}

// savedRecord announces that the file with the hash Was (the document at WasSeq) is about to become
// the one with Hash (the document at Seq). After the rename it is written again with Was = Hash.
type savedRecord struct {
	Hash   string `json:"hash"`
	Seq    int64  `json:"seq"`
	Was    string `json:"was"`
	WasSeq int64  `json:"was_seq"`
}

// past is what a log tells.
type past struct {
	doc         *document.Document
	recent      []document.Op
	generations []Generation
	file        savedRecord // the latest
}

// savedAt returns the Seq of the document in the file with the hash; ok is false for a file that
// the log does not know.
func (p *past) savedAt(hash string) (seq int64, ok bool) {
	switch hash {
	case p.file.Hash:
		return p.file.Seq, true
	case p.file.Was:
		return p.file.WasSeq, true
	}
	return p.file.WasSeq, false
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encode(r record) ([]byte, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	line := fmt.Appendf(nil, "%08x ", crc32.Checksum(body, castagnoli))
	return append(append(line, body...), '\n'), nil
}

// decodeLine returns false for a line that was not written whole.
func decodeLine(line []byte) (r record, ok bool) {
	if len(line) < 11 || line[len(line)-1] != '\n' || line[8] != ' ' {
		return r, false
	}
	want, err := strconv.ParseUint(string(line[:8]), 16, 32)
	body := line[9 : len(line)-1]
	if err != nil || crc32.Checksum(body, castagnoli) != uint32(want) {
		return r, false
	}
	return r, json.Unmarshal(body, &r) == nil
}

// readLog opens the log for appending and replays it. It returns nil when there is none. What
// follows the last whole record is cut off; if that is more than one torn record the damaged log is
// first kept beside.
func (s *Store) readLog() (*past, error) {
	f, err := s.root.OpenFile(logName(s.name), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is open in another server: %w", s.name, err)
	}
	p, good, torn, err := replay(f)
	if err != nil || torn > 1 || p == nil {
		if err := s.keepDamaged(f); err != nil {
			f.Close()
			return nil, err
		}
	}
	if p == nil {
		f.Close()
		return nil, nil
	}
	if err := f.Truncate(good); err != nil {
		f.Close()
		return nil, fmt.Errorf("store: %w", err)
	}
	if _, err := f.Seek(good, io.SeekStart); err != nil {
		f.Close()
		return nil, fmt.Errorf("store: %w", err)
	}
	s.log, s.size, s.start = f, good, good
	return p, nil
}

// replay returns the state after the last good record, the offset after it and the number of lines
// that follow.
func replay(f io.Reader) (p *past, good int64, torn int, err error) {
	in := bufio.NewReaderSize(f, 1<<16)
	for {
		line, readErr := in.ReadBytes('\n')
		if len(line) > 0 && torn == 0 {
			r, ok := decodeLine(line)
			if ok {
				p, err = p.apply(r)
				ok = err == nil
			}
			if ok {
				good += int64(len(line))
			} else {
				torn++
			}
		} else if len(line) > 0 {
			torn++
		}
		if readErr == io.EOF {
			return p, good, torn, err
		}
		if readErr != nil {
			return p, good, torn, readErr
		}
	}
}

func (p *past) apply(r record) (*past, error) {
	if r.Begin != nil {
		doc, err := document.Restore(r.Begin.Snapshot)
		if err != nil {
			return p, err
		}
		return &past{
			doc: doc, generations: r.Begin.Generations,
			file: savedRecord{r.Begin.Hash, r.Begin.Saved, r.Begin.Hash, r.Begin.Saved},
		}, nil
	}
	if p == nil {
		return nil, fmt.Errorf("store: the log does not start with a snapshot")
	}
	switch {
	case r.Gen != nil:
		p.generations = append(p.generations, *r.Gen)
	case r.Saved != nil:
		p.file = *r.Saved
	case r.Op != nil:
		if err := p.doc.Apply(r.Op); err != nil {
			return p, err
		}
		p.recent = append(p.recent, *r.Op)
	}
	return p, nil
}

func (s *Store) keepDamaged(f *os.File) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return notebook.Replace(s.root, logName(s.name)+".damaged-"+notebook.NewID(), data)
}

// Append logs an operation that doc has just applied.
func (s *Store) Append(doc *document.Document, op *document.Op) error {
	return s.record(doc, record{Op: op})
}

// record writes one record. After a failure the log has a hole, so the next call writes it anew
// from the document, which contains the operation.
func (s *Store) record(doc *document.Document, r record) error {
	if s.failed != nil || s.log == nil {
		return s.compact(doc)
	}
	line, err := encode(r)
	if err != nil {
		return err
	}
	n, err := s.write(s.log, line)
	if err != nil {
		s.failed = fmt.Errorf("write %s: %w", logName(s.name), err)
		if n > 0 {
			s.log.Truncate(s.size) // a torn record is tolerated if this fails too
		}
		return s.failed
	}
	s.size += int64(len(line))
	s.unsynced = true
	return nil
}

// compact replaces the log by one that starts from doc.
func (s *Store) compact(doc *document.Document) (err error) {
	defer func() {
		if s.failed = err; err != nil {
			s.failed = fmt.Errorf("write %s: %w", logName(s.name), err)
			err = s.failed
		}
	}()
	snapshot, err := doc.Snapshot()
	if err != nil {
		return err
	}
	line, err := encode(record{Begin: &beginRecord{snapshot, s.Generations, s.hash, s.saved}})
	if err != nil {
		return err
	}
	if err := s.folder(); err != nil {
		return err
	}
	name := logName(s.name)
	f, err := s.root.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := s.fill(f, line, name); err != nil {
		f.Close()
		s.root.Remove(name + ".new")
		return err
	}
	s.closeLog()
	s.log, s.start, s.size = f, int64(len(line)), int64(len(line))
	return nil
}

func (s *Store) fill(f *os.File, line []byte, name string) error {
	if err := lock(f); err != nil {
		return err
	}
	if _, err := s.write(f, line); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return s.root.Rename(name+".new", name)
}

// folder makes .lathe and keeps it out of version control.
func (s *Store) folder() error {
	dir := path.Dir(logName(s.name))
	if err := s.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	ignore := path.Join(dir, ".gitignore")
	if _, err := s.root.Lstat(ignore); errors.Is(err, fs.ErrNotExist) {
		return s.root.WriteFile(ignore, []byte("*\n"), 0o600)
	}
	return nil
}

// Sync makes what was appended survive a power cut.
func (s *Store) Sync() error {
	if s.log == nil || !s.unsynced {
		return s.failed
	}
	if err := s.log.Sync(); err != nil {
		s.failed = fmt.Errorf("sync %s: %w", logName(s.name), err)
		return s.failed
	}
	s.unsynced = false
	return s.failed
}

// Retry writes a complete log after a failure.
func (s *Store) Retry(doc *document.Document) error {
	if s.failed == nil {
		return nil
	}
	return s.compact(doc)
}

func (s *Store) closeLog() {
	if s.log != nil {
		s.log.Close()
		s.log = nil
	}
}
