//go:build !amd64

package engine

// pause spends some nanoseconds.
//
//go:noinline
func pause() {
	for range 30 {
	}
}

// processor is not known.
func processor() uint32 { return 0 }

func sameCPU(uint32) bool { return false }
