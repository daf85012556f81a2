//go:build !linux

package engine

// hugePages does nothing: the system decides.
func hugePages([]byte) {}
