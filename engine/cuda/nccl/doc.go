// Package nccl calls NCCL, which it finds when the process runs; without the tag cuda it is empty.
//
//	c, err := nccl.New([]int{0, 1}) // devices of this process
//	err = c.AllReduce(parts, n, engine.F32, nccl.Avg) // one part for each device, with its stream
//
// The library is libnccl.so.2 (package lib says where it is looked for). All devices belong to one process, which
// gives the work of all in one group of calls.
package nccl
