//go:build !amd64

package native

const (
	stubCount = 0
	stubSize  = 1
)

func stubTable() (code uintptr, table P) { return 0, nil }
