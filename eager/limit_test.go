package eager_test

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func TestAResultAboveTheMemoryLimitIsRefused(t *testing.T) {
	x := eager.Ones(24 << 20)
	size := int64(x.Numel() * x.DType().Size())
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(engine.Memory().Allocated + size/2))
	defer func() {
		runtime.KeepAlive(x)
		e, ok := recover().(*engine.Error)
		if !ok || !strings.Contains(e.Error(), "memory") {
			t.Errorf("x.Neg() ended with %v, want an error about memory", e)
		}
	}()
	x.Neg()
}
