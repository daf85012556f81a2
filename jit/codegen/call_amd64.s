//go:build linux

#include "textflag.h"

// func callCode(code, args unsafe.Pointer, n uintptr)
// The code is a leaf without a frame: it leaves SP and BP alone and uses nothing of the stack but its return
// address.
TEXT ·callCode(SB), NOSPLIT, $16-24
	MOVQ code+0(FP), AX
	MOVQ args+8(FP), DI
	MOVQ n+16(FP), DX
	CALL AX
	RET
