// Package blas calls cuBLAS, which it finds when the process runs; without the tag cuda it is empty.
//
//	h, err := blas.New() // the context of the device is current
//	err = h.Prepare(stream, workspace, bytes)
//	err = h.Product(&p) // c = a·b
//
// The libraries are those of CUDA 11 to 13 (package lib says where they are looked for). It knows products of
// matrices alone, in batches that lie at equal distances.
package blas
