package jit

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/model"
)

// Save writes g to a file for package model, lathe model and Load: its operators, constants and states.
func (g *Graph) Save(path string) error {
	now := g.Graph.Clone()
	for i := range now.Nodes {
		n := &now.Nodes[i]
		n.Attrs = op.Later(n.Attrs, int(g.runs.Load()))
	}
	for i := range now.Consts {
		now.Consts[i].Data = onCPU(now.Consts[i].Data)
	}
	for i := range now.States {
		now.States[i].Data = onCPU(now.States[i].Data)
	}
	return model.Save(path, now)
}

// onCPU returns a in the memory of the CPU.
func onCPU(a engine.Array) engine.Array {
	if a.Device() == nil {
		return a
	}
	return eager.Over(a).To(eager.CPU).Storage()
}

// Load reads a graph that Save wrote.
func Load(path string) (*Graph, error) {
	m, err := model.Open(path)
	if err != nil {
		return nil, err
	}
	return FromGraph(m.Graph())
}
