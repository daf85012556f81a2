// Package store keeps an open notebook on disk: the .ipynb file and, beside it, an append-only log
// of every operation since the file was written.
//
//	s, loaded, err := store.Open(root, "digits.ipynb")
//	doc := loaded.Doc                    // the file, or the file and what the log knows beyond it
//	err = doc.Apply(&op)
//	err = s.Append(doc, &op)             // in the log before anybody is told
//	err = s.Save(doc)                    // written beside and renamed; ErrConflict leaves the file
//	err = s.Close(doc)                   // a saved notebook leaves no log behind
//
// The log is `.lathe/NAME.log` in the notebook's folder: it is found again whatever root the next
// server has, and moves and fills up with the notebook. Every operation is handed to the operating
// system before Append returns, so the death of the process loses nothing; Sync, called once a
// second, bounds what a power cut can lose. A torn last record is expected and cut off.
// A log that cannot be written does not stop the session: the document stays in memory, every call
// says so, and the next call that succeeds writes a complete log.
//
// A Store is not safe for concurrent use. It knows nothing of clients and kernels.
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/web/document"
	"github.com/lathe-ml/lathe/web/notebook"
)

// ErrConflict says that the notebook file was changed by somebody else since it was read or saved.
var ErrConflict = errors.New("the notebook file has changed on disk")

// compactAt is the size of log beyond its snapshot at which it is rewritten, in bytes.
const compactAt = 4 << 20

// A Generation is one opening of a notebook. A client that saw the sequence number n of generation
// g can resume if no later generation started below n.
type Generation struct {
	ID  string `json:"id"`
	Seq int64  `json:"seq"` // at its start
}

// Loaded is what Open found.
type Loaded struct {
	Doc       *document.Document
	Recent    []document.Op // the latest operations, up to Doc.Seq, for clients that resume
	Recovered bool          // the log held changes that are not in the file
	Conflict  bool          // and the file has changed since: Save refuses until Overwrite or Discard
	LogErr    error         // the log could not be written
}

// A Store is an open notebook on disk.
type Store struct {
	Generations []Generation

	root     *os.Root
	name     string
	log      *os.File
	start    int64 // size of the log's snapshot record
	size     int64
	unsynced bool
	failed   error
	conflict bool
	hash     string // of the file as last read or written
	stat     fs.FileInfo
	saved    int64 // Seq of the document in the file
	write    func(*os.File, []byte) (int, error)
}

// Open reads the notebook and its log. A notebook that does not parse is an error and is not
// touched; so is one that another server has open.
func Open(root *os.Root, name string) (*Store, *Loaded, error) {
	s := &Store{root: root, name: name, write: (*os.File).Write}
	data, err := s.readFile()
	if err != nil {
		return nil, nil, err
	}
	loaded, err := s.load(data)
	if err != nil {
		return nil, nil, err
	}
	s.Generations = append(s.Generations, Generation{notebook.NewID() + notebook.NewID(), loaded.Doc.Seq})
	if len(s.Generations) > 100 {
		s.Generations = s.Generations[1:]
	}
	if s.log != nil {
		loaded.LogErr = s.record(loaded.Doc, record{Gen: &s.Generations[len(s.Generations)-1]})
	} else {
		loaded.LogErr = s.compact(loaded.Doc)
	}
	return s, loaded, nil
}

// load joins the file with the log, if there is one.
func (s *Store) load(data []byte) (*Loaded, error) {
	past, err := s.readLog()
	if err != nil {
		return nil, err
	}
	if past != nil {
		seq, known := past.savedAt(s.hash)
		unsaved := past.doc.FileSeq > seq
		if known || unsaved {
			s.saved, s.conflict, s.Generations = seq, !known, past.generations
			return &Loaded{past.doc, past.recent, unsaved, s.conflict, nil}, nil
		}
	}
	nb, err := notebook.Parse(data)
	if err != nil {
		s.closeLog()
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	s.closeLog()
	doc := document.New(nb)
	if past != nil {
		doc.Seq = past.doc.Seq + 1 // a client of the log's document must not resume into this one
	}
	s.saved = doc.Seq
	return &Loaded{Doc: doc}, nil
}

func (s *Store) readFile() ([]byte, error) {
	info, err := s.root.Stat(s.name)
	if err != nil {
		return nil, err
	}
	data, err := s.root.ReadFile(s.name)
	if err != nil {
		return nil, err
	}
	s.stat, s.hash = info, sum(data)
	return data, nil
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// Saved reports whether the file holds the whole document.
func (s *Store) Saved(doc *document.Document) bool { return s.saved >= doc.FileSeq }

// Failed returns why the log cannot be written, or nil.
func (s *Store) Failed() error { return s.failed }

// Conflict reports whether the file on disk is not the one that the document comes from.
func (s *Store) Conflict() bool { return s.conflict }

// Changed looks at the file and reports whether somebody else has written it. A file that is gone
// is not a conflict: Save writes it again.
func (s *Store) Changed() (bool, error) {
	info, err := s.root.Stat(s.name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if s.stat != nil && os.SameFile(info, s.stat) && info.Size() == s.stat.Size() &&
		info.ModTime().Equal(s.stat.ModTime()) {
		return s.conflict, nil
	}
	data, err := s.root.ReadFile(s.name)
	if err != nil {
		return false, err
	}
	if sum(data) == s.hash {
		s.stat = info
		return s.conflict, nil
	}
	s.conflict = true
	return true, nil
}

// Save writes the document to the notebook file unless somebody else changed it (ErrConflict).
func (s *Store) Save(doc *document.Document) error {
	changed, err := s.Changed()
	if err != nil {
		return err
	}
	if changed {
		return ErrConflict
	}
	return s.put(doc)
}

// Overwrite writes the document to the notebook file, whatever it holds.
func (s *Store) Overwrite(doc *document.Document) error {
	if err := s.put(doc); err != nil {
		return err
	}
	s.conflict = false
	return nil
}

func (s *Store) put(doc *document.Document) error {
	data, err := doc.Notebook.Bytes()
	if err != nil {
		return err
	}
	hash := sum(data)
	// The intention is logged first: after a crash between the two the new file is known.
	s.record(doc, record{Saved: &savedRecord{hash, doc.Seq, s.hash, s.saved}})
	if err := notebook.Replace(s.root, s.name, data); err != nil {
		return err
	}
	s.hash, s.saved = hash, doc.Seq
	s.stat, _ = s.root.Stat(s.name)
	s.record(doc, record{Saved: &savedRecord{hash, doc.Seq, hash, doc.Seq}})
	if s.failed == nil && s.size-s.start > compactAt+2*s.start {
		return s.compact(doc)
	}
	return nil
}

// Discard gives up the document in favour of the file on disk. If the document has changes that
// the file lacks, they are first kept in a copy beside it, whose name is returned.
func (s *Store) Discard(doc *document.Document) (*Loaded, string, error) {
	data, err := s.readFile()
	if err != nil {
		return nil, "", err
	}
	nb, err := notebook.Parse(data)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", s.name, err)
	}
	var kept string
	if !s.Saved(doc) {
		if kept, err = s.keepCopy(doc); err != nil {
			return nil, "", err
		}
	}
	fresh := document.New(nb)
	fresh.Seq = doc.Seq + 1
	s.saved, s.conflict = fresh.Seq, false
	s.Generations = append(s.Generations, Generation{notebook.NewID() + notebook.NewID(), fresh.Seq})
	return &Loaded{Doc: fresh, LogErr: s.compact(fresh)}, kept, nil
}

func (s *Store) keepCopy(doc *document.Document) (string, error) {
	data, err := doc.Notebook.Bytes()
	if err != nil {
		return "", err
	}
	stem := strings.TrimSuffix(s.name, ".ipynb")
	name := stem + "-unsaved-" + time.Now().Format("20060102-150405") + ".ipynb"
	return name, notebook.Replace(s.root, name, data)
}

// Rename moves the notebook and its log to another name.
func (s *Store) Rename(doc *document.Document, name string) error {
	if _, err := s.root.Lstat(name); err == nil {
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	if err := s.root.Rename(s.name, name); err != nil {
		return err
	}
	old := logName(s.name)
	s.name = name
	if err := s.compact(doc); err != nil {
		return err
	}
	return s.root.Remove(old)
}

// Close ends the session. A notebook whose file is complete leaves no log behind.
func (s *Store) Close(doc *document.Document) error {
	complete := s.Saved(doc) && !s.conflict && s.log != nil
	err := s.Sync()
	s.closeLog()
	if !complete {
		return err
	}
	return s.dropLog()
}

// Forget removes the log: the notebook itself has been deleted.
func (s *Store) Forget() error {
	s.closeLog()
	return s.dropLog()
}

func (s *Store) dropLog() error {
	if err := s.root.Remove(logName(s.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func logName(name string) string {
	return path.Join(path.Dir(name), ".lathe", path.Base(name)+".log")
}
