// Package shard trains one model whose parts are in several processes: linear layers cut into columns and rows,
// and stages of a pipeline.
//
//	up, err := shard.NewColumnLinear(w, w.Rank, w.Size, full1)    // every process has its part of the outputs
//	down, err := shard.NewRowLinear(w, w.Rank, w.Size, full2)     // … and of the inputs; the sum is whole again
//	y := down.Forward(up.Forward(x).GELU())                       // one sum forward, one backward
//
//	p, err := shard.NewPipeline(w, w.Rank, w.Size, stage, shard.PipelineOptions{MicroBatches: 4, In: []int{8, 256}})
//	loss, err := p.Step(x, func(y *t.Tensor, i int) *t.Tensor { return nn.CrossEntropy(y, labels(i)) })
//
// Processes are those of package parallel or of a gang. Results are those of one process but for the order of
// sums. The package does not divide a network by itself, and does not mix with parallel.DataParallel over the
// same processes.
package shard
