#include "textflag.h"

// Stubs of methods. Stub i loads the i-th pointer of the table into the context register and jumps
// to the code that it begins with, as a call of a function value does. Method tables need addresses
// of code; these are the only ones.

#define S(i) MOVQ ·stubFuncs+((i)*8)(SB), DX; MOVQ (DX), R12; JMP R12;
#define S8(i) S(i) S(i+1) S(i+2) S(i+3) S(i+4) S(i+5) S(i+6) S(i+7)
#define S64(i) S8(i) S8(i+8) S8(i+16) S8(i+24) S8(i+32) S8(i+40) S8(i+48) S8(i+56)
#define S512(i) S64(i) S64(i+64) S64(i+128) S64(i+192) S64(i+256) S64(i+320) S64(i+384) S64(i+448)
#define S4096(i) S512(i) S512(i+512) S512(i+1024) S512(i+1536) S512(i+2048) S512(i+2560) S512(i+3072) S512(i+3584)

GLOBL ·stubFuncs(SB), NOPTR, $(16384*8)

TEXT ·stubTable(SB), NOSPLIT, $0-16
	LEAQ ·stubCode(SB), AX
	MOVQ AX, code+0(FP)
	LEAQ ·stubFuncs(SB), AX
	MOVQ AX, table+8(FP)
	RET

TEXT ·stubsEnd(SB), NOSPLIT, $0-8
	LEAQ ·stubEnd(SB), AX
	MOVQ AX, ret+0(FP)
	RET

TEXT ·stubCode(SB), NOSPLIT, $0-0
	S4096(0) S4096(4096) S4096(8192) S4096(12288)

TEXT ·stubEnd(SB), NOSPLIT, $0-0
	RET
