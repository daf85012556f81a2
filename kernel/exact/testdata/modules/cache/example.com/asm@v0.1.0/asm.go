// Package asm has assembly.
package asm

func Fast(x int) int
