//go:build !amd64 || !linux

package codegen

import (
	"fmt"
	"runtime"
	"unsafe"
)

// There is no machine code for this system: the interpreter runs all loops.

type (
	code    struct{}
	routine struct{}
	block   []uint64
)

func compile(*Loop) (*code, error) {
	return nil, fmt.Errorf("there is no machine code on %s/%s", runtime.GOOS, runtime.GOARCH)
}

func (*code) routine(uint64) *routine { return nil }

func (*code) block() block { return nil }

func (block) set(int, unsafe.Pointer) {}

func (*routine) call(block, int) {}
