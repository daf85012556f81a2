// Package quant turns graphs of f32 into graphs of 8-bit layers.
//
//	g, _ := jit.Trace(net, x)                                   // in evaluation mode
//	q, report, err := quant.Static(g.Graph, quant.Batches(b...), quant.Options{})
//	fmt.Print(report)                                           // error of each layer, agreement of the outputs
//	err = model.Save("net-int8.lathe", q)
//
// Convolutions and dense layers with constant weights become op.QuantConv and op.QuantLinear: weights are
// signed bytes with one scale for each output channel, activations bytes with one scale and zero point, sums
// exact. A sum with a residual, ReLU and Clamp behind a layer become part of it; what lies between two layers
// and only moves bytes or takes their largest stays in bytes, everything else in f32. It does not train
// (package nn's FakeQuantize does) and does not choose other widths than 8 bits.
//
// Dynamic needs no examples: dense layers, products with a constant matrix, LSTMs and GRUs become
// graph.DynamicLinear and its kind, which make bytes of what they read in each run.
//
// Method: Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
// Inference, 2018; Krishnamoorthi, Quantizing deep convolutional networks for efficient inference, 2018.
package quant
