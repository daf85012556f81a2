// Package jit turns functions of tensors into graphs, and runs functions as graphs where that cannot change
// what they do.
//
//	g, err := jit.Trace(net, x) // a graph of one call: to look at, export, run
//	fmt.Println(g)
//	step := jit.Compile(func(x, y *eager.Tensor) *eager.Tensor { … loss.Backward(); opt.Step(); return loss })
//	loss := step.Call(x, y) // same result as the function
//
// Compile calls the Go function each time, so that branches, closures, hyperparameters and the like are
// always what Go says; only the work of the operators is put off and done as a whole where somebody reads a
// value, or at the end, by code planned for exactly this sequence of operators. docs/decisions tells why.
// It does not look at Go source and does not make graphs of other frameworks (jit/onnx).
package jit
