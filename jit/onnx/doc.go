// Package onnx reads and runs ONNX models.
//
//	m, err := onnx.Load("model.onnx")
//	if err != nil { … }
//	out, err := m.Run(map[string]onnx.Value{"x": onnx.FromTensor(x)})
//	y := out["y"].(*onnx.Tensor).Data
//
// Each node runs as operators of package eager, so that weights can be trained (Model.Parameters) and the
// run can be traced. Operators mean what the version of the operator set says that the model imports: 1 to
// 28 of ai.onnx, 1 to 5 of ai.onnx.ml. Types that tensors do not have (uint16, uint32, uint64, 8-, 4- and
// 2-bit floats and integers) are carried by wider ones; see ElemType. Strings, sequences, optionals and maps
// are values of their own.
//
// A file is taken for hostile: sizes are checked before memory is asked for, external data stays in the
// model's folder, subgraphs and functions have a greatest depth, and a graph with a cycle is an error.
//
// It does not optimize: package jit does.
package onnx
