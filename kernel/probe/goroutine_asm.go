//go:build amd64 || arm64

package probe

// goroutine returns an identity of the running goroutine: the address of its descriptor, which is
// stable while the goroutine lives.
func goroutine() uintptr
