// Package caffe reads, runs and trains networks of Caffe: prototxt, caffemodel and solver files.
//
//	net, err := caffe.Load("deploy.prototxt", "weights.caffemodel")
//	if err != nil { … }
//	out, err := net.Forward(map[string]*eager.Tensor{"data": x})
//	p := out["prob"]
//
// Files of all three generations of the format are taken, and the layers that forks for detection added. Each layer
// runs as operators of package eager, so a network can be trained further with any optimizer (Net.Parameters),
// by the rules of a solver file (LoadSolver), and traced.
//
// A file is taken for hostile: extents are checked before memory is asked for. Layers of Caffe's Python plug-in and unknown
// layers are an error, unless Register gave them a meaning.
package caffe
