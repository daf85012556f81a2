package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// dynamic packs the weights of layers with 8-bit weights on numbers, if they and their scales are constant.
func (p *packer) dynamic(n *graph.Node) {
	switch n.Def {
	case graph.DynamicLinear:
		data, known := p.constants(n.In[1:])
		if !known {
			return
		}
		w, err := graph.PackDynamic(data[0], data[1], n.Attrs.(graph.DynamicAttrs).ByRow)
		check(err)
		a := graph.PackedDynamicAttrs{Weights: w, Weight: data[0].Shape}
		if len(data) > 2 {
			a.Bias = clone(data[2]).F32()
		}
		n.Def, n.Attrs, n.In = graph.PackedDynamic, a, n.In[:1:1]
	case graph.DynamicConv:
		data, known := p.constants(n.In[1:])
		if !known {
			return
		}
		a := graph.PackedDynamicConvAttrs{ConvAttrs: n.Attrs.(op.ConvAttrs), Weight: data[0].Shape}
		var err error
		a.Filters, err = graph.PackDynamicFilters(data[0], data[1], a.ConvAttrs)
		check(err)
		if len(data) > 2 {
			a.Bias = clone(data[2]).F32()
		}
		n.Def, n.Attrs, n.In = graph.PackedDynamicConv, a, n.In[:1:1]
	case graph.DynamicLSTM:
		p.recurrent(n, graph.PackedDynamicLSTM, op.NewByteRecurrent(op.LSTM))
	case graph.DynamicGRU:
		p.recurrent(n, graph.PackedDynamicGRU, op.NewByteRecurrent(op.GRU))
	}
}

// recurrent makes n the operator d with packed weights.
func (p *packer) recurrent(n *graph.Node, d *op.Def, layer op.ByteRecurrent) {
	at, end := layer.Weights(), layer.Operands()
	data, known := p.constants(append(slices.Clone(n.In[at:at+2]), n.In[end:]...))
	if !known {
		return
	}
	a := graph.PackedRecurrentAttrs{
		RecurrentAttrs: n.Attrs.(op.RecurrentAttrs), WeightsIn: data[0].Shape, WeightsHh: data[1].Shape,
	}
	var err error
	a.Wih, err = graph.PackDynamic(data[0], data[2], true)
	check(err)
	a.Whh, err = graph.PackDynamic(data[1], data[3], true)
	check(err)
	n.Def, n.Attrs, n.In = d, a, slices.Delete(slices.Clone(n.In[:end]), at, at+2)
}

// constants returns the data of values, if all are constant.
func (p *packer) constants(values []graph.Value) ([]engine.Array, bool) {
	data := make([]engine.Array, len(values))
	for i, v := range values {
		d, known := p.g.ConstOf(v)
		if !known {
			return nil, false
		}
		data[i] = d
	}
	return data, true
}
