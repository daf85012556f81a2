package eager

import (
	"sync/atomic"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// anomalies counts the DetectAnomaly calls in progress.
var anomalies atomic.Int64

// DetectAnomaly runs f; backward passes meanwhile, of all goroutines, stop with an error that names the
// operator where a gradient is NaN for the first time. It reads every gradient: use it to look for a fault.
// Agrees with torch.autograd.detect_anomaly.
func DetectAnomaly(f func()) {
	if f == nil {
		engine.Fail("DetectAnomaly", "f is a nil func")
	}
	anomalies.Add(1)
	defer anomalies.Add(-1)
	f()
}

// checkNaN stops at a gradient of n's operands that is NaN.
func (n *node) checkNaN(dins []op.Value) {
	for i, v := range dins {
		g, ok := v.(*Tensor)
		if !ok || g == nil || !n.in[i].wanted() {
			continue
		}
		var bad []bool
		NoGrad(func() { bad = g.Detach().IsNaN().Bools() })
		count := 0
		for _, b := range bad {
			if b {
				count++
			}
		}
		if count > 0 {
			engine.Fail("Backward", "%s gave NaN for %d of %d elements of the gradient of operand %d (%v); look at "+
				"its operands before that call", n.def.Name, count, len(bad), i, n.in[i].typ)
		}
	}
}
