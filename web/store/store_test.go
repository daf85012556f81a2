package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/lathe-ml/lathe/web/document"
	"github.com/lathe-ml/lathe/web/notebook"
)

// session is an opened notebook in a temporary folder.
type session struct {
	*testing.T
	dir  string
	root *os.Root
	*Store
	*Loaded
}

func open(t *testing.T) *session {
	t.Helper()
	s := &session{T: t, dir: t.TempDir()}
	nb := notebook.New()
	nb.Cells = append(nb.Cells, &notebook.Cell{ID: "a", Type: notebook.Code, Source: "1"})
	if err := nb.WriteFile(s.path("x.ipynb")); err != nil {
		t.Fatal(err)
	}
	s.reopen()
	t.Cleanup(func() {
		if s.Store != nil {
			s.closeLog()
		}
	})
	return s
}

func (s *session) path(name string) string { return filepath.Join(s.dir, name) }

// reopen is what a new server does after the old one was killed: nothing was closed properly.
func (s *session) reopen() {
	s.Helper()
	if s.Store != nil {
		s.closeLog()
	}
	var err error
	if s.root, err = os.OpenRoot(s.dir); err != nil {
		s.Fatal(err)
	}
	if s.Store, s.Loaded, err = Open(s.root, "x.ipynb"); err != nil {
		s.Fatal(err)
	}
}

// typed edits cell a and logs it.
func (s *session) typed(text string) error {
	s.Helper()
	op := &document.Op{
		Kind: document.Edit, Cell: "a", Version: s.Doc.State("a").Version,
		Updates: []document.Update{{Changes: document.Replace(s.source(), text)}},
	}
	if err := s.Doc.Apply(op); err != nil {
		s.Fatal(err)
	}
	return s.Append(s.Doc, op)
}

func (s *session) source() string { return s.Doc.Notebook.Cell("a").Source }

func (s *session) file() string {
	data, err := os.ReadFile(s.path("x.ipynb"))
	if err != nil {
		s.Fatal(err)
	}
	return string(data)
}

func (s *session) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func TestUnsavedEditsSurviveAKill(t *testing.T) {
	s := open(t)
	s.must(s.typed("one"))
	s.must(s.Save(s.Doc))
	s.must(s.typed("two"))
	before := s.file()
	s.reopen()
	if s.source() != "two" || !s.Recovered || s.Saved(s.Doc) {
		t.Errorf("source %q, recovered %v", s.source(), s.Recovered)
	}
	if s.file() != before {
		t.Error("opening changed the file")
	}
	if len(s.Recent) != 2 || s.Recent[1].Kind != document.Edit {
		t.Errorf("recent operations %v", s.Recent)
	}
}

func TestASavedNotebookLeavesNoLog(t *testing.T) {
	s := open(t)
	s.must(s.typed("one"))
	s.must(s.Save(s.Doc))
	s.must(s.Close(s.Doc))
	if _, err := os.Stat(s.path(".lathe/x.ipynb.log")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log is still there: %v", err)
	}
	s.reopen()
	if s.source() != "one" || s.Recovered {
		t.Errorf("source %q, recovered %v", s.source(), s.Recovered)
	}
}

func TestATornRecordIsCutOff(t *testing.T) {
	s := open(t)
	s.must(s.typed("one"))
	whole := s.size
	s.must(s.typed("two"))
	logged, err := os.ReadFile(s.path(".lathe/x.ipynb.log"))
	s.must(err)
	for cut := whole; cut < int64(len(logged)); cut++ {
		s.closeLog()
		s.must(os.WriteFile(s.path(".lathe/x.ipynb.log"), logged[:cut], 0o600))
		s.reopen()
		if s.source() != "one" {
			t.Fatalf("cut at %d: source %q", cut, s.source())
		}
		s.must(s.typed("three"))
		s.reopen()
		if s.source() != "three" {
			t.Fatalf("cut at %d: appended after a torn record: %q", cut, s.source())
		}
	}
}

func TestADamagedLogIsKeptBeside(t *testing.T) {
	s := open(t)
	s.must(s.typed("one"))
	at := s.size
	s.must(s.typed("two"))
	s.must(s.typed("three"))
	logged, err := os.ReadFile(s.path(".lathe/x.ipynb.log"))
	s.must(err)
	logged[at+20] ^= 1
	s.must(os.WriteFile(s.path(".lathe/x.ipynb.log"), logged, 0o600))
	s.reopen()
	if s.source() != "one" {
		t.Errorf("source %q", s.source())
	}
	kept, _ := filepath.Glob(s.path(".lathe/*.damaged-*"))
	if len(kept) != 1 {
		t.Errorf("damaged logs kept: %v", kept)
	}
}

func TestAForeignChangeIsAConflictAndNothingIsLost(t *testing.T) {
	s := open(t)
	s.must(s.typed("mine"))
	theirs := notebook.New()
	theirs.Cells = []*notebook.Cell{{ID: "a", Type: notebook.Code, Source: "theirs"}}
	s.must(theirs.WriteFile(s.path("x.ipynb")))
	if err := s.Save(s.Doc); !errors.Is(err, ErrConflict) {
		t.Fatalf("save: %v", err)
	}
	if !strings.Contains(s.file(), "theirs") {
		t.Fatal("save replaced the foreign file")
	}
	s.reopen()
	if !s.Loaded.Conflict || s.source() != "mine" {
		t.Fatalf("after a restart: conflict %v, source %q", s.Loaded.Conflict, s.source())
	}
	loaded, copied, err := s.Discard(s.Doc)
	s.must(err)
	if loaded.Doc.Notebook.Cells[0].Source != "theirs" || s.Store.Conflict() {
		t.Errorf("discard: %q", loaded.Doc.Notebook.Cells[0].Source)
	}
	if kept, err := notebook.ReadFile(s.path(copied)); err != nil || kept.Cells[0].Source != "mine" {
		t.Errorf("the copy %q: %v", copied, err)
	}
}

func TestOverwriteEndsAConflict(t *testing.T) {
	s := open(t)
	s.must(s.typed("mine"))
	s.must(os.WriteFile(s.path("x.ipynb"), []byte("broken"), 0o600))
	if err := s.Save(s.Doc); !errors.Is(err, ErrConflict) {
		t.Fatalf("save: %v", err)
	}
	s.must(s.Overwrite(s.Doc))
	s.must(s.Save(s.Doc))
	if !strings.Contains(s.file(), "mine") {
		t.Error("the file was not overwritten")
	}
}

func TestAFileChangedWhileClosedWinsOverASavedLog(t *testing.T) {
	s := open(t)
	s.must(s.typed("one"))
	s.must(s.Save(s.Doc))
	seq := s.Doc.Seq
	theirs := notebook.New()
	theirs.Cells = []*notebook.Cell{{ID: "a", Type: notebook.Code, Source: "theirs"}}
	s.must(theirs.WriteFile(s.path("x.ipynb")))
	s.reopen()
	if s.source() != "theirs" || s.Loaded.Conflict || s.Doc.Seq <= seq {
		t.Errorf("source %q, conflict %v, seq %d", s.source(), s.Loaded.Conflict, s.Doc.Seq)
	}
}

func TestABrokenNotebookIsRefusedAndUntouched(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "b.ipynb"), []byte("{\n oops"), 0o600)
	root, _ := os.OpenRoot(dir)
	_, _, err := Open(root, "b.ipynb")
	var pos *notebook.PositionError
	if !errors.As(err, &pos) || pos.Line != 2 {
		t.Errorf("error %v", err)
	}
	entries, _ := os.ReadDir(dir)
	data, _ := os.ReadFile(filepath.Join(dir, "b.ipynb"))
	if len(entries) != 1 || string(data) != "{\n oops" {
		t.Errorf("the folder holds %v", entries)
	}
}

func TestAFullDiskLosesNothingOnceThereIsRoom(t *testing.T) {
	s := open(t)
	s.must(s.typed("one"))
	full := true
	s.write = func(f *os.File, b []byte) (int, error) {
		if full {
			n, _ := f.Write(b[:min(5, len(b))])
			return n, syscall.ENOSPC
		}
		return f.Write(b)
	}
	if err := s.typed("two"); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("append on a full disk: %v", err)
	}
	if err := s.typed("three"); !errors.Is(err, syscall.ENOSPC) || s.Failed() == nil {
		t.Fatalf("second append on a full disk: %v", err)
	}
	full = false
	s.must(s.Retry(s.Doc))
	s.must(s.typed("four"))
	s.reopen()
	if s.source() != "four" {
		t.Errorf("source %q", s.source())
	}
}

func TestASaveThatFailedDoesNotConfuseTheNextOpening(t *testing.T) {
	s := open(t)
	s.must(s.typed("one"))
	s.must(s.Save(s.Doc))
	for i := range 3 {
		s.must(s.typed(fmt.Sprint("two", i)))
		s.must(s.record(s.Doc, record{Saved: &savedRecord{"never", s.Doc.Seq, s.hash, s.saved}}))
	}
	s.reopen()
	if s.source() != "two2" || s.Loaded.Conflict || s.Saved(s.Doc) {
		t.Errorf("source %q, conflict %v", s.source(), s.Loaded.Conflict)
	}
}

func TestASecondServerIsRefused(t *testing.T) {
	s := open(t)
	if _, _, err := Open(s.root, "x.ipynb"); err == nil || !strings.Contains(err.Error(), "open in another server") {
		t.Errorf("error %v", err)
	}
}

func TestAnUnwritableFolderOpensWithAWarning(t *testing.T) {
	s := open(t)
	s.closeLog()
	s.must(os.RemoveAll(s.path(".lathe")))
	s.must(os.WriteFile(s.path(".lathe"), nil, 0o600)) // no folder can be made here, even by root
	s.reopen()
	if s.LogErr == nil || s.source() != "1" {
		t.Errorf("log error %v, source %q", s.LogErr, s.source())
	}
}

func TestRenameTakesTheLogAlong(t *testing.T) {
	s := open(t)
	s.must(s.typed("one"))
	s.must(s.Rename(s.Doc, "y.ipynb"))
	s.closeLog()
	_, loaded, err := Open(s.root, "y.ipynb")
	s.must(err)
	if loaded.Doc.Notebook.Cells[0].Source != "one" {
		t.Errorf("source %q", loaded.Doc.Notebook.Cells[0].Source)
	}
	if _, err := os.Stat(s.path(".lathe/x.ipynb.log")); err == nil {
		t.Error("the old log is still there")
	}
}

func TestALongSessionCompactsItsLog(t *testing.T) {
	s := open(t)
	big := strings.Repeat("x", 1<<20)
	for i := range 8 {
		s.must(s.typed(big + fmt.Sprint(i)))
		s.must(s.Save(s.Doc))
	}
	if s.size > 12<<20 {
		t.Errorf("log of %d bytes for a document of 1 MB", s.size)
	}
	s.reopen()
	if s.source() != big+"7" {
		t.Error("the document is lost")
	}
}

func FuzzReplay(f *testing.F) {
	good, _ := encode(record{Begin: &beginRecord{Snapshot: []byte(`{"cells":[]}`)}})
	op, _ := encode(record{Op: &document.Op{Kind: document.KernelIs, Status: document.Dead}})
	f.Add(append(good, op...))
	f.Add([]byte("00000000 {}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, n, _, _ := replay(strings.NewReader(string(data)))
		if n > int64(len(data)) || p != nil && p.doc == nil {
			t.Fatalf("offset %d of %d, past %+v", n, len(data), p)
		}
	})
}
