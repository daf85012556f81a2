package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// PromoteTypes returns the dtype of results of operators on tensors of dtypes a and b.
// Agrees with torch.promote_types.
func PromoteTypes(a, b engine.DType) engine.DType { return engine.Promote(a, b) }

// ResultType returns the dtype of results of operators on x and y, tensors or Go numbers, which take part by
// their category only. Agrees with torch.result_type.
func ResultType(x, y any) engine.DType {
	a, b := operand("ResultType", x).Type(), operand("ResultType", y).Type()
	a.Shape, b.Shape = nil, nil
	r, err := op.Add.Resolve(nil, []op.Type{a, b})
	if err != nil {
		panic(err)
	}
	return r.Out[0].DType
}

// CanCast reports whether values of dtype from may be stored as dtype to: not complex as real, floating-point
// as integers, or numbers as Bool. Agrees with torch.can_cast.
func CanCast(from, to engine.DType) bool {
	switch {
	case from.IsComplex() && !to.IsComplex():
		return false
	case from.IsFloat() && to.IsInt() && to != engine.Bool:
		return false
	case from != engine.Bool && to == engine.Bool:
		return false
	}
	return true
}
