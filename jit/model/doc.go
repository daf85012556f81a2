// Package model keeps graphs in files and runs them without notebook, tape or Go source of the network.
//
//	err := model.Save("net.lathe", g)      // g from jit.Trace: g.Graph
//	m, err := model.Open("net.lathe")      // weights are mapped, not read
//	y, err := m.Run([]engine.Array{x})
//	fmt.Println(m.Info())
//	m.Close()
//
// It needs no cgo and builds wherever Go does, js/wasm among them. It does not train: states of a graph
// change in memory, and Save writes them. It does not read other formats (jit/onnx).
package model
