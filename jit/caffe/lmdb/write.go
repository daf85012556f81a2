package lmdb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"os"
	"path/filepath"
)

const pageSize = 4096

// maxNode is the size above which a node's value lies on pages of its own.
const maxNode = ((pageSize-headerSize)/2)&^1 - 2

// writer builds a database bottom up.
type writer struct {
	f       *os.File
	next    uint64 // page
	leaf    []byte
	nodes   int
	lower   int
	upper   int
	pages   [4]uint64 // branch, leaf, overflow, entries
	last    []byte
	parents []entry // first key and page of the level below
	err     error
}

type entry struct {
	key  []byte
	page uint64
}

// Create writes a database of the given entries, whose keys must ascend, into the folder path, beside and renamed.
func Create(path string, entries iter.Seq2[[]byte, []byte]) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("lmdb: %w", err)
	}
	f, err := os.CreateTemp(path, "data.mdb.*")
	if err != nil {
		return fmt.Errorf("lmdb: %w", err)
	}
	w := &writer{f: f, next: 2}
	w.write(entries)
	if w.err == nil {
		w.err = f.Chmod(0o644)
	}
	if w.err == nil {
		w.err = f.Sync()
	}
	if err := f.Close(); w.err == nil {
		w.err = err
	}
	if w.err == nil {
		w.err = os.Rename(f.Name(), filepath.Join(path, "data.mdb"))
	}
	if w.err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("lmdb: %s: %w", path, w.err)
	}
	return nil
}

func (w *writer) put(at uint64, b []byte) {
	if w.err == nil {
		_, w.err = w.f.WriteAt(b, int64(at)*pageSize)
	}
}

// begin starts a leaf or branch page.
func (w *writer) begin() {
	w.leaf, w.nodes, w.lower, w.upper = make([]byte, pageSize), 0, headerSize, pageSize
}

// end writes the page under construction and returns its number.
func (w *writer) end(flags uint16) uint64 {
	n := w.next
	w.next++
	binary.LittleEndian.PutUint64(w.leaf, n)
	binary.LittleEndian.PutUint16(w.leaf[10:], flags)
	binary.LittleEndian.PutUint16(w.leaf[12:], uint16(w.lower))
	binary.LittleEndian.PutUint16(w.leaf[14:], uint16(w.upper))
	w.put(n, w.leaf)
	return n
}

// node adds a node if there is room.
func (w *writer) node(lo, hi, flags uint16, key, data []byte) bool {
	size := (nodeSize + len(key) + len(data) + 1) &^ 1
	if w.upper-w.lower < size+2 {
		return false
	}
	w.upper -= size
	n := w.leaf[w.upper:]
	binary.LittleEndian.PutUint16(n, lo)
	binary.LittleEndian.PutUint16(n[2:], hi)
	binary.LittleEndian.PutUint16(n[4:], flags)
	binary.LittleEndian.PutUint16(n[6:], uint16(len(key)))
	copy(n[nodeSize:], key)
	copy(n[nodeSize+len(key):], data)
	binary.LittleEndian.PutUint16(w.leaf[w.lower:], uint16(w.upper))
	w.lower += 2
	w.nodes++
	return true
}

// overflow writes a value on pages of its own.
func (w *writer) overflow(v []byte) uint64 {
	pages := (headerSize + len(v) + pageSize - 1) / pageSize
	b := make([]byte, pages*pageSize)
	n := w.next
	w.next += uint64(pages)
	w.pages[2] += uint64(pages)
	binary.LittleEndian.PutUint64(b, n)
	binary.LittleEndian.PutUint16(b[10:], flagOverflow)
	binary.LittleEndian.PutUint32(b[12:], uint32(pages))
	copy(b[headerSize:], v)
	w.put(n, b)
	return n
}

func (w *writer) write(entries iter.Seq2[[]byte, []byte]) {
	w.begin()
	var first []byte
	for k, v := range entries {
		if w.err != nil {
			return
		}
		if len(k) == 0 || len(k) > 511 || len(v) > maxValue || w.last != nil && bytes.Compare(k, w.last) <= 0 {
			w.err = fmt.Errorf("key %q: want 1 to 511 bytes, ascending, and values up to %d bytes", k, maxValue)
			return
		}
		w.last = bytes.Clone(k)
		size, data, flags := uint32(len(v)), v, uint16(0)
		if nodeSize+len(k)+len(v) > maxNode {
			data, flags = binary.LittleEndian.AppendUint64(nil, w.overflow(v)), nodeBig
		}
		if !w.node(uint16(size), uint16(size>>16), flags, k, data) {
			w.parents = append(w.parents, entry{first, w.end(flagLeaf)})
			w.pages[1]++
			w.begin()
			w.node(uint16(size), uint16(size>>16), flags, k, data)
		}
		if w.nodes == 1 {
			first = w.last
		}
		w.pages[3]++
	}
	root, depth := uint64(noPage), 0
	if w.pages[3] > 0 {
		w.parents = append(w.parents, entry{first, w.end(flagLeaf)})
		w.pages[1]++
		root, depth = w.branches()
	}
	w.meta(root, depth)
}

// branches builds the levels above the leaves and returns the root.
func (w *writer) branches() (root uint64, depth int) {
	level := w.parents
	for depth = 1; len(level) > 1; depth++ {
		var up []entry
		w.begin()
		var first []byte
		for _, e := range level {
			key := e.key
			if w.nodes == 0 {
				first, key = e.key, nil // the first key of a branch is empty
			}
			if !w.node(uint16(e.page), uint16(e.page>>16), uint16(e.page>>32), key, nil) {
				up = append(up, entry{first, w.end(flagBranch)})
				w.pages[0]++
				w.begin()
				first = e.key
				w.node(uint16(e.page), uint16(e.page>>16), uint16(e.page>>32), nil, nil)
			}
		}
		up = append(up, entry{first, w.end(flagBranch)})
		w.pages[0]++
		level = up
	}
	return level[0].page, depth
}

// meta writes the two first pages.
func (w *writer) meta(root uint64, depth int) {
	for i := range uint64(2) {
		b := make([]byte, pageSize)
		le := binary.LittleEndian
		le.PutUint64(b, i)
		le.PutUint16(b[10:], flagMeta)
		m := b[headerSize:]
		le.PutUint32(m, magic)
		le.PutUint32(m[4:], 1)
		le.PutUint64(m[16:], max(w.next*pageSize, 1<<20)) // map size
		free, main := m[24:], m[72:]
		le.PutUint32(free, pageSize)
		le.PutUint16(free[4:], 8) // integer keys
		le.PutUint64(free[40:], noPage)
		le.PutUint16(main[6:], uint16(depth))
		for k, n := range w.pages {
			le.PutUint64(main[8+8*k:], n)
		}
		le.PutUint64(main[40:], root)
		le.PutUint64(m[120:], w.next-1)
		le.PutUint64(m[128:], i)
		w.put(i, b)
	}
}
