//go:build !amd64 && !arm64

package probe

import (
	"bytes"
	"runtime"
	"strconv"
)

// goroutine returns an identity of the running goroutine: its number in the header of its stack dump.
func goroutine() uintptr {
	var buf [64]byte
	f := bytes.Fields(buf[:runtime.Stack(buf[:], false)])
	n, err := strconv.ParseUint(string(f[1]), 10, 64)
	if err != nil {
		panic("probe: no goroutine number in " + string(buf[:]))
	}
	return uintptr(n)
}
