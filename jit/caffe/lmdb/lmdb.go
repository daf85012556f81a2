// Package lmdb reads and writes databases of the Lightning Memory-Mapped Database (LMDB), as Caffe keeps training data.
//
//	db, err := lmdb.Open("mnist_train_lmdb")
//	if err != nil { … }
//	defer db.Close()
//	for key, value := range db.All() { … } // by ascending keys
//
// It reads the main database of a file of version 1 that nobody is writing, made on a little-endian machine of 64 bits; it writes
// whole databases. It has no transactions, no named databases and no duplicate keys.
package lmdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
)

// The layout of pages; numbers are little-endian.
const (
	headerSize = 16
	nodeSize   = 8
	magic      = 0xBEEFC0DE
	noPage     = 1<<64 - 1

	flagBranch, flagLeaf, flagOverflow, flagMeta = 1, 2, 4, 8
	flagLeaf2                                    = 0x20
	nodeBig, nodeSub, nodeDup                    = 1, 2, 4

	maxDepth = 32
	maxValue = 1 << 30
)

// DB is an open database.
type DB struct {
	f       io.ReaderAt
	close   func() error
	size    int64
	page    int
	root    uint64
	entries uint64
	err     error
}

// Open opens a database: a folder with data.mdb, or that file.
func Open(path string) (*DB, error) {
	if s, err := os.Stat(path); err == nil && s.IsDir() {
		path = filepath.Join(path, "data.mdb")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("lmdb: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		var db *DB
		if db, err = New(f, info.Size()); err == nil {
			db.close = f.Close
			return db, nil
		}
	}
	f.Close()
	return nil, fmt.Errorf("%s: %w", path, err)
}

// New opens a database in a file of the given size.
func New(f io.ReaderAt, size int64) (*DB, error) {
	db := &DB{f: f, size: size, close: func() error { return nil }}
	var newest uint64
	found := false
	for i := range 2 {
		// The page size is in the first meta page, which lies at the start in any case.
		at := int64(i) * int64(db.page)
		b := make([]byte, headerSize+136)
		if _, err := f.ReadAt(b, at); err != nil {
			break
		}
		if binary.LittleEndian.Uint16(b[10:])&flagMeta == 0 {
			continue
		}
		m := b[headerSize:]
		if binary.LittleEndian.Uint32(m) != magic {
			continue
		}
		if v := binary.LittleEndian.Uint32(m[4:]); v != 1 {
			return nil, fmt.Errorf("lmdb: version %d of the format, want 1", v)
		}
		db.page = int(binary.LittleEndian.Uint32(m[24:]))
		if db.page < 256 || db.page > 1<<16 || db.page&(db.page-1) != 0 {
			return nil, fmt.Errorf("lmdb: page size %d", db.page)
		}
		main := m[72:]
		if id := binary.LittleEndian.Uint64(m[128:]); !found || id > newest {
			newest, found = id, true
			db.entries = binary.LittleEndian.Uint64(main[32:])
			db.root = binary.LittleEndian.Uint64(main[40:])
		}
	}
	if !found {
		return nil, errors.New("lmdb: not a database of LMDB on 64 bits")
	}
	return db, nil
}

// Close closes the file.
func (db *DB) Close() error { return db.close() }

// Len returns the number of entries.
func (db *DB) Len() int { return int(db.entries) }

// Err returns the error that ended the last All.
func (db *DB) Err() error { return db.err }

// All goes over the entries by ascending keys. Key and value are the caller's.
func (db *DB) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		db.err = nil
		if db.root == noPage {
			return
		}
		_, db.err = db.walk(db.root, 0, yield)
	}
}

func (db *DB) read(pages int, n uint64) ([]byte, error) {
	b := make([]byte, pages*db.page)
	at := int64(n) * int64(db.page)
	if n > uint64(db.size)/uint64(db.page) || at+int64(len(b)) > db.size {
		return nil, fmt.Errorf("lmdb: page %d lies outside the file of %d bytes", n, db.size)
	}
	if _, err := db.f.ReadAt(b, at); err != nil {
		return nil, fmt.Errorf("lmdb: page %d: %w", n, err)
	}
	return b, nil
}

// node returns node i of a page.
func node(page []byte, i int) ([]byte, error) {
	at := int(binary.LittleEndian.Uint16(page[headerSize+2*i:]))
	if at < headerSize || at+nodeSize > len(page) {
		return nil, errors.New("lmdb: a node lies outside its page")
	}
	n := page[at:]
	if nodeSize+int(binary.LittleEndian.Uint16(n[6:])) > len(n) {
		return nil, errors.New("lmdb: a key lies outside its page")
	}
	return n, nil
}

// walk visits the tree under a page; it reports whether to go on.
func (db *DB) walk(n uint64, depth int, yield func(k, v []byte) bool) (bool, error) {
	if depth > maxDepth {
		return false, errors.New("lmdb: the tree has a cycle")
	}
	page, err := db.read(1, n)
	if err != nil {
		return false, err
	}
	flags := binary.LittleEndian.Uint16(page[10:])
	lower := int(binary.LittleEndian.Uint16(page[12:]))
	if lower < headerSize || lower > len(page) || flags&flagLeaf2 != 0 || flags&(flagBranch|flagLeaf) == 0 {
		return false, fmt.Errorf("lmdb: page %d is damaged or of a kind that is not read (flags %#x)", n, flags)
	}
	for i := range (lower - headerSize) / 2 {
		e, err := node(page, i)
		if err != nil {
			return false, err
		}
		lo, hi, f := binary.LittleEndian.Uint16(e), binary.LittleEndian.Uint16(e[2:]), binary.LittleEndian.Uint16(e[4:])
		if flags&flagBranch != 0 {
			on, err := db.walk(uint64(lo)|uint64(hi)<<16|uint64(f)<<32, depth+1, yield)
			if err != nil || !on {
				return false, err
			}
			continue
		}
		if f&(nodeSub|nodeDup) != 0 {
			return false, errors.New("lmdb: named databases and duplicate keys are not read")
		}
		keyLen, size := int(binary.LittleEndian.Uint16(e[6:])), int(uint32(lo)|uint32(hi)<<16)
		value, err := db.value(e[nodeSize+keyLen:], size, f&nodeBig != 0)
		if err != nil {
			return false, err
		}
		if !yield(bytes.Clone(e[nodeSize:nodeSize+keyLen]), value) {
			return false, nil
		}
	}
	return true, nil
}

// value returns the value of a leaf, which may lie on pages of its own.
func (db *DB) value(rest []byte, size int, big bool) ([]byte, error) {
	if !big {
		if size > len(rest) {
			return nil, errors.New("lmdb: a value lies outside its page")
		}
		return bytes.Clone(rest[:size]), nil
	}
	if len(rest) < 8 || size > maxValue {
		return nil, fmt.Errorf("lmdb: a value of %d bytes", size)
	}
	pages := (headerSize + size + db.page - 1) / db.page
	b, err := db.read(pages, binary.LittleEndian.Uint64(rest))
	if err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint16(b[10:])&flagOverflow == 0 {
		return nil, errors.New("lmdb: a large value does not lie where its node says")
	}
	return b[headerSize : headerSize+size], nil
}
