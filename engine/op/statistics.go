package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// SearchAttrs say on which side of equal elements a position lies.
type SearchAttrs struct{ Right bool }

// SearchSorted finds positions in ordered values.
var SearchSorted = Register(&Def{
	Name: "SearchSorted", Inputs: []string{"sorted", "values"},
	Doc: "SearchSorted returns the index (i64) at which each of values would keep sorted in order: before " +
		"elements equal to it, or after them with Right. NaN counts as greatest.\n" +
		"sorted ascends along its last axis and has one axis, or the leading axes of values. Agrees with " +
		"torch.searchsorted.",
	Attrs: SearchAttrs{}, Promote: ToCommon,
	Rule: func(_ Attrs, in []Type) ([]Type, error) {
		s, v := in[0].Shape, in[1].Shape
		if len(s) == 0 || len(s) > 1 && (len(s) != len(v) || !s[:len(s)-1].Equal(v[:len(v)-1])) {
			return nil, fmt.Errorf("sorted must have one axis, or the leading axes of values")
		}
		return []Type{{DType: engine.I64, Shape: v}}, nil
	},
	CPU: func(a Attrs, out, in []engine.Array) {
		check("SearchSorted", cpu.SearchSorted(out[0], in[0], in[1], a.(SearchAttrs).Right))
	},
	Cases: func() []Case { return searchCases() },
})

func searchCases() []Case {
	var cases []Case
	for i, t := range []engine.DType{engine.F32, engine.F64, engine.I64, engine.F32} {
		cases = append(
			cases, Case{
				Name: fmt.Sprintf("%v vector %d", t, i), Attrs: SearchAttrs{Right: i%2 == 1},
				In:   []Type{{DType: t, Shape: engine.Shape{5}}, {DType: t, Shape: engine.Shape{2, 3}}},
				Data: [][]float64{{0, 1, 1, 2, 4}, {-1, 0, 1, 3, 4, 9}},
			}, Case{
				Name: fmt.Sprintf("%v rows %d", t, i), Attrs: SearchAttrs{Right: i%2 == 0},
				In:   []Type{{DType: t, Shape: engine.Shape{2, 5}}, {DType: t, Shape: engine.Shape{2, 2}}},
				Data: [][]float64{{0, 1, 1, 2, 4, 5, 5, 6, 7, 9}, {1, 3, 5, 9}},
			})
	}
	return append(cases, Case{
		Name: "nothing", Attrs: SearchAttrs{},
		In: []Type{{DType: engine.F32, Shape: engine.Shape{0}}, {DType: engine.F32, Shape: engine.Shape{2}}},
	})
}
