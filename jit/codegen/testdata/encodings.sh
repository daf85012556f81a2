#!/bin/sh
# Makes encodings.golden of encodings.s (written by go test -run Encodings -update): what GNU as encodes each line as.
# Recorded with GNU Binutils 2.40.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
# A marker in front of each line tells the bytes of one from those of the next.
{ echo '.intel_syntax noprefix'; sed 's/^/.byte 0x90,0xF4,0xF4,0x90; /' encodings.s; } > "$work/in.s"
as -o "$work/out.o" "$work/in.s"
objcopy -O binary -j .text "$work/out.o" "$work/out.bin"
od -An -v -tx1 "$work/out.bin" | tr -d ' \n' | sed 's/90f4f490/\n/g' | sed 1d > "$work/hex"
paste "$work/hex" encodings.s > encodings.golden
