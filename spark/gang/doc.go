// Package gang runs a program of Go in the executors of a Spark cluster: one process for each part of the data,
// all at the same time, connected with each other.
//
//	var train = gang.Register("train", func(w *gang.Worker) error {
//		x, err := w.Tensors("features", "label")            // this rank's rows
//		ddp, err := gang.NewDataParallel(w, net)            // gradients are averaged over all ranks
//		return w.EmitRow([]string{"rank", "loss"}, w.Rank, loss)
//	})
//	func main() { gang.Main(); … ; out, err := gang.Job{Workers: 4, Task: "train", Input: rows, Output: "rank bigint, loss double"}.Run(session) }
//
// Run sends the program to the cluster as an artifact of the session, and a small data source of Spark that
// starts it: one barrier stage, so that all workers run or none. Spark feeds each worker its rows, or the
// workers read files themselves. What they emit is a DataFrame, computed once. When a worker, or an executor,
// dies, Spark starts the whole gang again, and the task goes on from its last checkpoint. Local runs the same
// task in processes of this machine, without Spark. In a notebook the program is lathe itself, and Job.Task names a
// function of its cells, which is sent with what it needs of them. Tasks of several programs do not mix.
package gang
