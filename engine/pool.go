package engine

// allocate returns a Buffer of n bytes, 64-byte aligned.
func allocate(n int) *Buffer {
	return &Buffer{mem: make([]byte, n)}
}
