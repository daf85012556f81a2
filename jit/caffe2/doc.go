// Package caffe2 reads and runs networks of Caffe2: NetDef messages, binary or as text.
//
//	net, err := caffe2.Load("predict_net.pb", "init_net.pb")
//	if err != nil { … }
//	out, err := net.Run(map[string]*eager.Tensor{"data": x})
//	p := out["softmax"]
//
// An init net fills the weights, a predict net computes with them; a net may do both. Operators run as operators of package
// eager, so a net can be traced, converted and trained further (Net.Parameters). Operators for bytes (Int8…), of control flow, of
// data bases and of gradients are refused when the net is read, with their names.
package caffe2
