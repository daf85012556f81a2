package engine

import "sync/atomic"

var tf32 atomic.Bool

// AllowTF32 lets GPUs round the operands of products and convolutions of f32 to TF32, which keeps 10 bits of the
// mantissa and is several times as fast. It is off, as torch.backends.cuda.matmul.allow_tf32 is.
func AllowTF32(on bool) { tf32.Store(on) }

// TF32 reports what AllowTF32 was told.
func TF32() bool { return tf32.Load() }
