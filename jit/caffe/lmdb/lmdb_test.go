package lmdb

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestWhatIsWrittenIsRead goes through several levels of pages, and values that have pages of their own.
func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, n := range []int{0, 1, 50, 20000} {
		dir := filepath.Join(t.TempDir(), "db")
		value := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, i%97+i%11*i%6000) }
		err := Create(dir, func(yield func(k, v []byte) bool) {
			for i := range n {
				if !yield(fmt.Appendf(nil, "%08d", i), value(i)) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		db, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if db.Len() != n {
			t.Errorf("Len is %d, want %d", db.Len(), n)
		}
		i := 0
		for k, v := range db.All() {
			if string(k) != fmt.Sprintf("%08d", i) || !bytes.Equal(v, value(i)) {
				t.Fatalf("entry %d is %q with %d bytes, want %d", i, k, len(v), len(value(i)))
			}
			i++
		}
		if db.Err() != nil || i != n {
			t.Errorf("read %d of %d entries: %v", i, n, db.Err())
		}
		db.Close()
	}
}

// TestDamageIsAnError cuts and changes a file at every place.
func TestDamageIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := Create(dir, func(yield func(k, v []byte) bool) {
		for i := range 40 {
			if !yield([]byte{byte(i + 1)}, make([]byte, i*200)) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "data.mdb"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(bytes.NewReader(b[:100]), 100); err == nil {
		t.Error("a file of 100 bytes is taken for a database")
	}
	for i := 0; i < len(b); i += 7 + i/40 {
		c := bytes.Clone(b)
		c[i] ^= 0xff
		db, err := New(bytes.NewReader(c), int64(len(c)))
		if err != nil {
			continue
		}
		n := 0
		for range db.All() {
			if n++; n > 1000 {
				t.Fatalf("byte %d changed: no end", i)
			}
		}
	}
}
