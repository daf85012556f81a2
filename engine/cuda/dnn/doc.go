// Package dnn calls cuDNN's convolutions, which it finds when the process runs; without the tag cuda it is empty.
//
//	h, err := dnn.New(stream) // the context of the device is current
//	p, err := h.Plan(&c)      // the algorithm that cuDNN's heuristic likes best, and its memory
//	err = h.Run(p, x, w, y, workspace)
//
// cuDNN 8 and 9 have these entry points (package lib says where they are looked for). Arrays are row-major,
// [n c spatial…]; it knows convolutions and their two gradients alone.
package dnn
