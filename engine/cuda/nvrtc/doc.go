// Package nvrtc compiles CUDA C by NVIDIA's run-time compiler, which it finds when it is first used: nothing of
// it is linked.
//
//	image, err := nvrtc.Compile(source, "sm_80")
//
// With the build tag cuda alone; it needs cgo but neither a GPU nor NVIDIA's headers. It keeps no results:
// package engine/cuda does.
package nvrtc
