//go:build !linux

package codegen

func interruptSelf() {}
