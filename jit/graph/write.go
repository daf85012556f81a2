package graph

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// Write is what a change of a part in place becomes: root with src at the positions Offset + Σ i·Strides of
// its elements, read row-major. It exists in graphs only.
var Write = &op.Def{
	Domain: "graph", Name: "Write", Inputs: []string{"root", "src"}, Outputs: []string{"y"},
	Attrs: op.StridedAttrs{}, Promote: op.KeepTypes,
	Doc: "Write returns root with src in the places that Shape, Strides and Offset name.",
	Rule: func(a op.Attrs, in []op.Type) ([]op.Type, error) {
		p := a.(op.StridedAttrs)
		if !p.Shape.Equal(in[1].Shape) || in[0].DType != in[1].DType {
			return nil, fmt.Errorf("src does not have type %v%v", in[0].DType, p.Shape)
		}
		return in[:1:1], nil
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		p := a.(op.StridedAttrs)
		must(cpu.Copy(out[0], in[0]))
		part := out[0]
		part.Offset, part.Shape, part.Strides = part.Offset+p.Offset, p.Shape, p.Strides
		must(cpu.Copy(part, in[1]))
	},
}

func must(err error) {
	if err != nil {
		panic(&engine.Error{Where: "Write", What: err.Error()})
	}
}
