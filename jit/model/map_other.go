//go:build !linux && !darwin

package model

import "os"

// mapFile reads a file into memory.
func mapFile(path string) (b []byte, unmap func() error, err error) {
	b, err = os.ReadFile(path)
	return b, func() error { return nil }, err
}
