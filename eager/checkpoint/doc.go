// Package checkpoint reads and writes tensors as safetensors and NumPy files, reads the state dicts of
// PyTorch, and saves a training run so that it continues where it stopped.
//
//	err := checkpoint.Save("net.safetensors", net.StateDict(), nil)
//	file, err := checkpoint.Load("net.safetensors")
//	err = net.LoadStateDict(file.Tensors)
//	err = checkpoint.SaveTraining("run.safetensors", checkpoint.Training{Model: net, Optimizer: opt, Step: n})
//
// Files are written beside their place and renamed, so that a crash or a full disk leaves the old file.
// Headers are checked strictly before anything is allocated. The package executes nothing that a file
// contains: of PyTorch's files it reads plain data, never modules, and it does not write them.
// Source: the safetensors format, github.com/huggingface/safetensors.
package checkpoint
