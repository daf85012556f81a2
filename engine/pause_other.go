//go:build !amd64

package engine

// pause spends some nanoseconds.
//
//go:noinline
func pause() {
	for range 30 {
	}
}
