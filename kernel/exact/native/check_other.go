//go:build !amd64

package native

import (
	"errors"
	"runtime"
)

// Check reports why this package cannot be used.
func Check() error { return errors.New("no method stubs for " + runtime.GOARCH) }
