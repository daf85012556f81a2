package notebook

import (
	"crypto/rand"
	"encoding/hex"
)

// NewID returns a random cell id of 8 hexadecimal digits, the form that Jupyter writes.
func NewID() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
