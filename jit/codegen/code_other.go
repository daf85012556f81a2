//go:build !amd64 || !linux

package codegen

// code is machine code, which there is for amd64 only.
type code struct{}

func compile(*Loop) *code { return nil }

func (*code) run(*Loop, *geometry) {}
