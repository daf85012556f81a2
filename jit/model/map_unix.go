//go:build linux || darwin

package model

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a file into memory, for reading only.
func mapFile(path string) (b []byte, unmap func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if n := st.Size(); n == 0 || n != int64(int(n)) {
		return nil, nil, fmt.Errorf("%s has %d bytes", path, n)
	}
	b, err = unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, nil, fmt.Errorf("%s cannot be mapped: %w", path, err)
	}
	return b, func() error { return unix.Munmap(b) }, nil
}
