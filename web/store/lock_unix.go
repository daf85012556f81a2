//go:build unix

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock takes the log for this process; the operating system releases it with the file.
func lock(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}
