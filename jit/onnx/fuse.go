package onnx

import (
	"slices"

	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// mergePads lets convolutions pad themselves where a node of zeros in front of them does, as exporters of early
// versions write it.
func (g *graph) mergePads() {
	constants := map[int]*Tensor{}
	for _, i := range g.inits {
		if !slices.Contains(g.inSlots, i.slot) {
			constants[i.slot] = i.value
		}
	}
	reads := make([]int, g.slots)
	producer := map[int]*node{}
	for _, s := range g.outSlots {
		reads[s]++
	}
	for _, n := range g.nodes {
		for _, s := range n.in {
			if s >= 0 {
				reads[s]++
			}
		}
		for _, a := range n.attrs {
			if a.graph != nil {
				for _, c := range a.graph.captures {
					reads[c.outer]++
				}
			}
		}
		for _, s := range n.out {
			if s >= 0 {
				producer[s] = n
			}
		}
	}
	merged := map[*node]bool{}
	for _, n := range g.nodes {
		if n.op != "Conv" || n.domain != "" || n.called || len(n.in) == 0 || reads[n.in[0]] != 1 {
			continue
		}
		p := producer[n.in[0]]
		if p == nil || p.op != "Pad" || p.domain != "" || p.called {
			continue
		}
		if pads := p.spatialPads(constants); pads != nil && n.addPads(pads) {
			n.in[0] = p.in[0]
			merged[p] = true
		}
	}
	g.nodes = slices.DeleteFunc(g.nodes, func(n *node) bool { return merged[n] })
}

// spatialPads returns the pads of a node that adds zeros around spatial axes alone; nil for others.
func (n *node) spatialPads(constants map[int]*Tensor) []int {
	if n.float("value", 0) != 0 {
		return nil
	}
	if n.version >= 11 && len(n.in) > 2 && n.in[2] >= 0 {
		v := constants[n.in[2]]
		if v == nil || v.Type == String || v.Numel() != 1 || v.Data.Item() != 0 {
			return nil
		}
	}
	return n.constantPads(constants)
}

// constantPads is spatialPads for any value around.
func (n *node) constantPads(constants map[int]*Tensor) []int {
	if mode := n.string("mode", "constant"); mode != "constant" {
		return nil
	}
	pads := n.ints("pads")
	if n.version >= 11 {
		if len(n.in) > 3 && n.in[3] >= 0 || len(n.in) < 2 || constants[n.in[1]] == nil ||
			constants[n.in[1]].Type != Int64 {
			return nil
		}
		pads = constants[n.in[1]].Data.Ints()
	}
	r := len(pads) / 2
	if r < 3 || len(pads)%2 != 0 || slices.ContainsFunc(pads, func(p int) bool { return p < 0 }) ||
		pads[0]+pads[1]+pads[r]+pads[r+1] != 0 {
		return nil
	}
	return slices.Concat(pads[2:r], pads[r+2:])
}

// addPads adds to the padding of a convolution, if that is given in numbers.
func (n *node) addPads(pads []int) bool {
	if auto := n.string("auto_pad", "NOTSET"); auto != "NOTSET" && auto != "" && auto != "VALID" {
		return false
	}
	sum := slices.Clone(pads)
	if own := n.ints("pads"); n.string("auto_pad", "") != "VALID" && own != nil {
		if len(own) != len(pads) {
			return false
		}
		for i, p := range own {
			sum[i] += p
		}
	}
	attrs := map[string]*attr{}
	for k, a := range n.attrs {
		attrs[k] = a
	}
	delete(attrs, "auto_pad")
	attrs["pads"] = &attr{kind: pb.AttributeProto_INTS, ints: sum}
	n.attrs = attrs
	return true
}
