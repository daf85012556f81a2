// Package nvml asks NVIDIA's management library how busy a GPU is, and how much of its memory all processes use.
//
//	g, err := nvml.Open("00000000:01:00.0")
//	u, err := g.Usage() // u.Busy is the part of the last period in which a kernel ran
//
// The library comes with the driver and is opened when it is first wanted. The package makes no context and gives the GPU no work.
package nvml
