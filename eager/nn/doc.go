// Package nn holds layers, losses and initialisers for training networks on package eager.
//
//	net := nn.NewSequential(nn.NewFlatten(), nn.NewLinear(784, 128), nn.NewReLU(), nn.NewLinear(128, 10))
//	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1})
//	loss := nn.CrossEntropy(net.Forward(x), labels)
//	loss.Backward()
//	opt.Step()
//
// A module of the user's own embeds Base, adds its children to it and has a Forward method; this works
// the same in compiled code and in a cell:
//
//	type Net struct {
//		nn.Base
//		fc1, fc2 *nn.Linear
//	}
//
//	func NewNet() *Net {
//		n := &Net{fc1: nn.NewLinear(784, 128), fc2: nn.NewLinear(128, 10)}
//		n.Add("fc1", n.fc1)
//		n.Add("fc2", n.fc2)
//		return n
//	}
//
//	func (n *Net) Forward(x *eager.Tensor) *eager.Tensor {
//		return n.fc2.Forward(n.fc1.Forward(x.Flatten(1)).ReLU())
//	}
//
// A layer that is assigned to a field but not given to Add computes and is not trained; Summary shows what
// is registered.
//
// Names, layouts and defaults of parameters are PyTorch's, so that state dicts fit. Layers panic with
// *engine.Error when shapes do not fit. Optimizers are in eager/optim, files in eager/checkpoint.
package nn
