package learn_test

import (
	"runtime"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// TestAMatrixOutlivesTheTensorItWasMadeOf lets tensors go and takes memory of their size from the pool: the matrix keeps its
// numbers.
func TestAMatrixOutlivesTheTensorItWasMadeOf(t *testing.T) {
	const n = 5000
	for _, dtype := range []engine.DType{eager.F64, eager.F32} {
		m := learn.FromTensor(eager.Full(7, n).To(dtype))
		for range 10 {
			runtime.GC()
			for range 4 {
				eager.Full(3, n).To(eager.F64).Mul(2)
			}
		}
		for i, v := range m.Data {
			if v != 7 {
				t.Fatalf("element %d of a matrix of %v became %g", i, dtype, v)
			}
		}
	}
}
