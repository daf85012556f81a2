// Package pb holds the messages of ONNX files, generated from the public schema of ONNX 1.23.2
// (onnx.proto and onnx-data.proto, Apache-2.0, copyright ONNX Project Contributors) by protoc and
// protoc-gen-go:
//
//	M='github.com/lathe-ml/lathe/jit/onnx/pb;pb'
//	protoc -I. --go_out=. --go_opt=paths=source_relative \
//		--go_opt=Monnx.proto="$M" --go_opt=Monnx-data.proto="$M" onnx.proto onnx-data.proto
//
// It gives them no meaning: package onnx does.
package pb
