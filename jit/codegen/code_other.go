//go:build !amd64 || !linux

package codegen

// There is no machine code for this system: the interpreter runs all loops.

type (
	code    struct{}
	routine struct{}
	block   []uint64
)

func compile(*Loop) *code { return nil }

func (*code) routine(uint64) *routine { return nil }

func (*code) block() block { return nil }

func (block) set(int, *float32) {}

func (*routine) call(block, int) {}
