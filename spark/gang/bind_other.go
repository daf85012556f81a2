//go:build !linux

package gang

import (
	"fmt"
	"runtime"
)

func bind(int, int) error {
	return fmt.Errorf("workers are bound to processors on Linux alone, not on %s; set Job.Bind off", runtime.GOOS)
}
