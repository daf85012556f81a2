package jit

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// mayFail reports whether operator c may panic because of the values of its operands. Such an operator is
// computed at once, so that its error appears where it is called and code there can recover from it.
// Indices that are known already are looked at instead.
func mayFail(c *eager.Application) bool {
	d := c.Def
	switch d {
	case op.FloorDiv, op.Mod, op.Fmod, op.TruncDiv:
		return !c.In[0].DType.IsFloat() && !c.In[1].DType.IsFloat() && !within(c.In[1], 1, 1<<62)
	case op.IndexSelect, op.Gather, op.Scatter, op.ScatterAdd, op.IndexAdd:
		return !within(c.In[1], 0, c.In[0].Shape[c.Attrs.(op.AxisAttrs).Axis])
	case op.ScatterReduce:
		return !within(c.In[1], 0, c.In[0].Shape[c.Attrs.(op.ScatterReduceAttrs).Axis])
	case op.CrossEntropy:
		return !within(c.In[1], 0, c.In[0].Shape[c.Attrs.(op.CrossEntropyAttrs).Axis])
	}
	return d.Domain != "" && d != ifDef && d != whileDef || factorizations[d.Name]
}

// factorizations may meet matrices that they cannot factor.
var factorizations = map[string]bool{
	"Cholesky": true, "CholeskySolve": true, "Eig": true, "EigH": true, "Householder": true, "LogDet": true,
	"LU": true, "PInv": true, "QR": true, "SVD": true, "Solve": true, "SolveTriangular": true,
}

// mostIndices is the number of indices up to which they are looked at.
const mostIndices = 1 << 16

// within reports whether a is known to hold integers from lo to hi−1 only.
func within(a engine.Array, lo, hi int) bool {
	if a.Device() != nil || a.Buf.DeferredBy() != nil || a.Numel() > mostIndices || !a.DType.IsInt() {
		return false
	}
	for _, v := range eager.Over(a).Ints() {
		if v < lo || v >= hi {
			return false
		}
	}
	return true
}
