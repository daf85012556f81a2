// Package cuda is the NVIDIA GPU as an op.Device. A binary that imports it and is built with the tag cuda has
// the devices that t.CUDA(i) opens; without the tag the package is empty.
//
//	import _ "github.com/lathe-ml/lathe/engine/cuda"
//
//	dev := eager.CUDA(0)
//	y := x.To(dev).MatMul(w.To(dev)) // runs on the GPU
//	fmt.Println(y)                   // copies back
//
// Kernels are written by package source, compiled by package nvrtc when first needed and kept on disk; memory
// comes from a caching allocator; all work of a device goes to one stream of gorgonia.org/cu. The driver is
// found at run time (package shim). docs/cuda.md says which operators there are and what has been proven how.
// The package does not choose where tensors go, and never computes on the CPU what the GPU lacks.
package cuda
